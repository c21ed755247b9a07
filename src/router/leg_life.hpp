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

/// Attempt `number` (from 1, counted over all keys) with key `key` wants to be sent. Its host
/// commits an intent, for money can be spent from then on, and tells OnAsked, OnPermit and OnSent
/// how far it is.
struct SendAttempt {
  int number = 1;
  std::size_t key = 0;
};
/// Nothing is under way; call OnTimer at that time.
struct WaitUntil {
  http::TimePoint at;
};
/// The leg is over; the last reply stands.
struct LegDone {};

using LegAction = std::variant<SendAttempt, WaitUntil, LegDone>;

enum class LegPhase {
  kNew,
  kWanting,    ///< an attempt wants to be sent; nobody was asked yet
  kAsked,      ///< its intent is with the host
  kPermitted,  ///< its intent is committed; it waits for a free place
  kSending,
  kWaiting,  ///< for the time to send again
  kDone,
};

/// The life of one provider's part of a request: events in, the next action out. No I/O, no clock.
///
///   Start ─▶ wanting ─OnAsked─▶ asked ─OnPermit─▶ permitted ─OnSent─▶ sending
///   sending ─OnReply─▶ done | waiting | wanting (next key)
///   waiting ─OnTimer─▶ wanting          any ─End─▶ done
///
/// A reply that may have been billed without an answer ends the leg: it is never sent again.
class LegLife {
 public:
  explicit LegLife(const LegLimits& limits) : limits_(limits) {}

  LegAction Start();
  /// Only while wanting.
  void OnAsked();
  /// Only while asked.
  void OnPermit();
  /// Only while permitted.
  void OnSent();
  /// Only while sending. `jitter` in [0, 1) spreads the back-off.
  LegAction OnReply(const Reply& reply, http::TimePoint now, double jitter);
  /// Only while waiting.
  LegAction OnTimer();
  /// If a reply is to come, it is the last, whatever it says.
  void ForgoRetries() { forgoes_retries_ = true; }
  /// Ends it where it is and returns where that was: while sending, what became of it is unknown.
  LegPhase End();

  [[nodiscard]] LegPhase phase() const { return phase_; }
  [[nodiscard]] bool done() const { return phase_ == LegPhase::kDone; }

 private:
  LegAction Want();
  LegAction Finish();
  void Move(LegPhase from, LegPhase to);
  [[nodiscard]] std::optional<http::TimePoint> RetryAt(const Reply& reply, http::TimePoint now,
                                                       double jitter) const;
  [[nodiscard]] bool NextKeyMayHelp(const Reply& reply, const LegError& error,
                                    http::TimePoint now) const;

  LegLimits limits_;
  LegPhase phase_ = LegPhase::kNew;
  bool forgoes_retries_ = false;
  int attempts_ = 0;
  std::size_t key_ = 0;
  int attempts_with_key_ = 0;
};

}  // namespace byok
