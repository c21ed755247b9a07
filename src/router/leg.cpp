#include "router/leg.hpp"

namespace byok {
namespace {

bool InRange(std::int64_t count) {
  return 0 <= count && count <= kMaxTokens;
}

}  // namespace

bool IsPlausible(const Usage& usage) {
  for (const std::int64_t count : {usage.input, usage.cached_input, usage.cache_write,
                                   usage.cache_write_1h, usage.output, usage.reasoning}) {
    if (!InRange(count)) return false;
  }
  return usage.cached_input + usage.cache_write <= usage.input &&
         usage.cache_write_1h <= usage.cache_write && usage.reasoning <= usage.output;
}

std::string_view EndReasonName(EndReason reason) {
  switch (reason) {
    case EndReason::kStop:
      return "stop";
    case EndReason::kLength:
      return "length";
    case EndReason::kRefused:
      return "refused";
    case EndReason::kFiltered:
      return "filtered";
    case EndReason::kCutOff:
      return "cut_off";
  }
  return "";
}

std::string_view ErrorReasonName(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kNoKey:
      return "no_key";
    case ErrorReason::kUndecryptable:
      return "undecryptable";
    case ErrorReason::kKeyRejected:
      return "key_rejected";
    case ErrorReason::kNotPermitted:
      return "not_permitted";
    case ErrorReason::kQuotaExhausted:
      return "quota_exhausted";
    case ErrorReason::kRateLimited:
      return "rate_limited";
    case ErrorReason::kRequestTooLarge:
      return "request_too_large";
    case ErrorReason::kModelNotFound:
      return "model_not_found";
    case ErrorReason::kBadRequest:
      return "bad_request";
    case ErrorReason::kOverloaded:
      return "overloaded";
    case ErrorReason::kProviderError:
      return "provider_error";
    case ErrorReason::kGatewayError:
      return "gateway_error";
    case ErrorReason::kProtocolError:
      return "protocol_error";
    case ErrorReason::kUnreachable:
      return "unreachable";
    case ErrorReason::kTimeout:
      return "timeout";
    case ErrorReason::kCancelled:
      return "cancelled";
    case ErrorReason::kCircuitOpen:
      return "circuit_open";
  }
  return "";
}

std::string_view PurposeName(Purpose purpose) {
  switch (purpose) {
    case Purpose::kAnswer:
      return "answer";
    case Purpose::kVerify:
      return "verify";
    case Purpose::kJudge:
      return "judge";
    case Purpose::kSynthesis:
      return "synthesis";
  }
  return "";
}

std::string_view CallStateName(CallState state) {
  switch (state) {
    case CallState::kAnswered:
      return "answered";
    case CallState::kFailedBilled:
      return "failed_billed";
    case CallState::kFailedUnbilled:
      return "failed_unbilled";
    case CallState::kUnknown:
      return "unknown";
    case CallState::kSkipped:
      return "skipped";
  }
  return "";
}

}  // namespace byok
