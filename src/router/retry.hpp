#pragma once

#include <optional>

#include "http/message.hpp"

namespace byok {

/// Attempts with one key, the first included, whatever the provider's row says.
constexpr int kMaxAttemptsPerKey = 3;

/// What the provider asks to wait: `retry-after-ms`, else `retry-after` as seconds or as an HTTP
/// date (RFC 9110 §10.2.3), which is taken relative to the response's own `Date`, so that neither a
/// clock nor its skew matters. Nothing when absent, unreadable, zero or negative.
std::optional<http::Milliseconds> ReadRetryAfter(const http::Response& response);

/// The pause before the retry after `attempts` attempts: what the provider asked for, else the
/// back-off of the official SDKs, min(0.5·2ⁿ, 8) s less up to a quarter of it by chance.
/// `jitter` is in [0, 1).
http::Milliseconds RetryPause(int attempts, std::optional<http::Milliseconds> retry_after,
                              double jitter);

}  // namespace byok
