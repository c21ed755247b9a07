#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "http/message.hpp"
#include "router/leg.hpp"

namespace byok {

/// What a response means. An answer may be a refusal or empty: it is billed all the same.
struct Reply {
  std::variant<Answer, LegError> outcome;
  CallState state = CallState::kUnknown;
  bool may_retry = false;      ///< whether sending again is safe and may help
  std::string request_id;      ///< the provider's, for support
  std::optional<Usage> usage;  ///< also of a failed call that says it was billed
};

/// A provider's dialect: how to ask and how to read. Stateless; one object per dialect.
class Provider {
 public:
  virtual ~Provider() = default;
  /// The request for one question; the caller sets deadline and key.
  [[nodiscard]] virtual http::Request BuildRequest(const ProviderConfig& provider,
                                                   const Question& question) const = 0;
  /// The free request that proves a key.
  [[nodiscard]] virtual http::Request BuildVerification(const ProviderConfig& provider) const = 0;
  /// Reads any response, good or bad. Never fails: what cannot be read is a protocol_error.
  /// `key` is the one the request carried: error texts may echo it, messages never do.
  [[nodiscard]] virtual Reply ParseReply(const http::Response& response,
                                         std::string_view key) const = 0;
  /// Reads the response to BuildVerification: a key that is valid but restricted is an answer.
  [[nodiscard]] virtual Reply ParseVerification(const http::Response& response,
                                                std::string_view key) const = 0;
};

/// "openai" or "anthropic"; nullptr for any other name.
const Provider* FindDialect(std::string_view name);
/// The names, for hints: `"openai" and "anthropic"`.
std::string DialectNames();

}  // namespace byok
