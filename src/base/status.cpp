#include "base/status.hpp"

#include <algorithm>
#include <array>

namespace byok {
namespace {

struct Named {
  StatusCode code;
  std::string_view sqlstate;
};

/// The only table from codes to SQLSTATEs.
constexpr std::array kSqlStates = {
    Named{StatusCode::kOk, "00000"},
    Named{StatusCode::kInvalidArgument, "22023"},   // invalid_parameter_value
    Named{StatusCode::kNullArgument, "22004"},      // null_value_not_allowed
    Named{StatusCode::kKeyNotFound, "42704"},       // undefined_object
    Named{StatusCode::kPermissionDenied, "42501"},  // insufficient_privilege
    Named{StatusCode::kUnauthentic, "39000"},       // external_routine_invocation_exception
    Named{StatusCode::kMisconfigured, "55000"},     // object_not_in_prerequisite_state
    Named{StatusCode::kUnavailable, "53000"},       // insufficient_resources
    Named{StatusCode::kNoAnswer, "08006"},          // connection_failure
    Named{StatusCode::kPaymentRequired, "P0402"},
    Named{StatusCode::kOverlap, "23P01"},       // exclusion_violation
    Named{StatusCode::kNotSupported, "0A000"},  // feature_not_supported
    Named{StatusCode::kLocked, "55P03"},        // lock_not_available
    Named{StatusCode::kCancelled, "57014"},     // query_canceled
    Named{StatusCode::kInternal, "XX000"},      // internal_error
};

}  // namespace

std::string_view SqlState(StatusCode code) {
  const auto found = std::ranges::find(kSqlStates, code, &Named::code);
  return found == kSqlStates.end() ? "XX000" : found->sqlstate;
}

StatusCode CodeOfSqlState(std::string_view sqlstate) {
  const auto found = std::ranges::find(kSqlStates, sqlstate, &Named::sqlstate);
  return found == kSqlStates.end() ? StatusCode::kInternal : found->code;
}

}  // namespace byok
