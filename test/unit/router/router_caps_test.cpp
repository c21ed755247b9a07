#include <algorithm>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/router_fixture.hpp"

namespace byok {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Leg WithCap(Leg leg, std::size_t cap) {
  leg.provider.max_in_flight = cap;
  return leg;
}

class RouterCaps : public RouterTest {
 protected:
  RouterCaps() : RouterTest({.max_transfers = 3}) {}

  void Answer(http::TransferId id, int now_ms) {
    transport.Respond(id, 200, kOpenAiAnswer);
    router.OnReady(After(now_ms));
  }
};

TEST_F(RouterCaps, APermittedAttemptOverTheProvidersCapWaitsForAPlace) {
  Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1));
  EXPECT_EQ(PermitAll(After(0)), 2U);
  EXPECT_THAT(transport.sent, SizeIs(1));
  EXPECT_EQ(router.InFlight(), 1U);
  EXPECT_EQ(router.Waiting(), 2U);
  Answer(1, 100);
  EXPECT_THAT(transport.sent, SizeIs(2));
  router.TakeFinished();
  Answer(2, 250);
  const LegResult leg = Only();
  EXPECT_EQ(leg.attempts[0].started_at, After(100));
  EXPECT_EQ(leg.attempts[0].latency, http::Milliseconds(150));
}

TEST_F(RouterCaps, AFullProviderHoldsBackNoOther) {
  for (int i = 0; i < 3; ++i) Start(WithCap(OpenAiLeg(), 1));
  Start(AnthropicLeg());
  PermitAll(After(0));
  ASSERT_THAT(transport.sent, SizeIs(2));
  EXPECT_EQ(transport.sent[1].url, "https://api.anthropic.test/v1/messages");
}

TEST_F(RouterCaps, AllProvidersTogetherHaveACapToo) {
  for (int i = 0; i < 4; ++i) Start(OpenAiLeg());
  Start(AnthropicLeg());
  PermitAll(After(0));
  EXPECT_EQ(router.InFlight(), 3U);
  Answer(1, 100);
  EXPECT_EQ(transport.sent.back().url, "https://api.openai.test/v1/chat/completions");
  Answer(2, 200);
  EXPECT_EQ(transport.sent.back().url, "https://api.anthropic.test/v1/messages");
}

TEST_F(RouterCaps, AParkedAttemptIsSkippedAtTheDeadline) {
  Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1), 300);
  PermitAll(After(0));
  router.OnReady(After(325));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->reason, ErrorReason::kTimeout);
  ASSERT_THAT(leg.attempts, SizeIs(1));
  EXPECT_EQ(leg.attempts[0].state, CallState::kSkipped);
  EXPECT_EQ(leg.attempts[0].error, ErrorReason::kTimeout);
  Answer(1, 400);
  EXPECT_THAT(transport.sent, SizeIs(1));
}

TEST_F(RouterCaps, AParkedAttemptThatIsAbandonedIsSkippedAndPassedOver) {
  Start(WithCap(OpenAiLeg(), 1));
  const AskId gone = Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1));
  PermitAll(After(0));
  router.Abandon(gone, After(50));
  const LegResult leg = Only();
  EXPECT_EQ(leg.error->message, "cancelled before it was sent");
  EXPECT_EQ(leg.attempts.at(0).state, CallState::kSkipped);
  EXPECT_EQ(leg.attempts.at(0).error, ErrorReason::kCancelled);
  Answer(1, 100);
  EXPECT_THAT(transport.sent, SizeIs(2));
  EXPECT_EQ(router.InFlight(), 1U);
}

TEST_F(RouterCaps, AnInterruptedTransferMakesRoomAtOnce) {
  const AskId id = Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1));
  PermitAll(After(0));
  router.Interrupt(id, After(10));
  EXPECT_THAT(transport.sent, SizeIs(2));
}

// Cancel has no clock, so it cannot send: the router wants to be called.
TEST_F(RouterCaps, ACancelledTransferMakesRoomAtTheNextCall) {
  const AskId id = Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1));
  PermitAll(After(0));
  router.Cancel(id);
  EXPECT_LT(router.NextDeadline(), After(0));
  router.OnReady(After(10));
  EXPECT_THAT(transport.sent, SizeIs(2));
  EXPECT_GT(router.NextDeadline(), After(10));
}

TEST_F(RouterCaps, ALegThatWaitsToSendAgainHoldsNoPlace) {
  Start(WithCap(OpenAiLeg(), 1));
  Start(WithCap(OpenAiLeg(), 1));
  PermitAll(After(0));
  transport.Respond(1, 503, "");
  router.OnReady(After(100));
  EXPECT_THAT(transport.sent, SizeIs(2));
}

TEST_F(RouterCaps, AChangedCapHoldsFromTheNextRequestOn) {
  for (int i = 0; i < 2; ++i) Start(WithCap(OpenAiLeg(), 1));
  PermitAll(After(0));
  EXPECT_EQ(router.InFlight(), 1U);
  Start(WithCap(OpenAiLeg(), 2));
  PermitAll(After(10));
  EXPECT_EQ(router.InFlight(), 2U);
}

TEST_F(RouterCaps, ProvidersTellsWhatIsInFlight) {
  EXPECT_THAT(router.Providers(After(0)), IsEmpty());
  Start(OpenAiLeg());
  Start(AnthropicLeg());
  router.Permit(router.TakeIntents().at(0).ask, 0, After(0));
  const std::vector<ProviderStatus> all = router.Providers(After(0));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].provider, "anthropic");
  EXPECT_EQ(all[0].in_flight, 0U);
  EXPECT_EQ(all[1].provider, "openai");
  EXPECT_EQ(all[1].base_url, "https://api.openai.test/v1/");
  EXPECT_EQ(all[1].in_flight, 1U);
  EXPECT_EQ(all[1].breaker, BreakerState::kClosed);
}

/// Breaks off everything in flight, as often as it is asked, and counts.
class CountingTransport final : public http::Transport {
 public:
  http::TransferId Start(http::Request, http::TimePoint) override {
    open_.insert(++started);
    most_open = std::max(most_open, open_.size());
    return started;
  }
  void Cancel(http::TransferId id) override { open_.erase(id); }
  std::vector<http::Completion> TakeCompleted() override {
    std::vector<http::Completion> done;
    for (const http::TransferId id : std::exchange(open_, {})) {
      done.push_back({id, http::Failure{.phase = http::Phase::kReceive, .message = "cut"}});
    }
    return done;
  }

  http::TransferId started = 0;
  std::size_t most_open = 0;

 private:
  std::set<http::TransferId> open_;
};

TEST(RouterAtScale, TenThousandRequestsAreSentOnceEachUnderTheCap) {
  constexpr std::size_t kAsks = 10'000;
  constexpr std::size_t kCap = 500;
  CountingTransport transport;
  std::size_t replies = 0;
  const auto jitter = [&replies] { return static_cast<double>(++replies) * 0; };
  MultiProviderRouter router(transport, jitter, {.max_transfers = kCap});
  const http::TimePoint start{std::chrono::hours(1)};
  for (std::size_t i = 0; i < kAsks; ++i) {
    Ask ask;
    ask.deadline = start + std::chrono::minutes(1);
    Leg& leg = ask.legs.emplace_back();
    leg.provider.dialect = "openai";
    leg.keys.push_back({KeySource::kUserKey, std::nullopt, Secret::CopyOf("sk-test")});
    router.Start(std::move(ask), start);
  }
  EXPECT_EQ(router.Waiting(), kAsks);
  const std::vector<Intent> intents = router.TakeIntents();
  EXPECT_EQ(intents.size(), kAsks);
  for (const Intent& intent : intents) router.Permit(intent.ask, intent.leg, start);
  EXPECT_EQ(router.InFlight(), kCap);

  std::size_t turns = 0;
  std::size_t finished = 0;
  for (; router.Waiting() != 0 && turns < kAsks; ++turns) {
    router.OnReady(start + std::chrono::seconds(1));
    finished += router.TakeFinished().size();
  }
  EXPECT_EQ(turns, kAsks / kCap);
  EXPECT_EQ(finished, kAsks);
  EXPECT_EQ(replies, kAsks);
  EXPECT_EQ(transport.started, kAsks);
  EXPECT_EQ(transport.most_open, kCap);
  EXPECT_EQ(router.NextDeadline(), std::nullopt);
}

}  // namespace
}  // namespace byok
