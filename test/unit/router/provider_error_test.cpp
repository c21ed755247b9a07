#include "router/provider_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/dialect.hpp"

namespace byok {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Case {
  const char* name;
  int status;
  const char* body;
  ErrorReason reason;
  CallState state;
  bool may_retry;
};
using R = ErrorReason;
constexpr CallState kUnbilled = CallState::kFailedUnbilled;
constexpr CallState kUnknown = CallState::kUnknown;

// Error shapes as the providers document them or as their users have reported them.
constexpr Case kCases[] = {
    {"TokensPerMinute", 429,
     R"({"error":{"message":"Rate limit reached for m","type":"tokens","code":"rate_limit_exceeded"}})",
     R::kRateLimited, kUnbilled, true},
    {"RateLimitWithoutBody", 429, "", R::kRateLimited, kUnbilled, true},
    {"AnthropicRateLimit", 429,
     R"({"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed"}})",
     R::kRateLimited, kUnbilled, true},
    {"AnthropicRampLimit", 429,
     R"({"error":{"type":"rate_limit_error","details":{"error_code":"ramp_limit_exceeded"}}})",
     R::kRateLimited, kUnbilled, true},
    {"QuotaByType", 429, R"({"error":{"type":"insufficient_quota","code":null}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"QuotaByCode", 429, R"({"error":{"type":"x","code":"project_spend_limit_exceeded"}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"UsageLimit", 429, R"({"error":{"code":"organization_usage_limit_exceeded"}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"AnthropicSpendLimit", 429,
     R"({"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"AnthropicBalance", 400,
     R"({"error":{"type":"invalid_request_error","message":"Your credit balance is too low to"}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"AnthropicUsageLimits", 400,
     R"({"error":{"message":"You have reached your specified API usage limits."}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"DeepSeekBalance", 402,
     R"({"error":{"message":"Insufficient Balance","code":"invalid_request_error"}})",
     R::kQuotaExhausted, kUnbilled, false},
    {"TooLargeIn429", 429,
     R"({"error":{"message":"Request too large for m","type":"tokens","code":"rate_limit_exceeded"}})",
     R::kRequestTooLarge, kUnbilled, false},
    {"AnthropicCdn413", 413,
     R"({"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})",
     R::kRequestTooLarge, kUnbilled, false},
    {"ContextLength", 400, R"({"error":{"code":"context_length_exceeded"}})", R::kRequestTooLarge,
     kUnbilled, false},
    {"PromptTooLong", 400, R"({"error":{"message":"prompt is too long: 5 tokens"}})",
     R::kRequestTooLarge, kUnbilled, false},
    {"PermissionMissing", 401,
     R"({"error":{"message":"You have insufficient permissions for this operation."}})",
     R::kNotPermitted, kUnbilled, false},
    {"Forbidden", 403, "<html>blocked</html>", R::kNotPermitted, kUnbilled, false},
    {"BadKey", 401, R"({"error":{"code":"invalid_api_key"}})", R::kKeyRejected, kUnbilled, false},
    {"GeminiBadKey", 400,
     R"({"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})",
     R::kKeyRejected, kUnbilled, false},
    {"ModelByCode404", 404, R"({"error":{"code":"model_not_found"}})", R::kModelNotFound, kUnbilled,
     false},
    {"ModelByCode400", 400, R"({"error":{"code":"model_not_found"}})", R::kModelNotFound, kUnbilled,
     false},
    {"ModelId", 400, R"({"error":{"message":"invalid model ID","code":null}})", R::kModelNotFound,
     kUnbilled, false},
    {"DeepSeekModel", 400, R"({"error":{"message":"Model Not Exist"}})", R::kModelNotFound,
     kUnbilled, false},
    {"DeepSeekModelNames", 400,
     R"({"error":{"message":"The supported API model names are deepseek-x"}})", R::kModelNotFound,
     kUnbilled, false},
    {"AnthropicModel", 404, R"({"error":{"type":"not_found_error","message":"model: x"}})",
     R::kModelNotFound, kUnbilled, false},
    {"NotAChatModel", 404, R"({"error":{"message":"This is not a chat model"}})", R::kBadRequest,
     kUnbilled, false},
    {"Unprocessable", 422, R"({"error":{"message":"Invalid parameters"}})", R::kBadRequest,
     kUnbilled, false},
    {"Conflict", 409, "", R::kBadRequest, kUnbilled, false},
    {"SlowDown", 429, R"({"error":{"code":"slow_down"}})", R::kOverloaded, kUnbilled, true},
    {"Overloaded503", 503, R"({"error":{"code":"server_is_overloaded"}})", R::kOverloaded,
     kUnbilled, true},
    {"Overloaded529", 529, R"({"error":{"type":"overloaded_error","message":"Overloaded"}})",
     R::kOverloaded, kUnbilled, true},
    {"ServerError", 500, R"({"error":{"type":"server_error","message":"The server had an error"}})",
     R::kProviderError, kUnbilled, true},
    {"Json502", 502, R"({"error":{"message":"bad upstream"}})", R::kProviderError, kUnbilled, true},
    {"Html502", 502, "<html>502: Bad gateway</html>", R::kGatewayError, kUnknown, false},
    {"Gateway504", 504, R"({"error":{"type":"timeout_error"}})", R::kGatewayError, kUnknown, false},
    {"Cdn520", 520, "", R::kGatewayError, kUnknown, false},
    {"Cdn524", 524, "", R::kGatewayError, kUnknown, false},
    {"Redirect", 301, "", R::kProtocolError, kUnbilled, false},
    {"NoContent", 204, "", R::kProtocolError, kUnknown, false},
    {"QuotaIn200", 200, R"({"error":{"code":"insufficient_quota"}})", R::kQuotaExhausted, kUnbilled,
     false},
    {"OverloadIn200", 200,
     R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     R::kOverloaded, kUnbilled, true},
    {"NumberIn200", 200, R"({"error":{"code":429,"message":"slow"}})", R::kRateLimited, kUnbilled,
     true},
    {"UnknownIn200", 200, R"({"error":{"message":"what"}})", R::kProviderError, kUnbilled, true},
};

class Classification : public testing::TestWithParam<Case> {};

TEST_P(Classification, FollowsTheTable) {
  const http::Response response{GetParam().status, {}, GetParam().body};
  const Verdict verdict = ClassifyError(response, ReadBody(response));
  EXPECT_EQ(ErrorReasonName(verdict.reason), ErrorReasonName(GetParam().reason));
  EXPECT_EQ(CallStateName(verdict.state), CallStateName(GetParam().state));
  EXPECT_EQ(verdict.may_retry, GetParam().may_retry);
}

INSTANTIATE_TEST_SUITE_P(ProviderError, Classification, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

Reply Read(int status, std::string body, std::vector<http::Header> headers = {}) {
  const http::Response response{status, std::move(headers), std::move(body)};
  return ErrorReply(response, ReadBody(response), "sk-test-secret-key");
}
LegError ErrorOf(const Reply& reply) {
  return std::get<LegError>(reply.outcome);
}

TEST(ProviderError, ShouldRetryHeaderCanForbidButNotAllow) {
  EXPECT_FALSE(Read(503, "", {{"x-should-retry", "false"}}).may_retry);
  EXPECT_TRUE(Read(503, "", {{"x-should-retry", "true"}}).may_retry);
  EXPECT_FALSE(Read(401, "", {{"x-should-retry", "true"}}).may_retry);
}

TEST(ProviderError, FindsTheMessageWhereverServersPutIt) {
  EXPECT_EQ(ErrorOf(Read(400, R"({"error":{"message":"one"},"message":"two"})")).message, "one");
  EXPECT_EQ(ErrorOf(Read(400, R"({"error":"a string"})")).message, "a string");
  EXPECT_EQ(ErrorOf(Read(400, R"({"message":"top"})")).message, "top");
  EXPECT_EQ(ErrorOf(Read(401, R"({"detail":"Unauthorized"})")).message, "Unauthorized");
  EXPECT_EQ(ErrorOf(Read(500, "oops <b>bold</b>")).message, "oops bold");
}

TEST(ProviderError, SaysTheStatusWhenTheProviderSaysNothing) {
  EXPECT_EQ(ErrorOf(Read(503, "  \n")).message, "provider returned HTTP 503");
  EXPECT_EQ(ErrorOf(Read(503, "<html></html>")).message, "provider returned HTTP 503");
}

TEST(ProviderError, CdnPageLosesMarkupAndAddress) {
  const LegError error = ErrorOf(
      Read(502,
           "<!DOCTYPE html><html><head><title>api.openai.com | 502: Bad gateway</title>"
           "<style>.a{color:red}</style></head><body>Your IP: <b>198.51.100.23</b></body></html>"));
  EXPECT_EQ(error.reason, R::kGatewayError);
  EXPECT_THAT(error.message, HasSubstr("502: Bad gateway"));
  EXPECT_THAT(error.message, Not(HasSubstr("<")));
  EXPECT_THAT(error.message, Not(HasSubstr("color")));
  EXPECT_THAT(error.message, Not(HasSubstr("198.51")));
}

TEST(ProviderError, MasksTheEchoedKey) {
  EXPECT_EQ(ErrorOf(Read(401, R"({"error":{"message":"bad sk-test-secret-key."}})")).message,
            "bad [redacted].");
}

TEST(ProviderError, UsageBesideAnErrorMeansItWasBilled) {
  const http::Response response{200, {}, R"({"error":{"type":"server_error"}})"};
  const Usage usage{.input = 5, .output = 1};
  const Reply reply = ErrorReply(response, ReadBody(response), "", usage);
  EXPECT_EQ(reply.state, CallState::kFailedBilled);
  EXPECT_EQ(reply.usage, usage);
  EXPECT_TRUE(reply.may_retry);
}

TEST(ProviderError, KeepsRequestIdAndRetryAfter) {
  const Reply reply = Read(429, R"({"request_id":"req_9"})", {{"retry-after", "16"}});
  EXPECT_EQ(reply.request_id, "req_9");
  EXPECT_EQ(ErrorOf(reply).retry_after, http::Milliseconds(16'000));
  EXPECT_EQ(ErrorOf(reply).http_status, 429);
  EXPECT_TRUE(ErrorOf(reply).retryable);
}

TEST(ProviderError, UnreadableAnswersSayWhatTheyWere) {
  EXPECT_EQ(ErrorOf(UnreadableReply({200, {}, "\n"})).message,
            "provider returned HTTP 200 with an empty body");
  EXPECT_EQ(ErrorOf(UnreadableReply({200, {}, " <html>"})).message,
            "provider returned HTTP 200 with a page instead of an answer");
  EXPECT_EQ(ErrorOf(UnreadableReply({200, {}, R"({"choi)"})).message,
            "provider returned HTTP 200 with a body that is no complete answer");
  EXPECT_EQ(UnreadableReply({200, {}, ""}).state, CallState::kUnknown);
}

TEST(ProviderError, TransferFailuresAreJudgedByHowFarTheyCame) {
  const auto judge = [](http::Phase phase, bool timed_out) {
    return FailureReply({.phase = phase, .timed_out = timed_out, .message = "ours"},
                        http::Milliseconds(300));
  };
  for (const http::Phase phase :
       {http::Phase::kResolve, http::Phase::kConnect, http::Phase::kTls, http::Phase::kSend}) {
    const Reply reply = judge(phase, false);
    EXPECT_EQ(ErrorOf(reply).reason, R::kUnreachable);
    EXPECT_EQ(reply.state, kUnbilled);
    EXPECT_TRUE(reply.may_retry);
  }
  EXPECT_FALSE(judge(http::Phase::kRefused, false).may_retry);
  for (const http::Phase phase : {http::Phase::kWait, http::Phase::kReceive}) {
    EXPECT_EQ(ErrorOf(judge(phase, false)).reason, R::kProtocolError);
    EXPECT_EQ(ErrorOf(judge(phase, true)).reason, R::kTimeout);
    EXPECT_EQ(judge(phase, true).state, kUnknown);
    EXPECT_FALSE(judge(phase, true).may_retry);
  }
  EXPECT_EQ(ErrorOf(judge(http::Phase::kConnect, true)).message,
            "timed out after 300 ms while connecting");
  EXPECT_EQ(ErrorOf(judge(http::Phase::kTls, false)).message, "ours");
}

}  // namespace
}  // namespace byok
