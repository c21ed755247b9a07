#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/router_fixture.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The test commits the intents: it says when what may leave.
class RouterIntents : public RouterTest {
 protected:
  /// One leg sent at 0 and overloaded at 100: it waits until 600 to be sent again.
  AskId StartAndFailOnce() {
    const AskId id = Start(OpenAiLeg());
    PermitAll(After(0));
    transport.Respond(1, 503, "");
    router.OnReady(After(100));
    return id;
  }
};

TEST_F(RouterIntents, NothingIsSentBeforeItsPermit) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  const AskId id = Start(std::move(legs));
  const std::vector<Intent> intents = router.TakeIntents();
  router.OnReady(After(50));
  EXPECT_THAT(transport.sent, IsEmpty());
  ASSERT_THAT(intents, SizeIs(2));
  EXPECT_EQ(intents[1].ask, id);
  EXPECT_EQ(intents[1].leg, 1U);
  EXPECT_EQ(intents[1].attempt, 1);
  EXPECT_EQ(intents[1].key_source, KeySource::kUserKey);
  EXPECT_FALSE(intents[1].previous);

  router.Permit(id, 1, After(60));
  ASSERT_THAT(transport.sent, SizeIs(1));
  EXPECT_EQ(transport.sent[0].url, "https://api.anthropic.test/v1/messages");
  EXPECT_EQ(router.InFlight(), 1U);
  EXPECT_EQ(router.Waiting(), 1U);
}

TEST_F(RouterIntents, AreHandedOutOnce) {
  Start(OpenAiLeg());
  EXPECT_THAT(router.TakeIntents(), SizeIs(1));
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  Start(OpenAiLeg());
  EXPECT_THAT(router.TakeIntents(), SizeIs(1));
}

TEST_F(RouterIntents, AwaitTheirPermitUntilTheLegEnds) {
  const AskId id = Start(OpenAiLeg());
  EXPECT_FALSE(router.AwaitsPermit(id, 0)) << "not taken yet";
  router.TakeIntents();
  EXPECT_TRUE(router.AwaitsPermit(id, 0));
  EXPECT_FALSE(router.AwaitsPermit(id, 1));
  EXPECT_FALSE(router.AwaitsPermit(id + 1, 0));
  router.Abandon(id, After(10));
  EXPECT_FALSE(router.AwaitsPermit(id, 0));
}

TEST_F(RouterIntents, NameTheKeyOfTheAttempt) {
  Leg leg = OpenAiLeg();
  leg.keys[0].key_id = Uuid{};
  leg.keys.push_back(Key(KeySource::kSystemKey, "sk-test-platform-key"));
  Start(std::move(leg));
  EXPECT_EQ(router.TakeIntents().at(0).key_id, Uuid{});
  router.Permit(1, 0, After(0));
  transport.Respond(1, 401, "");
  router.OnReady(After(100));
  const std::vector<Intent> intents = router.TakeIntents();
  ASSERT_THAT(intents, SizeIs(1));
  EXPECT_EQ(intents[0].attempt, 2);
  EXPECT_EQ(intents[0].key_source, KeySource::kSystemKey);
  EXPECT_FALSE(intents[0].key_id);
}

TEST_F(RouterIntents, ARetryNeedsItsOwnAndBringsThePreviousOutcome) {
  const AskId id = StartAndFailOnce();
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  router.OnReady(After(600));
  EXPECT_THAT(transport.sent, SizeIs(1));
  const std::vector<Intent> intents = router.TakeIntents();
  ASSERT_THAT(intents, SizeIs(1));
  EXPECT_EQ(intents[0].attempt, 2);
  ASSERT_TRUE(intents[0].previous);
  EXPECT_EQ(intents[0].previous->number, 1);
  EXPECT_EQ(intents[0].previous->error, ErrorReason::kOverloaded);
  EXPECT_EQ(intents[0].previous->state, CallState::kFailedUnbilled);
  EXPECT_EQ(intents[0].previous->ended_at, After(100));

  router.Permit(id, 0, After(610));
  transport.Respond(2, 200, kOpenAiAnswer);
  router.OnReady(After(700));
  const LegResult leg = Only();
  EXPECT_TRUE(leg.answer);
  EXPECT_FALSE(leg.error);
  ASSERT_THAT(leg.attempts, SizeIs(2));
  EXPECT_EQ(leg.attempts[1].latency, Milliseconds(90));
}

TEST_F(RouterIntents, APermitServesOneAttempt) {
  const AskId id = StartAndFailOnce();
  router.OnReady(After(600));
  router.Permit(id, 0, After(600));  // the first attempt's, again: nobody committed the second yet
  EXPECT_THAT(transport.sent, SizeIs(1));
  EXPECT_EQ(PermitAll(After(600)), 1U);
  router.Permit(id, 0, After(600));
  EXPECT_THAT(transport.sent, SizeIs(2));
}

TEST_F(RouterIntents, APermitForNothingIsIgnored) {
  router.Permit(7, 0, After(0));
  const AskId id = Start(OpenAiLeg());
  router.TakeIntents();
  router.Permit(id, 1, After(0));
  EXPECT_THAT(transport.sent, IsEmpty());
}

TEST_F(RouterIntents, AfterTheDeadlineAPermitSendsNothing) {
  const AskId id = Start(OpenAiLeg(), 300);
  router.TakeIntents();
  router.OnReady(After(325));
  router.Permit(id, 0, After(326));
  EXPECT_THAT(transport.sent, IsEmpty());
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  EXPECT_THAT(leg.attempts, IsEmpty());
  EXPECT_EQ(leg.key_source, std::nullopt);
  EXPECT_THAT(observed, IsEmpty());
}

// The deadline has come, the router's own alarm not yet.
TEST_F(RouterIntents, AtTheDeadlineAPermittedAttemptIsSkipped) {
  Start(OpenAiLeg(), 300);
  PermitAll(After(300));
  router.OnReady(After(325));
  EXPECT_THAT(transport.sent, IsEmpty());
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  ASSERT_THAT(leg.attempts, SizeIs(1));
  EXPECT_EQ(leg.attempts[0].state, CallState::kSkipped);
  EXPECT_EQ(leg.attempts[0].error, ErrorReason::kTimeout);
  EXPECT_EQ(leg.request_bytes, 0U);
}

TEST_F(RouterIntents, OfALegThatEndedAreNotHandedOut) {
  Start(OpenAiLeg(), 300);
  const AskId gone = Start(OpenAiLeg());
  const AskId dropped = Start(OpenAiLeg());
  router.Abandon(gone, After(10));
  router.Cancel(dropped);
  router.OnReady(After(400));
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  EXPECT_EQ(router.Waiting(), 0U);
}

TEST_F(RouterIntents, AnAbandonedCallEndsWithItsRealAnswer) {
  const AskId id = Start(OpenAiLeg());
  PermitAll(After(0));
  router.Abandon(id, After(50));
  EXPECT_THAT(router.TakeFinished(), IsEmpty());
  EXPECT_THAT(transport.cancelled, IsEmpty());
  transport.Respond(1, 200, kOpenAiAnswer);
  router.OnReady(After(100));
  const LegResult leg = Only();
  EXPECT_EQ(leg.answer->text, "Paris");
  EXPECT_EQ(leg.attempts[0].usage->input, 12);
}

TEST_F(RouterIntents, AnAbandonedCallIsNotRepeated) {
  Leg leg = OpenAiLeg();
  leg.keys.push_back(Key(KeySource::kSystemKey, "sk-test-platform-key"));
  const AskId id = Start(std::move(leg));
  PermitAll(After(0));
  router.Abandon(id, After(50));
  transport.Respond(1, 503, "");
  router.OnReady(After(100));
  EXPECT_EQ(Only().error->reason, ErrorReason::kOverloaded);
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
}

TEST_F(RouterIntents, AnAbandonedCallLastsAtMostUntilTheDeadline) {
  const AskId id = Start(OpenAiLeg(), 300);
  PermitAll(After(0));
  router.Abandon(id, After(50));
  router.OnReady(After(325));
  EXPECT_EQ(Only().attempts[0].state, CallState::kUnknown);
  EXPECT_THAT(transport.cancelled, ElementsAre(1));
}

TEST_F(RouterIntents, AbandonEndsAWaitToSendAgain) {
  const AskId id = StartAndFailOnce();
  router.Abandon(id, After(200));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kCancelled);
  EXPECT_EQ(leg.error->message, "cancelled before it was sent again");
  EXPECT_FALSE(leg.error->retryable);
  ASSERT_THAT(leg.attempts, SizeIs(1));
  EXPECT_EQ(leg.attempts[0].error, ErrorReason::kOverloaded);
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
}

// One leg of the request is on the way, so the request outlives the other one's alarm.
TEST_F(RouterIntents, AWaitThatWasAbandonedStaysEnded) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  const AskId id = Start(std::move(legs));
  PermitAll(After(0));
  transport.Respond(1, 503, "");
  router.OnReady(After(100));
  router.Abandon(id, After(200));
  router.OnReady(After(600));
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  transport.Respond(2, 200, kAnthropicAnswer);
  router.OnReady(After(700));
  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_EQ(finished[0].legs[0].error->reason, ErrorReason::kCancelled);
  EXPECT_TRUE(finished[0].legs[1].answer);
}

TEST_F(RouterIntents, AbandonedBeforeThePermitLeavesNoAttempt) {
  const AskId id = Start(OpenAiLeg());
  router.TakeIntents();
  router.Abandon(id, After(10));
  router.Permit(id, 0, After(20));
  EXPECT_THAT(transport.sent, IsEmpty());
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->message, "cancelled before it was sent");
  EXPECT_THAT(leg.attempts, IsEmpty());
}

TEST_F(RouterIntents, InterruptCutsWhatWasSentAndLeavesItUnknown) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  const AskId id = Start(std::move(legs));
  router.TakeIntents();
  router.Permit(id, 0, After(0));
  router.Interrupt(id, After(50));
  EXPECT_THAT(transport.cancelled, ElementsAre(1));
  EXPECT_EQ(router.InFlight(), 0U);

  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  const LegResult& sent = finished[0].legs[0];
  EXPECT_EQ(sent.error->reason, ErrorReason::kCancelled);
  EXPECT_EQ(sent.error->message, "cancelled while waiting for the answer");
  ASSERT_THAT(sent.attempts, SizeIs(1));
  EXPECT_EQ(sent.attempts[0].state, CallState::kUnknown);
  EXPECT_EQ(sent.attempts[0].error, ErrorReason::kCancelled);
  EXPECT_EQ(sent.attempts[0].ended_at, After(50));
  EXPECT_THAT(finished[0].legs[1].attempts, IsEmpty());
  EXPECT_EQ(finished[0].legs[1].error->message, "cancelled before it was sent");
}

TEST_F(RouterIntents, InterruptKeepsTheAnswersThatCame) {
  std::vector<Leg> legs;
  legs.push_back(OpenAiLeg());
  legs.push_back(AnthropicLeg());
  const AskId id = Start(std::move(legs));
  PermitAll(After(0));
  transport.Respond(1, 200, kOpenAiAnswer);
  router.OnReady(After(10));
  router.Interrupt(id, After(20));
  router.Interrupt(id, After(30));
  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_TRUE(finished[0].legs[0].answer);
  EXPECT_FALSE(finished[0].legs[0].error);
}

TEST_F(RouterIntents, EveryAttemptThatEndedIsObserved) {
  StartAndFailOnce();
  const AskId id = Start(AnthropicLeg());
  PermitAll(After(100));
  router.Interrupt(id, After(200));
  router.Cancel(Start(OpenAiLeg()));
  ASSERT_THAT(observed, SizeIs(2));
  EXPECT_EQ(observed[0].first, "openai");
  EXPECT_EQ(observed[0].second.error, ErrorReason::kOverloaded);
  EXPECT_EQ(observed[1].first, "anthropic");
  EXPECT_EQ(observed[1].second.state, CallState::kUnknown);
}

}  // namespace
}  // namespace byok
