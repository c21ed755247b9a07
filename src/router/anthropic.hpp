#pragma once

#include "router/provider.hpp"

namespace byok {

/// Anthropic's messages. The API version is a header of the provider's row, not of this code.
/// Facts: the messages reference at platform.claude.com.
class Anthropic final : public Provider {
 public:
  [[nodiscard]] http::Request BuildRequest(const ProviderConfig& provider,
                                           const Question& question) const override;
  [[nodiscard]] http::Request BuildVerification(const ProviderConfig& provider) const override;
  [[nodiscard]] Reply ParseReply(const http::Response& response,
                                 std::string_view key) const override;
  [[nodiscard]] Reply ParseVerification(const http::Response& response,
                                        std::string_view key) const override;
};

}  // namespace byok
