#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/encoding.hpp"
#include "router/provider.hpp"
#include "router/redact.hpp"

namespace byok {

inline void Require(bool truth) {
  if (!truth) std::abort();
}

/// Statuses worth reading with: the first byte picks one.
constexpr int kStatuses[] = {200, 400, 401, 403, 404, 429, 500, 502, 503, 529, 301, 204};
constexpr std::string_view kFuzzKey = "sk-test-fuzz-key-0123456789";

/// Whatever a provider sends, the reply keeps its promises.
inline void CheckReply(const Reply& reply) {
  Require(!reply.usage || IsPlausible(*reply.usage));
  Require(!reply.may_retry || reply.state != CallState::kUnknown);
  if (const auto* answer = std::get_if<Answer>(&reply.outcome)) {
    Require(reply.state == CallState::kAnswered);
    Require(IsValidUtf8(answer->text) && answer->text.find('\0') == std::string::npos);
    return;
  }
  const std::string& message = std::get<LegError>(reply.outcome).message;
  Require(!message.empty() && message.size() <= 4 * kMaxProviderText && IsValidUtf8(message));
  Require(message.find(kFuzzKey) == std::string::npos);
}

inline void FuzzReply(const char* dialect, const std::uint8_t* data, std::size_t size) {
  if (size == 0) return;
  http::Response response;
  response.status = kStatuses[data[0] % std::size(kStatuses)];
  response.body.assign(reinterpret_cast<const char*>(data + 1), size - 1);
  const Provider& provider = *FindDialect(dialect);
  CheckReply(provider.ParseReply(response, kFuzzKey));
  CheckReply(provider.ParseVerification(response, kFuzzKey));
}

}  // namespace byok
