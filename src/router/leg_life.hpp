#pragma once

#include <cstddef>
#include <optional>
#include <variant>

#include "http/message.hpp"
#include "router/provider.hpp"

namespace byok {

/// What bounds one leg.
struct LegLimits {
  std::size_t keys = 1;  ///< how many there are to try, in their order
  int max_retries = 2;   ///< per key
  http::TimePoint deadline;
};

/// Send attempt `number` (from 1, counted over all keys) with key `key`. A host that must commit an
/// intent before money can be spent does so between receiving this and sending.
struct SendAttempt {
  int number = 1;
  std::size_t key = 0;
};
/// Nothing is under way; call OnTimer at that time.
struct WaitUntil {
  http::TimePoint at;
};
/// The leg is over; the last reply stands, unless Interrupt ended it.
struct LegDone {};

using LegAction = std::variant<SendAttempt, WaitUntil, LegDone>;

/// The life of one provider's part of a request: events in, the next action out. No I/O, no clock.
///
///   Start ─▶ sending ─OnReply─▶ done | waiting | sending (next key)
///   waiting ─OnTimer─▶ sending          sending, waiting ─Interrupt─▶ done
///
/// A reply that may have been billed without an answer ends the leg: it is never sent again.
class LegLife {
 public:
  explicit LegLife(const LegLimits& limits) : limits_(limits) {}

  LegAction Start();
  /// Only while sending. `jitter` in [0, 1) spreads the back-off.
  LegAction OnReply(const Reply& reply, http::TimePoint now, double jitter);
  /// Only while waiting.
  LegAction OnTimer();
  /// The deadline came or the caller went. Returns whether an attempt was under way: what became
  /// of it is unknown.
  bool Interrupt();

  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }

 private:
  enum class Phase { kNew, kSending, kWaiting, kDone };

  LegAction Send();
  LegAction Finish();
  [[nodiscard]] std::optional<http::TimePoint> RetryAt(const Reply& reply, http::TimePoint now,
                                                       double jitter) const;
  [[nodiscard]] bool NextKeyMayHelp(const Reply& reply, const LegError& error,
                                    http::TimePoint now) const;

  LegLimits limits_;
  Phase phase_ = Phase::kNew;
  int attempts_ = 0;
  std::size_t key_ = 0;
  int attempts_with_key_ = 0;
};

}  // namespace byok
