#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "router/leg.hpp"

namespace byok {

enum class BreakerState { kClosed, kOpen, kHalfOpen };
std::string_view BreakerStateName(BreakerState state);  ///< "closed", "open", "half_open"

/// What an ended attempt says of its provider.
enum class Sign {
  kAlive,    ///< it answered, or complained about the question, the key or the quota
  kFailing,  ///< it was not there, not able, or not in time
  kNone,     ///< neither: what it sent was no answer and no error, or nothing was sent
};
Sign SignOf(const Attempt& attempt);

/// Keeps calls from a provider that fails, so that nobody waits for it in vain.
///
///   closed ─5 failures in a row─▶ open ─10, 20, 40, 60 s─▶ half-open ─alive─▶ closed
///                                   ▲                          │
///                                   └──────the probe failed────┘
///
/// Any sign of life closes it, also one of a call that was sent before it opened. No I/O, no clock.
class Breaker {
 public:
  static constexpr int kFailuresToOpen = 5;
  static constexpr http::Milliseconds kFirstPause{10'000};
  static constexpr http::Milliseconds kLongestPause{60'000};

  enum class Pass { kFree, kProbe, kRefused };
  /// Whether a call may be made. Half-open, one at a time is, as the probe: its holder must come
  /// back with Report or Release.
  Pass Request(http::TimePoint now);
  /// A call ended. `was_probe` gives the probe back.
  void Report(Sign sign, bool was_probe, http::TimePoint now);
  /// The probe was never sent: another call may be it.
  void Release() { probing_ = false; }

  /// Half-open as soon as the pause is over.
  [[nodiscard]] BreakerState state(http::TimePoint now) const;
  /// When it lets a probe through; nothing when closed.
  [[nodiscard]] std::optional<http::TimePoint> open_until() const { return open_until_; }
  /// Failures in a row.
  [[nodiscard]] int failures() const { return failures_; }

 private:
  void Open(http::TimePoint now);

  int failures_ = 0;
  bool probing_ = false;
  http::Milliseconds pause_{0};  ///< of the last opening; 0 since it was closed
  std::optional<http::TimePoint> open_until_;
};

/// Why a call is refused: `provider "openai" failed 5 times in a row; not asked for another 8 s`.
std::string DescribeRefusal(std::string_view provider, const Breaker& breaker, http::TimePoint now);

}  // namespace byok
