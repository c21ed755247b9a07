#include "router/multi_provider_router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "router/router_fixture.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kRejected =
    R"({"error":{"message":"Incorrect API key provided: sk-test-user-key.","code":"invalid_api_key"}})";

/// A host that permits everything at once.
class Router : public RouterTest {
 protected:
  template <typename Legs>
  AskId Start(Legs legs, int timeout_ms = 10'000) {
    const AskId id = RouterTest::Start(std::move(legs), timeout_ms);
    PermitAll(After(0));
    return id;
  }
  void OnReady(TimePoint now) {
    router.OnReady(now);
    PermitAll(now);
  }
};

TEST_F(Router, StartsEveryLegAtOnceAndReportsThemInOrder) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  const AskId id = Start(std::move(legs));
  ASSERT_EQ(transport.sent.size(), 2U);
  transport.Respond(2, 200, kAnthropicAnswer);
  OnReady(After(100));
  EXPECT_THAT(router.TakeFinished(), IsEmpty());
  transport.Respond(1, 200, kOpenAiAnswer, {{"x-request-id", "req-1"}});
  OnReady(After(250));

  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_EQ(finished.size(), 1U);
  EXPECT_EQ(finished[0].id, id);
  const LegResult& openai = finished[0].legs[0];
  EXPECT_EQ(openai.provider, "openai");
  EXPECT_EQ(openai.model_asked, "gpt-test");
  EXPECT_EQ(openai.answer->text, "Paris");
  EXPECT_EQ(openai.answer->model, "gpt-test-2026");
  EXPECT_EQ(openai.key_source, KeySource::kUserKey);
  EXPECT_EQ(openai.request_bytes, transport.sent[0].body.size());
  ASSERT_EQ(openai.attempts.size(), 1U);
  EXPECT_EQ(openai.attempts[0].state, CallState::kAnswered);
  EXPECT_EQ(openai.attempts[0].latency, Milliseconds(250));
  EXPECT_EQ(openai.attempts[0].provider_request_id, "req-1");
  EXPECT_EQ(openai.attempts[0].http_status, 200);
  EXPECT_EQ(openai.attempts[0].usage->input, 12);
  EXPECT_EQ(finished[0].legs[1].answer->text, "Paris.");
  EXPECT_THAT(router.TakeFinished(), IsEmpty());
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
}

TEST_F(Router, PutsTheKeyIntoTheSecretHeaderOnly) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  Start(std::move(legs));
  EXPECT_EQ(transport.sent[0].url, "https://api.openai.test/v1/chat/completions");
  EXPECT_EQ(transport.sent[0].secret_header, "Authorization");
  EXPECT_EQ(transport.sent[0].secret_value.Reveal(), "Bearer sk-test-user-key");
  EXPECT_EQ(transport.sent[0].deadline, After(10'000));
  EXPECT_EQ(transport.sent[1].secret_header, "x-api-key");
  EXPECT_EQ(transport.sent[1].secret_value.Reveal(), "sk-test-user-key");
  EXPECT_THAT(transport.sent[1].headers,
              testing::Contains(http::Header("anthropic-version", "2023-06-01")));
  for (const http::Request& request : transport.sent) {
    EXPECT_THAT(request.body, Not(HasSubstr("sk-test")));
    for (const auto& [name, value] : request.headers) EXPECT_THAT(value, Not(HasSubstr("sk-test")));
  }
}

TEST_F(Router, AKeylessServerGetsNoAuthHeader) {
  Leg leg = OpenAiLeg("ollama");
  leg.keys[0].key = Secret();
  Start(std::move(leg));
  EXPECT_TRUE(transport.sent[0].secret_value.empty());
}

TEST_F(Router, AWaitingLegHoldsNoTransferAndSendsAgainByTheClock) {
  Start(OpenAiLeg());
  transport.Respond(1, 503, R"({"error":{"message":"The engine is overloaded"}})");
  OnReady(After(100));
  EXPECT_THAT(transport.open, IsEmpty());
  EXPECT_EQ(router.NextDeadline(), After(600));
  OnReady(After(599));
  EXPECT_EQ(transport.sent.size(), 1U);
  OnReady(After(600));
  ASSERT_EQ(transport.sent.size(), 2U);
  EXPECT_EQ(transport.sent[1].body, transport.sent[0].body);
  transport.Respond(2, 200, kOpenAiAnswer);
  OnReady(After(700));

  const LegResult leg = Only();
  EXPECT_EQ(leg.answer->text, "Paris");
  EXPECT_FALSE(leg.error);
  ASSERT_EQ(leg.attempts.size(), 2U);
  EXPECT_EQ(leg.attempts[0].error, ErrorReason::kOverloaded);
  EXPECT_EQ(leg.attempts[0].state, CallState::kFailedUnbilled);
  EXPECT_EQ(leg.attempts[0].ended_at, After(100));
  EXPECT_EQ(leg.attempts[1].number, 2);
  EXPECT_EQ(leg.attempts[1].started_at, After(600));
}

TEST_F(Router, ReportsWhenToComeBackInsteadOfWaitingPastTheDeadline) {
  Start(OpenAiLeg());
  transport.Respond(1, 429, R"({"error":{"message":"Rate limit reached"}})",
                    {{"retry-after", "3600"}});
  OnReady(After(100));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kRateLimited);
  EXPECT_EQ(leg.error->retry_after, Milliseconds(3'600'000));
  EXPECT_TRUE(leg.error->retryable);
  EXPECT_EQ(transport.sent.size(), 1U);
}

struct OneRequestCase {
  const char* name;
  int status;
  const char* body;
  ErrorReason reason;
  CallState state;
};
class SentExactlyOnce : public Router, public testing::WithParamInterface<OneRequestCase> {};

TEST_P(SentExactlyOnce, HoweverLongTheDeadline) {
  Start(OpenAiLeg());
  transport.Respond(1, GetParam().status, GetParam().body, {{"location", "https://evil.test/"}});
  OnReady(After(100));
  OnReady(After(9000));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, GetParam().reason);
  EXPECT_EQ(leg.attempts.back().state, GetParam().state);
  EXPECT_EQ(transport.sent.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Router, SentExactlyOnce,
    testing::Values(
        OneRequestCase{"Empty200", 200, "", ErrorReason::kProtocolError, CallState::kUnknown},
        OneRequestCase{"Blank200", 200, "\n\n\n", ErrorReason::kProtocolError, CallState::kUnknown},
        OneRequestCase{"Html200", 200, "<html>", ErrorReason::kProtocolError, CallState::kUnknown},
        OneRequestCase{"Quota429", 429, R"({"error":{"type":"insufficient_quota","code":null}})",
                       ErrorReason::kQuotaExhausted, CallState::kFailedUnbilled},
        OneRequestCase{"TooLarge429", 429,
                       R"({"error":{"message":"Request too large for gpt-test","type":"tokens",
                           "code":"rate_limit_exceeded"}})",
                       ErrorReason::kRequestTooLarge, CallState::kFailedUnbilled},
        OneRequestCase{"Gateway524", 524, "<html>timeout</html>", ErrorReason::kGatewayError,
                       CallState::kUnknown},
        OneRequestCase{"Redirect307", 307, "", ErrorReason::kProtocolError,
                       CallState::kFailedUnbilled}),
    [](const auto& info) { return info.param.name; });

TEST_F(Router, NeverRepeatsATransferThatMayHaveBeenProcessed) {
  Start(OpenAiLeg());
  transport.Fail(1, {.phase = http::Phase::kReceive, .message = "the answer broke off"});
  OnReady(After(100));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kProtocolError);
  EXPECT_EQ(leg.error->message, "the answer broke off");
  EXPECT_EQ(leg.attempts[0].state, CallState::kUnknown);
}

TEST_F(Router, RepeatsATransferThatNeverReachedTheProvider) {
  Start(OpenAiLeg());
  transport.Fail(1, {.phase = http::Phase::kConnect, .message = "could not connect"});
  OnReady(After(100));
  OnReady(After(600));
  transport.Respond(2, 200, kOpenAiAnswer);
  OnReady(After(700));
  const LegResult leg = Only();
  EXPECT_TRUE(leg.answer);
  EXPECT_EQ(leg.attempts[0].error, ErrorReason::kUnreachable);
}

TEST_F(Router, SaysHowLongItWaitedAndForWhat) {
  Start(OpenAiLeg(), 300);
  transport.Fail(1, {.phase = http::Phase::kWait, .timed_out = true, .message = "timed out"});
  OnReady(After(304));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  EXPECT_EQ(leg.error->message, "timed out after 300 ms while waiting for the answer");
  EXPECT_EQ(leg.attempts[0].state, CallState::kUnknown);
}

// The transport keeps the deadline itself and has 25 ms to say how far it came.
TEST_F(Router, CutsWhatTheTransportDidNotEndAtTheDeadline) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  Start(std::move(legs), 300);
  EXPECT_EQ(router.NextDeadline(), After(325));
  transport.Respond(2, 200, kAnthropicAnswer);
  OnReady(After(324));
  EXPECT_THAT(router.TakeFinished(), IsEmpty());
  OnReady(After(325));
  EXPECT_THAT(transport.cancelled, ElementsAre(1));

  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_EQ(finished.size(), 1U);
  const LegResult& late = finished[0].legs[0];
  EXPECT_EQ(late.error->reason, ErrorReason::kTimeout);
  EXPECT_EQ(late.error->message, "timed out after 300 ms");
  EXPECT_EQ(late.attempts[0].state, CallState::kUnknown);
  EXPECT_EQ(late.attempts[0].error, ErrorReason::kTimeout);
  EXPECT_TRUE(finished[0].legs[1].answer);
}

TEST_F(Router, ALegThatWaitsAtTheDeadlineIsNotSentAgain) {
  Start(OpenAiLeg(), 1000);
  transport.Respond(1, 503, "");
  OnReady(After(100));
  OnReady(After(1200));  // the host came late: both alarms are due
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  EXPECT_EQ(leg.attempts.back().state, CallState::kFailedUnbilled);
  EXPECT_EQ(transport.sent.size(), 1U);
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
}

TEST_F(Router, NothingIsSentAfterTheDeadline) {
  Start(OpenAiLeg(), -5);
  OnReady(After(20));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  EXPECT_THAT(leg.attempts, IsEmpty());
  EXPECT_THAT(transport.sent, IsEmpty());
}

TEST_F(Router, TellsNobodyAKeyThatAGoodAnswerEchoes) {
  Leg leg = OpenAiLeg();
  leg.keys[0].key = Secret::CopyOf(std::string_view("Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A"));
  Start(std::move(leg));
  transport.Respond(
      1, 200,
      R"({"model":"Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A","choices":[{"finish_reason":"stop","message":{)"
      R"("content":"your key is Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A."}}]})",
      {{"x-request-id", "Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A"}});
  OnReady(After(10));
  const LegResult leg_result = Only();
  ASSERT_TRUE(leg_result.answer);
  EXPECT_EQ(leg_result.answer->text, "your key is [redacted].");
  EXPECT_EQ(leg_result.answer->model, leg_result.model_asked);
  EXPECT_EQ(leg_result.attempts[0].provider_request_id, "");
  EXPECT_EQ(leg_result.attempts[0].model, leg_result.model_asked);
}

TEST_F(Router, MovesToThePlatformKeyUnderAnyFailure) {
  Leg leg = OpenAiLeg();
  leg.keys.push_back(Key(KeySource::kSystemKey, "sk-test-platform-key"));
  Start(std::move(leg));
  transport.Respond(1, 401, kRejected);
  OnReady(After(100));
  ASSERT_EQ(transport.sent.size(), 2U);
  EXPECT_EQ(transport.sent[1].secret_value.Reveal(), "Bearer sk-test-platform-key");
  transport.Respond(2, 200, kOpenAiAnswer);
  OnReady(After(200));
  const LegResult result = Only();
  EXPECT_TRUE(result.answer);
  EXPECT_EQ(result.key_source, KeySource::kSystemKey);
  EXPECT_EQ(result.attempts[0].key_source, KeySource::kUserKey);
  EXPECT_EQ(result.attempts[0].error, ErrorReason::kKeyRejected);
  EXPECT_EQ(result.attempts[1].key_source, KeySource::kSystemKey);
  EXPECT_EQ(result.attempts[1].number, 2);
}

TEST_F(Router, MasksTheKeyThatTheProviderEchoes) {
  Leg leg = OpenAiLeg();
  leg.keys[0].key = Secret::CopyOf("house+key/of-no-pattern");
  Start(std::move(leg));
  transport.Respond(1, 401, R"({"error":{"message":"bad key house+key/of-no-pattern, sorry"}})");
  OnReady(After(100));
  EXPECT_EQ(Only().error->message, "bad key [redacted], sorry");
}

TEST_F(Router, CancelDropsTheRequestSilently) {
  const AskId gone = Start(OpenAiLeg());
  Start(OpenAiLeg());
  router.Cancel(gone);
  router.Cancel(gone);
  EXPECT_THAT(transport.cancelled, ElementsAre(1));
  transport.Respond(1, 200, kOpenAiAnswer);
  transport.Respond(2, 200, kOpenAiAnswer);
  OnReady(After(100));
  EXPECT_EQ(router.TakeFinished().size(), 1U);
}

TEST_F(Router, CancelEndsAWaitToo) {
  const AskId id = Start(OpenAiLeg());
  transport.Respond(1, 503, "");
  OnReady(After(100));
  router.Cancel(id);
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
  OnReady(After(20'000));
  EXPECT_EQ(transport.sent.size(), 1U);
  EXPECT_THAT(router.TakeFinished(), IsEmpty());
}

TEST_F(Router, AnUnknownDialectIsABadRequestOfThatLegAlone) {
  Leg odd = OpenAiLeg("gemini");
  odd.provider.dialect = "gemini";
  Start(std::move(odd));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kBadRequest);
  EXPECT_EQ(leg.error->message,
            R"(dialect "gemini" is not known, only "openai" and "anthropic" are)");
  EXPECT_EQ(leg.key_source, std::nullopt);
}

TEST_F(Router, ARequestWithoutLegsEndsAtOnce) {
  Start(std::vector<Leg>());
  EXPECT_EQ(router.TakeFinished().size(), 1U);
}

TEST_F(Router, NamesTheAskedModelWhenTheAnswerNamesNone) {
  Start(OpenAiLeg());
  transport.Respond(1, 200, R"({"choices":[{"message":{"content":"x"}}]})");
  OnReady(After(1));
  const LegResult leg = Only();
  EXPECT_EQ(leg.answer->model, "gpt-test");
  EXPECT_EQ(leg.attempts[0].model, "gpt-test");
  EXPECT_FALSE(leg.answer->usage);
}

TEST_F(Router, VerifiesAKeyAtTheFreeEndpoint) {
  Ask ask;
  ask.purpose = Purpose::kVerify;
  ask.legs.push_back(OpenAiLeg());
  ask.deadline = After(5000);
  router.Start(std::move(ask), After(0));
  PermitAll(After(0));
  EXPECT_EQ(transport.sent[0].method, "GET");
  EXPECT_EQ(transport.sent[0].url, "https://api.openai.test/v1/models");
  EXPECT_EQ(transport.sent[0].secret_value.Reveal(), "Bearer sk-test-user-key");
  transport.Respond(1, 200, R"({"object":"list","data":[]})");
  OnReady(After(50));
  const LegResult leg = Only();
  ASSERT_TRUE(leg.answer);
  EXPECT_EQ(leg.answer->text, "");
}

}  // namespace
}  // namespace byok
