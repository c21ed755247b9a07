#include "router/breaker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace byok {

std::string_view BreakerStateName(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      return "half_open";
  }
  return "";
}

Sign SignOf(const Attempt& attempt) {
  if (attempt.state == CallState::kSkipped) return Sign::kNone;
  if (!attempt.error) return Sign::kAlive;
  switch (*attempt.error) {
    case ErrorReason::kKeyRejected:
    case ErrorReason::kNotPermitted:
    case ErrorReason::kQuotaExhausted:
    case ErrorReason::kRateLimited:
    case ErrorReason::kRequestTooLarge:
    case ErrorReason::kModelNotFound:
    case ErrorReason::kBadRequest:
      return Sign::kAlive;
    case ErrorReason::kOverloaded:
    case ErrorReason::kProviderError:
    case ErrorReason::kGatewayError:
    case ErrorReason::kUnreachable:
    case ErrorReason::kTimeout:
      return Sign::kFailing;
    case ErrorReason::kNoKey:
    case ErrorReason::kUndecryptable:
    case ErrorReason::kProtocolError:
    case ErrorReason::kCancelled:
    case ErrorReason::kCircuitOpen:
      return Sign::kNone;
  }
  return Sign::kNone;
}

Breaker::Pass Breaker::Request(http::TimePoint now) {
  if (state(now) == BreakerState::kClosed) return Pass::kFree;
  if (state(now) == BreakerState::kOpen || probing_) return Pass::kRefused;
  probing_ = true;
  return Pass::kProbe;
}

void Breaker::Report(Sign sign, bool was_probe, http::TimePoint now) {
  // A probe that outlived a closing is a call like any other.
  const bool probe_ended = was_probe && std::exchange(probing_, false);
  if (sign == Sign::kAlive) *this = Breaker();
  if (sign != Sign::kFailing) return;
  ++failures_;
  // Open, the late failures of calls sent before do not prolong the pause.
  if (probe_ended || (!open_until_ && failures_ >= kFailuresToOpen)) Open(now);
}

BreakerState Breaker::state(http::TimePoint now) const {
  if (!open_until_) return BreakerState::kClosed;
  return now < *open_until_ ? BreakerState::kOpen : BreakerState::kHalfOpen;
}

void Breaker::Open(http::TimePoint now) {
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  open_until_ = now + pause_;
}

std::string DescribeRefusal(std::string_view provider, const Breaker& breaker,
                            http::TimePoint now) {
  std::string text = "provider \"" + std::string(provider) + "\" failed " +
                     std::to_string(breaker.failures()) + " times in a row; ";
  if (breaker.state(now) != BreakerState::kOpen) return text + "one call is trying it again";
  const auto left = std::chrono::ceil<std::chrono::seconds>(*breaker.open_until() - now);
  return text + "not asked for another " + std::to_string(left.count()) + " s";
}

}  // namespace byok
