#include "router/provider_error.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "router/dialect.hpp"
#include "router/redact.hpp"
#include "router/retry.hpp"

namespace byok {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// What a failed response says, in lower case and wherever it says it.
struct ErrorFacts {
  int status = 0;
  std::vector<std::string> codes;  ///< type, code and the codes among the details
  std::string text;
};

void AddCode(ErrorFacts& facts, const Json& value) {
  if (std::string code = Lower(NameOf(value)); !code.empty())
    facts.codes.push_back(std::move(code));
}

/// A 200 whose error names a status (OpenRouter: `error.code` is a number) is judged by that.
int EffectiveStatus(const http::Response& response, const Json& error) {
  if (response.status != 200) return response.status;
  const std::optional<std::int64_t> code = error["code"].AsInteger();
  return code && 400 <= *code && *code <= 599 ? static_cast<int>(*code) : 200;
}

ErrorFacts ReadFacts(const http::Response& response, const Json& body) {
  const Json& error = body["error"].IsObject() ? body["error"] : body;
  ErrorFacts facts{EffectiveStatus(response, error), {}, Lower(ErrorText(response, body))};
  AddCode(facts, error["type"]);
  AddCode(facts, error["code"]);
  AddCode(facts, error["details"]["error_code"]);
  for (const Json& detail : error["details"].Elements()) AddCode(facts, detail["reason"]);
  return facts;
}

// --- the table
// ------------------------------------------------------------------------------------

enum class Match { kAny, kCode, kCodeEnd, kText, kTextStart };

struct Rule {
  int first_status;
  int last_status;
  Match match;
  std::string_view what;  ///< lower case
  ErrorReason reason;
};

using R = ErrorReason;
/// The first row that fits decides. Status 200 stands for an error inside a 200; such rows name
/// codes only. Texts stand where a provider gives no usable code (all of DeepSeek's, for one).
constexpr std::array kRules = {
    // Somebody in between gave up waiting: the origin may have finished.
    Rule{200, 599, Match::kCode, "timeout_error", R::kGatewayError},
    Rule{408, 408, Match::kAny, "", R::kGatewayError},
    Rule{504, 504, Match::kAny, "", R::kGatewayError},
    Rule{520, 524, Match::kAny, "", R::kGatewayError},

    Rule{200, 599, Match::kCode, "insufficient_quota", R::kQuotaExhausted},
    Rule{200, 599, Match::kCode, "credit_balance_exhausted", R::kQuotaExhausted},
    Rule{200, 599, Match::kCode, "billing_error", R::kQuotaExhausted},
    Rule{200, 599, Match::kCodeEnd, "_spend_limit_exceeded", R::kQuotaExhausted},
    Rule{200, 599, Match::kCodeEnd, "_spend_limit_reached", R::kQuotaExhausted},
    Rule{200, 599, Match::kCodeEnd, "_usage_limit_exceeded", R::kQuotaExhausted},
    Rule{402, 402, Match::kAny, "", R::kQuotaExhausted},
    Rule{400, 400, Match::kText, "credit balance is too low", R::kQuotaExhausted},
    Rule{400, 400, Match::kText, "usage limits", R::kQuotaExhausted},

    Rule{413, 413, Match::kAny, "", R::kRequestTooLarge},
    Rule{200, 499, Match::kCode, "request_too_large", R::kRequestTooLarge},
    Rule{200, 499, Match::kCode, "context_length_exceeded", R::kRequestTooLarge},
    Rule{429, 429, Match::kTextStart, "request too large", R::kRequestTooLarge},
    Rule{400, 400, Match::kText, "prompt is too long", R::kRequestTooLarge},
    Rule{400, 400, Match::kText, "maximum context length", R::kRequestTooLarge},

    Rule{401, 401, Match::kText, "insufficient permissions", R::kNotPermitted},
    Rule{403, 403, Match::kAny, "", R::kNotPermitted},
    Rule{200, 499, Match::kCode, "permission_error", R::kNotPermitted},
    Rule{400, 499, Match::kText, "not allowed to sample", R::kNotPermitted},
    Rule{401, 401, Match::kAny, "", R::kKeyRejected},
    Rule{200, 499, Match::kCode, "invalid_api_key", R::kKeyRejected},
    Rule{200, 499, Match::kCode, "api_key_invalid", R::kKeyRejected},
    Rule{200, 499, Match::kCode, "authentication_error", R::kKeyRejected},

    Rule{200, 499, Match::kCode, "model_not_found", R::kModelNotFound},
    Rule{200, 499, Match::kCode, "model_not_available", R::kModelNotFound},
    Rule{200, 499, Match::kCode, "invalid_model", R::kModelNotFound},
    Rule{404, 404, Match::kTextStart, "model", R::kModelNotFound},
    Rule{404, 404, Match::kTextStart, "the model ", R::kModelNotFound},
    Rule{400, 400, Match::kText, "invalid model", R::kModelNotFound},
    Rule{400, 400, Match::kText, "model not exist", R::kModelNotFound},
    Rule{400, 400, Match::kText, "supported api model names", R::kModelNotFound},
    Rule{400, 400, Match::kText, "not a valid model id", R::kModelNotFound},
    Rule{400, 400, Match::kText, "unexpected model name", R::kModelNotFound},

    Rule{200, 599, Match::kCode, "slow_down", R::kOverloaded},
    Rule{200, 599, Match::kCode, "server_is_overloaded", R::kOverloaded},
    Rule{200, 599, Match::kCode, "overloaded_error", R::kOverloaded},
    Rule{200, 599, Match::kCode, "service_unavailable_error", R::kOverloaded},
    Rule{503, 503, Match::kAny, "", R::kOverloaded},
    Rule{529, 529, Match::kAny, "", R::kOverloaded},

    Rule{429, 429, Match::kAny, "", R::kRateLimited},
    Rule{200, 499, Match::kCode, "rate_limit_error", R::kRateLimited},
    Rule{200, 499, Match::kCode, "rate_limit_exceeded", R::kRateLimited},

    Rule{200, 200, Match::kCode, "invalid_request_error", R::kBadRequest},
    Rule{200, 200, Match::kAny, "", R::kProviderError},
    Rule{400, 499, Match::kAny, "", R::kBadRequest},
    Rule{500, 599, Match::kAny, "", R::kProviderError},
};

bool Fits(const Rule& rule, const ErrorFacts& facts) {
  if (facts.status < rule.first_status || rule.last_status < facts.status) return false;
  const auto any_code = [&facts](auto&& fits) {
    return std::any_of(facts.codes.begin(), facts.codes.end(), fits);
  };
  switch (rule.match) {
    case Match::kAny:
      return true;
    case Match::kCode:
      return any_code([&rule](const std::string& code) { return code == rule.what; });
    case Match::kCodeEnd:
      return any_code([&rule](const std::string& code) { return code.ends_with(rule.what); });
    case Match::kText:
      return facts.text.find(rule.what) != std::string::npos;
    case Match::kTextStart:
      return facts.text.starts_with(rule.what);
  }
  return false;
}

ErrorReason ReasonOf(const ErrorFacts& facts) {
  for (const Rule& rule : kRules) {
    if (Fits(rule, facts)) return rule.reason;
  }
  return ErrorReason::kProtocolError;  // 1xx, 2xx other than 200, 3xx
}

/// Whether a failure of that kind passes by itself.
bool IsPassing(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kRateLimited:
    case ErrorReason::kOverloaded:
    case ErrorReason::kProviderError:
    case ErrorReason::kGatewayError:
    case ErrorReason::kProtocolError:
    case ErrorReason::kUnreachable:
    case ErrorReason::kTimeout:
    case ErrorReason::kCircuitOpen:
      return true;
    default:
      return false;
  }
}

/// A redirect did no work; any other response we cannot read may have.
CallState StateOf(ErrorReason reason, int status) {
  const bool redirected = 300 <= status && status <= 399;
  const bool in_doubt = reason == ErrorReason::kGatewayError ||
                        (reason == ErrorReason::kProtocolError && !redirected);
  return in_doubt ? CallState::kUnknown : CallState::kFailedUnbilled;
}

bool IsBlankText(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string StatusText(const http::Response& response) {
  return "provider returned HTTP " + std::to_string(response.status);
}

std::string CauseOf(const http::Response& response) {
  const std::string_view body = response.body;
  if (IsBlankText(body)) return "an empty body";
  return body.substr(body.find_first_not_of(" \t\r\n")).starts_with('<')
             ? "a page instead of an answer"
             : "a body that is no complete answer";
}

Reply MakeReply(LegError error, const Verdict& verdict) {
  error.reason = verdict.reason;
  error.retryable = IsPassing(verdict.reason);
  Reply reply;
  reply.outcome = std::move(error);
  reply.state = verdict.state;
  reply.may_retry = verdict.may_retry;
  return reply;
}

}  // namespace

Verdict ClassifyError(const http::Response& response, const Json& error) {
  // A 502 the provider made is JSON; any other comes from a proxy in front of it.
  const bool proxy = response.status == 502 && !error.IsObject();
  const ErrorReason reason =
      proxy ? ErrorReason::kGatewayError : ReasonOf(ReadFacts(response, error));
  const CallState state = StateOf(reason, response.status);
  const bool may_retry = IsPassing(reason) && reason != ErrorReason::kProtocolError &&
                         state != CallState::kUnknown &&
                         Lower(response.HeaderValue("x-should-retry")) != "false";
  return {reason, state, may_retry};
}

std::string ErrorText(const http::Response& response, const Json& error) {
  for (const Json* place :
       {&error["error"]["message"], &error["error"], &error["message"], &error["detail"]}) {
    if (const auto text = place->AsString(); text && !IsBlankText(*text)) return *text;
  }
  // A JSON body without a message we know could spell anything in escapes; other bodies are text.
  return error.IsNull() ? response.body : std::string();
}

Reply ErrorReply(const http::Response& response, const Json& error, std::string_view key,
                 const std::optional<Usage>& usage) {
  Verdict verdict = ClassifyError(response, error);
  if (usage && usage->input + usage->output > 0 && verdict.state == CallState::kFailedUnbilled) {
    verdict.state = CallState::kFailedBilled;
  }
  LegError told;
  told.http_status = response.status;
  told.retry_after = ReadRetryAfter(response);
  told.message = SanitizeProviderText(ErrorText(response, error), {&key, 1});
  if (IsBlankText(told.message)) told.message = StatusText(response);
  Reply reply = MakeReply(std::move(told), verdict);
  reply.request_id = RequestIdOf(response, error);
  reply.usage = usage;
  return reply;
}

Reply UnreadableReply(const http::Response& response) {
  LegError error;
  error.http_status = response.status;
  error.message = StatusText(response) + " with " + CauseOf(response);
  Reply reply =
      MakeReply(std::move(error), {ErrorReason::kProtocolError, CallState::kUnknown, false});
  reply.request_id = RequestIdOf(response, Json());
  return reply;
}

std::optional<Reply> VerificationFailure(const http::Response& response, std::string_view key) {
  const Json body = ReadBody(response);
  if (response.status == 200 && body["error"].IsNull()) {
    return body.IsObject() ? std::nullopt : std::optional(UnreadableReply(response));
  }
  const ErrorFacts facts = ReadFacts(response, body);
  const bool restricted = (response.status == 401 || response.status == 403) &&
                          (facts.text.find("insufficient permissions") != std::string::npos ||
                           std::count(facts.codes.begin(), facts.codes.end(), "permission_error"));
  return restricted ? std::nullopt : std::optional(ErrorReply(response, body, key));
}

Reply FailureReply(const http::Failure& failure, http::Milliseconds waited) {
  LegError error;
  error.message = failure.timed_out ? "timed out after " + std::to_string(waited.count()) +
                                          " ms while " + std::string(PhaseName(failure.phase))
                                    : failure.message;
  if (failure.MayHaveBeenProcessed()) {
    const ErrorReason reason =
        failure.timed_out ? ErrorReason::kTimeout : ErrorReason::kProtocolError;
    return MakeReply(std::move(error), {reason, CallState::kUnknown, false});
  }
  // What was refused before it started would be refused again.
  const bool may_retry = failure.phase != http::Phase::kRefused;
  return MakeReply(std::move(error),
                   {ErrorReason::kUnreachable, CallState::kFailedUnbilled, may_retry});
}

LegError LocalError(ErrorReason reason, std::string message) {
  return {reason, 0, std::move(message), IsPassing(reason), std::nullopt};
}

}  // namespace byok
