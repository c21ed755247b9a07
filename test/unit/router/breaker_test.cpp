#include "router/breaker.hpp"

#include <set>

#include <gtest/gtest.h>

namespace byok {
namespace {

using Pass = Breaker::Pass;
using http::Milliseconds;
using http::TimePoint;

constexpr TimePoint At(int seconds) {
  return TimePoint(std::chrono::hours(1)) + std::chrono::seconds(seconds);
}

void Fail(Breaker& breaker, int times, int seconds) {
  for (int i = 0; i < times; ++i) breaker.Report(Sign::kFailing, false, At(seconds));
}

/// Opened at 0 s.
Breaker Opened() {
  Breaker breaker;
  Fail(breaker, Breaker::kFailuresToOpen, 0);
  return breaker;
}

TEST(Breaker, OpensAfterFiveFailuresInARow) {
  Breaker breaker;
  Fail(breaker, 4, 0);
  EXPECT_EQ(breaker.state(At(0)), BreakerState::kClosed);
  EXPECT_EQ(breaker.Request(At(0)), Pass::kFree);
  EXPECT_EQ(breaker.open_until(), std::nullopt);
  Fail(breaker, 1, 0);
  EXPECT_EQ(breaker.state(At(0)), BreakerState::kOpen);
  EXPECT_EQ(breaker.Request(At(9)), Pass::kRefused);
  EXPECT_EQ(breaker.open_until(), At(10));
}

TEST(Breaker, ASignOfLifeEndsTheRow) {
  Breaker breaker;
  Fail(breaker, 4, 0);
  breaker.Report(Sign::kAlive, false, At(1));
  Fail(breaker, 4, 2);
  EXPECT_EQ(breaker.state(At(2)), BreakerState::kClosed);
}

TEST(Breaker, WhatSaysNothingNeitherCountsNorEndsTheRow) {
  Breaker breaker;
  Fail(breaker, 4, 0);
  breaker.Report(Sign::kNone, false, At(1));
  EXPECT_EQ(breaker.failures(), 4);
  Fail(breaker, 1, 2);
  EXPECT_EQ(breaker.state(At(2)), BreakerState::kOpen);
}

TEST(Breaker, HalfOpenLetsOneProbeThrough) {
  Breaker breaker = Opened();
  EXPECT_EQ(breaker.state(At(10)), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker.Request(At(10)), Pass::kProbe);
  EXPECT_EQ(breaker.Request(At(10)), Pass::kRefused);
}

TEST(Breaker, AProbeThatSucceedsCloses) {
  Breaker breaker = Opened();
  breaker.Request(At(10));
  breaker.Report(Sign::kAlive, true, At(11));
  EXPECT_EQ(breaker.state(At(11)), BreakerState::kClosed);
  EXPECT_EQ(breaker.failures(), 0);
  Fail(breaker, 5, 12);
  EXPECT_EQ(breaker.open_until(), At(22));  // from the start again
}

TEST(Breaker, EveryProbeThatFailsDoublesThePauseUpToAMinute) {
  Breaker breaker = Opened();
  int now = 10;
  for (const int pause : {20, 40, 60, 60}) {
    ASSERT_EQ(breaker.Request(At(now)), Pass::kProbe);
    breaker.Report(Sign::kFailing, true, At(now));
    EXPECT_EQ(breaker.open_until(), At(now + pause));
    now += pause;
  }
}

TEST(Breaker, AProbeThatSaysNothingOrIsNotSentLeavesItToAnother) {
  Breaker breaker = Opened();
  breaker.Request(At(10));
  breaker.Report(Sign::kNone, true, At(11));
  EXPECT_EQ(breaker.Request(At(11)), Pass::kProbe);
  breaker.Release();
  EXPECT_EQ(breaker.Request(At(12)), Pass::kProbe);
}

TEST(Breaker, LateFailuresOfCallsSentBeforeDoNotProlongThePause) {
  Breaker breaker = Opened();
  Fail(breaker, 3, 9);
  EXPECT_EQ(breaker.open_until(), At(10));
  breaker.Request(At(10));
  Fail(breaker, 1, 11);
  EXPECT_EQ(breaker.state(At(11)), BreakerState::kHalfOpen);
}

TEST(Breaker, ALateAnswerClosesAndTheProbeIsACallLikeAnyOther) {
  Breaker breaker = Opened();
  breaker.Request(At(10));
  breaker.Report(Sign::kAlive, false, At(11));
  breaker.Report(Sign::kFailing, true, At(12));
  EXPECT_EQ(breaker.state(At(12)), BreakerState::kClosed);
  EXPECT_EQ(breaker.failures(), 1);
}

TEST(Breaker, TellsWhyItRefuses) {
  Breaker breaker = Opened();
  EXPECT_EQ(DescribeRefusal("openai", breaker, At(2)),
            R"(provider "openai" failed 5 times in a row; not asked for another 8 s)");
  EXPECT_EQ(DescribeRefusal("openai", breaker, At(10) - Milliseconds(1)),
            R"(provider "openai" failed 5 times in a row; not asked for another 1 s)");
  breaker.Request(At(10));
  EXPECT_EQ(DescribeRefusal("openai", breaker, At(10)),
            R"(provider "openai" failed 5 times in a row; one call is trying it again)");
}

TEST(Breaker, NamesItsStates) {
  EXPECT_EQ(BreakerStateName(BreakerState::kClosed), "closed");
  EXPECT_EQ(BreakerStateName(BreakerState::kOpen), "open");
  EXPECT_EQ(BreakerStateName(BreakerState::kHalfOpen), "half_open");
}

TEST(Breaker, JudgesTheProviderNotTheQuestionOrTheKey) {
  using R = ErrorReason;
  const std::set<R> failing = {R::kOverloaded, R::kProviderError, R::kGatewayError, R::kUnreachable,
                               R::kTimeout};
  const std::set<R> silent = {R::kNoKey, R::kUndecryptable, R::kProtocolError, R::kCancelled,
                              R::kCircuitOpen};
  for (std::size_t i = 0; i < kErrorReasons; ++i) {
    Attempt attempt;
    attempt.error = static_cast<R>(i);
    const Sign expected = failing.contains(*attempt.error)  ? Sign::kFailing
                          : silent.contains(*attempt.error) ? Sign::kNone
                                                            : Sign::kAlive;
    EXPECT_EQ(SignOf(attempt), expected) << ErrorReasonName(*attempt.error);
    attempt.state = CallState::kSkipped;
    EXPECT_EQ(SignOf(attempt), Sign::kNone) << ErrorReasonName(*attempt.error);
  }
  Attempt answered;
  answered.state = CallState::kAnswered;
  EXPECT_EQ(SignOf(answered), Sign::kAlive);
}

}  // namespace
}  // namespace byok
