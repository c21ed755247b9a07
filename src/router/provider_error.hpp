#pragma once

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "http/message.hpp"
#include "router/leg.hpp"
#include "router/provider.hpp"

namespace byok {

/// What kind of failure a response reports, and what follows from it.
struct Verdict {
  ErrorReason reason = ErrorReason::kProviderError;
  CallState state = CallState::kUnknown;
  bool may_retry = false;  ///< sending again is safe and may help
};

/// Classifies by status, type, code and text together, never by the status alone: a 429 can mean
/// "wait", "no money" or "too large", a 401 "key fine, permission missing", a 400 "no credit".
/// `error` is the JSON that reports the failure, null when there is none.
Verdict ClassifyError(const http::Response& response, const Json& error);

/// The provider's own words, wherever compatible servers put them: `error.message`, `error`,
/// `message`, `detail`, else the beginning of the body. Raw: sanitise before showing it.
std::string ErrorText(const http::Response& response, const Json& error);

/// A response that reports a failure, of any status. Usage that came with it means it was billed.
/// `key` is masked in the message.
Reply ErrorReply(const http::Response& response, const Json& error, std::string_view key,
                 const std::optional<Usage>& usage = std::nullopt);

/// A 200 that is no answer: empty, blank, HTML, cut off or of another shape. It may have been
/// billed, so it is never sent again.
Reply UnreadableReply(const http::Response& response);

/// The reply to BuildVerification when it is a failure, or nothing when the key is good: accepted,
/// or known to the provider but not allowed to use this endpoint.
std::optional<Reply> VerificationFailure(const http::Response& response, std::string_view key);

/// A transfer that brought no response. `waited` is how long it took, for the message.
Reply FailureReply(const http::Failure& failure, http::Milliseconds waited);

/// A failure the router knows by itself.
LegError LocalError(ErrorReason reason, std::string message);

}  // namespace byok
