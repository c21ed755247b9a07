#include "router/leg_life.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;

constexpr TimePoint kStart{std::chrono::hours(1)};

TimePoint After(int milliseconds) {
  return kStart + Milliseconds(milliseconds);
}

LegLimits Limits(std::size_t keys = 1, int max_retries = 2) {
  return {keys, max_retries, After(10'000)};
}

Reply Failed(ErrorReason reason, bool may_retry = false,
             CallState state = CallState::kFailedUnbilled) {
  Reply reply;
  reply.outcome = LegError{reason, 0, "", false, std::nullopt};
  reply.state = state;
  reply.may_retry = may_retry;
  return reply;
}
Reply Overloaded() {
  return Failed(ErrorReason::kOverloaded, true);
}
Reply Limited(int retry_after_ms) {
  Reply reply = Failed(ErrorReason::kRateLimited, true);
  std::get<LegError>(reply.outcome).retry_after = Milliseconds(retry_after_ms);
  return reply;
}
Reply Answered() {
  return {Answer{}, CallState::kAnswered, false, "", std::nullopt};
}

bool IsSend(const LegAction& action, int number, std::size_t key) {
  const auto* send = std::get_if<SendAttempt>(&action);
  return send != nullptr && send->number == number && send->key == key;
}
bool IsWait(const LegAction& action, TimePoint until) {
  const auto* wait = std::get_if<WaitUntil>(&action);
  return wait != nullptr && wait->at == until;
}
bool IsDone(const LegAction& action) {
  return std::holds_alternative<LegDone>(action);
}

/// Asks, permits and sends what it wants to.
LegLife& AfterSending(LegLife& life) {
  life.OnAsked();
  life.OnPermit();
  life.OnSent();
  return life;
}

TEST(LegLife, StartsWithTheFirstKeyAndEndsWithTheAnswer) {
  LegLife life(Limits());
  EXPECT_TRUE(IsSend(life.Start(), 1, 0));
  EXPECT_FALSE(life.done());
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Answered(), After(5), 0)));
  EXPECT_TRUE(life.done());
}

TEST(LegLife, RetriesWithBackOffUntilTheRowsLimit) {
  LegLife life(Limits(1, 2));
  life.Start();
  EXPECT_TRUE(IsWait(AfterSending(life).OnReply(Overloaded(), After(0), 0), After(500)));
  EXPECT_TRUE(IsSend(life.OnTimer(), 2, 0));
  EXPECT_TRUE(IsWait(AfterSending(life).OnReply(Overloaded(), After(600), 0), After(1600)));
  EXPECT_TRUE(IsSend(life.OnTimer(), 3, 0));
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Overloaded(), After(1700), 0)));
}

TEST(LegLife, NeverSendsMoreThanThreeTimesWithAKey) {
  LegLife life(Limits(1, 99));
  life.Start();
  for (int attempt = 1; attempt < 3; ++attempt) {
    AfterSending(life).OnReply(Overloaded(), After(0), 0);
    life.OnTimer();
  }
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Overloaded(), After(0), 0)));
}

TEST(LegLife, ZeroRetriesMeansOneAttempt) {
  LegLife life(Limits(1, 0));
  life.Start();
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Overloaded(), After(0), 0)));
}

TEST(LegLife, WaitsAsLongAsTheProviderAsks) {
  LegLife life(Limits());
  life.Start();
  EXPECT_TRUE(IsWait(AfterSending(life).OnReply(Limited(3000), After(100), 0.9), After(3100)));
}

TEST(LegLife, FailsAtOnceWhenThePauseDoesNotFitBeforeTheDeadline) {
  for (const int pause : {9900, 3'600'000}) {
    LegLife life(Limits());
    life.Start();
    EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Limited(pause), After(100), 0))) << pause;
  }
  LegLife late(Limits());
  late.Start();
  EXPECT_TRUE(IsDone(AfterSending(late).OnReply(Overloaded(), After(10'000), 0)));
}

TEST(LegLife, DoesNotRepeatWhatMayNotBeRepeated) {
  LegLife life(Limits());
  life.Start();
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Failed(ErrorReason::kKeyRejected), After(0), 0)));
}

TEST(LegLife, NeverRepeatsACallThatMayHaveBeenBilled) {
  LegLife life(Limits(2));
  life.Start();
  const Reply unknown = Failed(ErrorReason::kProviderError, true, CallState::kUnknown);
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(unknown, After(0), 0)));
}

TEST(LegLife, MovesToTheNextKeyWhenTheFirstFailed) {
  for (const ErrorReason reason :
       {ErrorReason::kKeyRejected, ErrorReason::kNotPermitted, ErrorReason::kQuotaExhausted,
        ErrorReason::kRateLimited, ErrorReason::kProviderError, ErrorReason::kUnreachable}) {
    LegLife life(Limits(2));
    life.Start();
    EXPECT_TRUE(IsSend(AfterSending(life).OnReply(Failed(reason), After(1), 0), 2, 1))
        << ErrorReasonName(reason);
  }
}

TEST(LegLife, KeepsTheKeyWhenAnotherCouldNotHelp) {
  for (const ErrorReason reason :
       {ErrorReason::kUndecryptable, ErrorReason::kBadRequest, ErrorReason::kModelNotFound,
        ErrorReason::kRequestTooLarge, ErrorReason::kCancelled, ErrorReason::kProtocolError}) {
    LegLife life(Limits(2));
    life.Start();
    EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Failed(reason), After(1), 0)))
        << ErrorReasonName(reason);
  }
}

TEST(LegLife, TheNextKeyHasItsOwnAttemptsAndItsNumbersGoOn) {
  LegLife life(Limits(2, 1));
  life.Start();
  AfterSending(life).OnReply(Overloaded(), After(0), 0);
  EXPECT_TRUE(IsSend(life.OnTimer(), 2, 0));
  EXPECT_TRUE(IsSend(AfterSending(life).OnReply(Overloaded(), After(600), 0), 3, 1));
  EXPECT_TRUE(IsWait(AfterSending(life).OnReply(Overloaded(), After(700), 0), After(1200)));
  EXPECT_TRUE(IsSend(life.OnTimer(), 4, 1));
  EXPECT_TRUE(IsDone(AfterSending(life).OnReply(Overloaded(), After(1300), 0)));
}

TEST(LegLife, DoesNotStartTheNextKeyAfterTheDeadline) {
  LegLife life(Limits(2));
  life.Start();
  EXPECT_TRUE(
      IsDone(AfterSending(life).OnReply(Failed(ErrorReason::kKeyRejected), After(10'000), 0)));
}

TEST(LegLife, ComesToSendingByAskingAndAPermit) {
  LegLife life(Limits());
  EXPECT_EQ(life.phase(), LegPhase::kNew);
  life.Start();
  EXPECT_EQ(life.phase(), LegPhase::kWanting);
  life.OnAsked();
  EXPECT_EQ(life.phase(), LegPhase::kAsked);
  life.OnPermit();
  EXPECT_EQ(life.phase(), LegPhase::kPermitted);
  life.OnSent();
  EXPECT_EQ(life.phase(), LegPhase::kSending);
  life.OnReply(Overloaded(), After(0), 0);
  EXPECT_EQ(life.phase(), LegPhase::kWaiting);
  life.OnTimer();
  EXPECT_EQ(life.phase(), LegPhase::kWanting);
}

TEST(LegLife, EndTellsHowFarItWas) {
  LegLife life(Limits());
  life.Start();
  AfterSending(life);
  EXPECT_EQ(life.End(), LegPhase::kSending);
  EXPECT_TRUE(life.done());

  LegLife waiting(Limits());
  waiting.Start();
  AfterSending(waiting).OnReply(Overloaded(), After(0), 0);
  EXPECT_EQ(waiting.End(), LegPhase::kWaiting);
  EXPECT_EQ(waiting.End(), LegPhase::kDone);
}

TEST(LegLife, ThatForgoesRetriesEndsWithTheNextReply) {
  LegLife life(Limits(2));
  life.Start();
  AfterSending(life);
  life.ForgoRetries();
  EXPECT_FALSE(life.done());
  EXPECT_TRUE(IsDone(life.OnReply(Overloaded(), After(0), 0)));
}

}  // namespace
}  // namespace byok
