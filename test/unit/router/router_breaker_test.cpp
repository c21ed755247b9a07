#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/router_fixture.hpp"

namespace byok {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Leg WithoutRetries(Leg leg) {
  leg.provider.max_retries = 0;
  return leg;
}

class RouterBreaker : public RouterTest {
 protected:
  using RouterTest::RouterTest;

  /// Asks and gets that status back; returns the leg.
  LegResult AskFor(int status, int now_ms, Leg leg) {
    Start(WithoutRetries(std::move(leg)), 60'000, now_ms);
    if (PermitAll(After(now_ms)) != 0) {
      transport.Respond(transport.sent.size(), status, status == 200 ? kOpenAiAnswer : "");
      router.OnReady(After(now_ms + 1));
    }
    return Only();
  }
  LegResult AskFor(int status, int now_ms) { return AskFor(status, now_ms, OpenAiLeg()); }

  /// Open until 10 s.
  void OpenIt() {
    for (int i = 0; i < Breaker::kFailuresToOpen; ++i) AskFor(503, -1);
  }
  BreakerState StateAt(int now_ms) { return router.Providers(After(now_ms)).at(0).breaker; }
};

TEST_F(RouterBreaker, OpenItRefusesALegWithoutSending) {
  OpenIt();
  const std::size_t sent = transport.sent.size();
  EXPECT_EQ(router.Providers(After(0))[0].open_until, After(10'000));
  Start(OpenAiLeg(), 60'000, 2000);
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kCircuitOpen);
  EXPECT_EQ(leg.error->message,
            R"(provider "openai" failed 5 times in a row; not asked for another 8 s)");
  EXPECT_TRUE(leg.error->retryable);
  EXPECT_THAT(leg.attempts, IsEmpty());
  EXPECT_EQ(transport.sent.size(), sent);
}

TEST_F(RouterBreaker, ErrorsOfTheKeyOrTheQuestionDoNotOpenIt) {
  for (const int status : {400, 401, 402, 403, 404, 413, 429}) AskFor(status, 0);
  for (int i = 0; i < 4; ++i) AskFor(503, 0);
  AskFor(401, 0);
  for (int i = 0; i < 4; ++i) AskFor(503, 0);
  EXPECT_EQ(StateAt(10), BreakerState::kClosed);
}

TEST_F(RouterBreaker, TheProbeThatIsAnsweredClosesIt) {
  OpenIt();
  EXPECT_EQ(StateAt(10'000), BreakerState::kHalfOpen);
  EXPECT_TRUE(AskFor(200, 10'000).answer);
  EXPECT_EQ(StateAt(10'001), BreakerState::kClosed);
  EXPECT_TRUE(AskFor(200, 10'002).answer);
}

TEST_F(RouterBreaker, TheProbeThatFailsOpensItForLonger) {
  OpenIt();
  EXPECT_EQ(AskFor(503, 10'000).error->reason, ErrorReason::kOverloaded);
  EXPECT_EQ(AskFor(200, 30'000).error->reason, ErrorReason::kCircuitOpen);
  EXPECT_TRUE(AskFor(200, 30'001).answer);
}

TEST_F(RouterBreaker, OthersAreRefusedWhileTheProbeIsOnItsWay) {
  OpenIt();
  const AskId probe = Start(OpenAiLeg(), 60'000, 10'000);
  EXPECT_THAT(router.TakeIntents(), SizeIs(1));
  EXPECT_EQ(AskFor(200, 10'000).error->message,
            R"(provider "openai" failed 5 times in a row; one call is trying it again)");
  EXPECT_EQ(router.Waiting(), 1U);
  router.Cancel(probe);
  EXPECT_TRUE(AskFor(200, 10'001).answer);
}

TEST_F(RouterBreaker, AProbeThatIsAbandonedBeforeItIsSentMakesWay) {
  OpenIt();
  const AskId probe = Start(OpenAiLeg(), 60'000, 10'000);
  router.Abandon(probe, After(10'001));
  EXPECT_EQ(Only().error->reason, ErrorReason::kCancelled);
  EXPECT_TRUE(AskFor(200, 10'002).answer);
}

TEST_F(RouterBreaker, OpenedAfterThePermitItSkipsWhatWaitsForAPlace) {
  Leg leg = OpenAiLeg();
  leg.provider.max_in_flight = 1;
  for (int i = 0; i < 4; ++i) AskFor(503, 0);
  Start(WithoutRetries(std::move(leg)));
  leg = OpenAiLeg();
  leg.provider.max_in_flight = 1;
  Start(std::move(leg));
  EXPECT_EQ(PermitAll(After(10)), 2U);
  transport.Respond(transport.sent.size(), 503, "");
  router.OnReady(After(100));
  const std::vector<AskResult> finished = router.TakeFinished();
  ASSERT_THAT(finished, SizeIs(2));
  EXPECT_EQ(finished[0].legs[0].error->reason, ErrorReason::kOverloaded);
  const LegResult& parked = finished[1].legs[0];
  EXPECT_EQ(parked.error->reason, ErrorReason::kCircuitOpen);
  ASSERT_THAT(parked.attempts, SizeIs(1));
  EXPECT_EQ(parked.attempts[0].state, CallState::kSkipped);
  EXPECT_EQ(parked.attempts[0].error, ErrorReason::kCircuitOpen);
  EXPECT_EQ(router.InFlight(), 0U);
}

TEST_F(RouterBreaker, ALegThatWouldWaitInVainEndsWithTheProvidersOwnError) {
  for (int i = 0; i < 4; ++i) AskFor(503, 0);
  Start(OpenAiLeg());
  PermitAll(After(0));
  transport.Respond(transport.sent.size(), 503, R"({"error":{"message":"try later"}})");
  router.OnReady(After(10));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kOverloaded);
  EXPECT_EQ(leg.error->message, "try later");
  EXPECT_THAT(leg.attempts, SizeIs(1));
}

TEST_F(RouterBreaker, ALegWhoseBreakerOpenedWhileItWaitedEndsWithItsLastReply) {
  Start(OpenAiLeg());
  PermitAll(After(0));
  transport.Respond(1, 503, R"({"error":{"message":"try later"}})");
  router.OnReady(After(10));
  for (int i = 0; i < 4; ++i) AskFor(500, 20);
  router.OnReady(After(510));
  EXPECT_THAT(router.TakeIntents(), IsEmpty());
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kOverloaded);
  EXPECT_EQ(leg.error->message, "try later");
  EXPECT_THAT(leg.attempts, SizeIs(1));
}

TEST_F(RouterBreaker, EveryProviderHasItsOwn) {
  OpenIt();
  EXPECT_TRUE(AskFor(200, 100, OpenAiLeg("groq")).answer);
  EXPECT_FALSE(AskFor(200, 100).answer);
}

TEST_F(RouterBreaker, AChangedUrlStartsAfresh) {
  OpenIt();
  Leg leg = OpenAiLeg();
  leg.provider.base_url = "https://elsewhere.test/v1";
  EXPECT_TRUE(AskFor(200, 100, std::move(leg)).answer);
  EXPECT_THAT(router.Providers(After(100)), SizeIs(2));
}

TEST_F(RouterBreaker, VerificationsNeitherCountNorAreRefused) {
  const auto verify = [this] {
    Ask ask;
    ask.purpose = Purpose::kVerify;
    ask.legs.push_back(WithoutRetries(OpenAiLeg()));
    ask.deadline = After(60'000);
    router.Start(std::move(ask), After(0));
    EXPECT_EQ(PermitAll(After(0)), 1U);
    transport.Respond(transport.sent.size(), 503, "");
    router.OnReady(After(1));
    return Only().error->reason;
  };
  for (int i = 0; i < 5; ++i) verify();
  EXPECT_EQ(StateAt(1), BreakerState::kClosed);
  OpenIt();
  EXPECT_EQ(verify(), ErrorReason::kOverloaded);
}

/// A transfer that its caller's deadline ended while it waited for the answer.
class RouterBreakerInAHurry : public RouterBreaker, public testing::WithParamInterface<int> {
 protected:
  void TimeOut(int times) {
    for (int i = 0; i < times; ++i) {
      Start(OpenAiLeg(), GetParam());
      PermitAll(After(0));
      transport.Fail(transport.sent.size(),
                     {.phase = http::Phase::kWait, .timed_out = true, .message = "late"});
      router.OnReady(After(GetParam()));
      EXPECT_EQ(Only().error->reason, ErrorReason::kTimeout);
    }
  }
};

TEST_P(RouterBreakerInAHurry, ATimeoutCountsWhenTheProviderHadFiveSeconds) {
  TimeOut(5);
  const bool fair = GetParam() >= 5000;
  EXPECT_EQ(StateAt(GetParam()), fair ? BreakerState::kOpen : BreakerState::kClosed);
}

INSTANTIATE_TEST_SUITE_P(Router, RouterBreakerInAHurry, testing::Values(1, 4999, 5000));

TEST_F(RouterBreaker, WhatWasRefusedHereSaysNothingOfTheProvider) {
  for (int i = 0; i < 6; ++i) {
    Start(OpenAiLeg());
    PermitAll(After(0));
    transport.Fail(transport.sent.size(), {.phase = http::Phase::kRefused, .message = "not https"});
    router.OnReady(After(1));
    EXPECT_EQ(Only().error->message, "not https");
  }
}

class RouterWithoutBreaker : public RouterBreaker {
 protected:
  RouterWithoutBreaker() : RouterBreaker({.breaker = false}) {}
};

TEST_F(RouterWithoutBreaker, SendsAsOftenAsItIsAsked) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(AskFor(503, 0).error->reason, ErrorReason::kOverloaded);
  }
  EXPECT_THAT(transport.sent, SizeIs(20));
}

}  // namespace
}  // namespace byok
