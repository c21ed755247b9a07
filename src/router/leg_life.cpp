#include "router/leg_life.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "router/retry.hpp"

namespace byok {
namespace {

/// Failures of the key or of the provider, not of the question: another key may fare better.
bool IsCuredByAnotherKey(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kKeyRejected:
    case ErrorReason::kNotPermitted:
    case ErrorReason::kQuotaExhausted:
    case ErrorReason::kRateLimited:
    case ErrorReason::kOverloaded:
    case ErrorReason::kProviderError:
    case ErrorReason::kUnreachable:
      return true;
    default:
      return false;
  }
}

}  // namespace

LegAction LegLife::Start() {
  assert(phase_ == LegPhase::kNew);
  return Want();
}

void LegLife::OnAsked() {
  Move(LegPhase::kWanting, LegPhase::kAsked);
}

void LegLife::OnPermit() {
  Move(LegPhase::kAsked, LegPhase::kPermitted);
}

void LegLife::OnSent() {
  Move(LegPhase::kPermitted, LegPhase::kSending);
}

LegAction LegLife::OnReply(const Reply& reply, http::TimePoint now, double jitter) {
  assert(phase_ == LegPhase::kSending);
  const auto* error = std::get_if<LegError>(&reply.outcome);
  if (error == nullptr || forgoes_retries_) return Finish();
  if (const auto at = RetryAt(reply, now, jitter)) {
    phase_ = LegPhase::kWaiting;
    return WaitUntil{*at};
  }
  if (!NextKeyMayHelp(reply, *error, now)) return Finish();
  ++key_;
  attempts_with_key_ = 0;
  return Want();
}

LegAction LegLife::OnTimer() {
  assert(phase_ == LegPhase::kWaiting);
  return Want();
}

LegPhase LegLife::End() {
  return std::exchange(phase_, LegPhase::kDone);
}

LegAction LegLife::Want() {
  phase_ = LegPhase::kWanting;
  ++attempts_with_key_;
  return SendAttempt{++attempts_, key_};
}

LegAction LegLife::Finish() {
  phase_ = LegPhase::kDone;
  return LegDone{};
}

void LegLife::Move([[maybe_unused]] LegPhase from, LegPhase to) {
  assert(phase_ == from);
  phase_ = to;
}

/// Nothing when the retry is not allowed or would not fit before the deadline.
std::optional<http::TimePoint> LegLife::RetryAt(const Reply& reply, http::TimePoint now,
                                                double jitter) const {
  const int allowed = std::min(1 + limits_.max_retries, kMaxAttemptsPerKey);
  const bool safe = reply.may_retry && reply.state != CallState::kUnknown;
  if (!safe || attempts_with_key_ >= allowed || now >= limits_.deadline) return std::nullopt;
  const http::Milliseconds pause =
      RetryPause(attempts_with_key_, std::get<LegError>(reply.outcome).retry_after, jitter);
  if (pause >= limits_.deadline - now) return std::nullopt;
  return now + pause;
}

bool LegLife::NextKeyMayHelp(const Reply& reply, const LegError& error, http::TimePoint now) const {
  return key_ + 1 < limits_.keys && now < limits_.deadline && reply.state != CallState::kUnknown &&
         IsCuredByAnotherKey(error.reason);
}

}  // namespace byok
