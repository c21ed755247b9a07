#include "dispatch/dispatcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"
#include "router/fake_transport.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kAnswer =
    R"({"model":"gpt-4","choices":[{"message":{"content":"Paris"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":100,"completion_tokens":50}})";
constexpr const char* kBusy = R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})";
constexpr const char* kRequestId = "0190a1b2-0000-7000-8000-000000000001";
constexpr CallerId kCaller = 7;

class DispatcherTest : public testing::Test {
 protected:
  static TimePoint After(int milliseconds) {
    return TimePoint(std::chrono::hours(1)) + Milliseconds(milliseconds);
  }

  static Candidate PlatformKey() {
    Candidate candidate;
    candidate.source = KeySource::kSystemKey;
    candidate.variable = "OPENAI_API_KEY";
    return candidate;
  }

  static OrderLeg Leg() {
    OrderLeg leg;
    leg.provider.name = "openai";
    leg.provider.dialect = "openai";
    leg.provider.base_url = "https://api.openai.test/v1";
    leg.provider.model = "gpt-4";
    leg.origin = "https://api.openai.test:443";
    leg.keys.push_back(PlatformKey());
    return leg;
  }

  static AskOrder Order(const char* request_id = kRequestId) {
    AskOrder order;
    order.request_id = request_id;
    order.user_id = "user_123";
    order.prompt = "What is the capital of France?";
    order.legs.push_back(Leg());
    return order;
  }

  void Accept(AskOrder order, CallerId caller = kCaller) {
    const Acceptance with{.prices = prices_,
                          .started_at = {},
                          .payer = {"user", order.user_id},
                          .min_charge = min_charge_,
                          .ends_cancelled = ends_cancelled_,
                          .known = known_};
    dispatcher_.Accept(caller, std::move(order), with, After(0));
  }

  /// What the turn's transaction has read.
  Books BooksNow() const {
    return {.accounts = AccountBook({account_}), .budgets = budgets_, .has_budgets = has_budgets_};
  }

  RowBatch RowsOf(const std::vector<WorkItem>& items) const {
    return dispatcher_.RowsOf(items, BooksNow()).rows;
  }

  std::vector<WorkItem> Collect(int at = 0) {
    router_.OnReady(After(at));
    return dispatcher_.Collect(After(at));
  }

  /// One commit of everything that is ready; what was in it.
  std::vector<WorkItem> Commit(int at = 0) {
    auto items = Collect(at);
    dispatcher_.Committed(items, {}, After(at));
    return items;
  }

  /// As many requests to the first provider as open its breaker when they fail.
  void AcceptFive() {
    for (int i = 0; i < 5; ++i) {
      AskOrder order = Order(("0190a1b2-0000-7000-8000-00000000010" + std::to_string(i)).c_str());
      order.legs[0].provider.max_retries = 0;
      Accept(std::move(order), kCaller + 10);
    }
  }

  void FailFive() {
    for (std::size_t i = 1; i <= 5; ++i) transport_.Respond(i, 500, "{}");
  }

  void OpenBreaker() {
    AcceptFive();
    Commit();
    FailFive();
    Commit(1);
  }

  Account account_{.id = 1, .owner = {"user", "user_123"}};
  BudgetBook budgets_;
  bool has_budgets_ = false;
  Usd min_charge_;  ///< byok.min_charge_usd
  KnownRequests known_;
  bool ends_cancelled_ = false;  ///< byok.cancel_policy = charge_input
  FakeTransport transport_;
  MultiProviderRouter router_{transport_, [] { return 0.0; }};
  Result<Secret> key_ = Secret::CopyOf("sk-test-platform");
  Dispatcher dispatcher_{
      router_, [this](const AskOrder&, const OrderLeg&, const Candidate&) -> Result<Secret> {
        if (!key_.ok()) return key_.status();
        return key_->Clone();
      }};
  std::shared_ptr<const PriceBook> prices_ =
      std::make_shared<const PriceBook>(PriceBook{DemoPrices(), DefaultMarkups()});
};

TEST_F(DispatcherTest, SendsNothingBeforeTheIntentIsCommitted) {
  Accept(Order());
  const auto items = Collect();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, WorkItem::Kind::kIntent);
  EXPECT_THAT(transport_.sent, IsEmpty());
  auto committed = items;
  dispatcher_.Committed(committed, {}, After(0));
  EXPECT_THAT(transport_.sent, SizeIs(1));
}

TEST_F(DispatcherTest, TheIntentHasTheRequestsRowAndOnePerCall) {
  Accept(Order());
  const auto items = Collect();
  const RowBatch rows = RowsOf(items);
  ASSERT_EQ(rows.requests.Size(), 1U);
  EXPECT_EQ(rows.requests[0]["id"].AsString(), kRequestId);
  EXPECT_EQ(rows.requests[0]["user_id"].AsString(), "user_123");
  ASSERT_EQ(rows.intents.Size(), 1U);
  EXPECT_EQ(rows.intents[0]["provider"].AsString(), "openai");
  EXPECT_EQ(rows.intents[0]["key_source"].AsString(), "system_key");
  EXPECT_FALSE(rows.intents[0]["bound_cost_usd"].IsNull());
  EXPECT_EQ(rows.settled.Size(), 0U);
}

TEST_F(DispatcherTest, TheCallerIsAnsweredAfterTheBillIsCommitted) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 200, kAnswer);
  auto items = Collect(5);
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, WorkItem::Kind::kSettlement);
  EXPECT_THAT(dispatcher_.TakeReplies(), IsEmpty());
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "succeeded");
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0.06");
  EXPECT_EQ(rows.calls[0]["cost_usd"].AsNumberText(), "0.03");
  dispatcher_.Committed(items, {}, After(5));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].caller, kCaller);
  EXPECT_TRUE(replies[0].reply.status.ok());
  EXPECT_EQ(replies[0].reply.legs[0].answer->text, "Paris");
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

TEST_F(DispatcherTest, ARetryHasAnIntentOfItsOwnWithTheOutcomeBefore) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 429, kBusy);
  EXPECT_THAT(Collect(1), IsEmpty()) << "it waits";
  const auto items = Collect(600);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.requests.Size(), 0U) << "the request's row is there already";
  EXPECT_EQ(rows.intents[0]["attempt"].AsInteger(), 2);
  EXPECT_EQ(rows.outcomes[0]["attempt"].AsInteger(), 1);
  EXPECT_EQ(rows.outcomes[0]["state"].AsString(), "failed_unbilled");
  EXPECT_THAT(transport_.sent, SizeIs(1));
}

TEST_F(DispatcherTest, AnIntentThatCannotBeWrittenIsAnsweredAndNothingIsSent) {
  Accept(Order());
  auto items = Collect();
  dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kLocked, "locked"), After(0));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kLocked);
  EXPECT_THAT(transport_.sent, IsEmpty());
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

TEST_F(DispatcherTest, ABillThatCannotBeWrittenIsKeptAndItsCallerTold) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 200, kAnswer);
  auto items = Collect(5);
  dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kLocked, "locked"), After(5));
  const auto told = dispatcher_.TakeReplies();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told[0].reply.status.message(), HasSubstr(kRequestId));
  EXPECT_EQ(dispatcher_.Deferred(), 1U);
  EXPECT_THAT(Collect(50), IsEmpty());
  ASSERT_TRUE(dispatcher_.NextDeadline().has_value());
  auto again = Collect(5 + 100);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(RowsOf(again).settled[0]["charged_usd"].AsNumberText(), "0.06");
  dispatcher_.Committed(again, {}, After(105));
  EXPECT_THAT(dispatcher_.TakeReplies(), IsEmpty()) << "nobody is told twice";
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

TEST_F(DispatcherTest, ADeferredRetryOfALegThatEndedMeanwhileIsNotWritten) {
  AskOrder order = Order();
  order.legs.push_back(Leg());
  order.legs[1].provider.name = "other";
  order.legs[1].provider.base_url = "https://other.test/v1";
  order.legs[1].keys[0].source = KeySource::kUserKey;
  Accept(std::move(order));
  Commit();
  ASSERT_THAT(transport_.sent, SizeIs(2));
  transport_.Respond(1, 429, kBusy);
  router_.OnReady(After(1));
  auto items = Collect(600);
  ASSERT_THAT(items, SizeIs(1));
  dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kUnavailable, "disk full"),
                     After(600));
  dispatcher_.AbandonCaller(kCaller, After(650));
  EXPECT_THAT(Collect(5000), IsEmpty()) << "the first leg is over, the second still runs";
  transport_.Respond(2, 200, kAnswer);
  const auto bill = Collect(5001);
  ASSERT_THAT(bill, SizeIs(1));
  EXPECT_EQ(RowsOf(bill).calls.Size(), 2U);
}

TEST_F(DispatcherTest, ThePauseBetweenTriesGrows) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 200, kAnswer);
  TimePoint now = After(5);
  router_.OnReady(now);
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 9; ++i) {
    auto items = dispatcher_.Collect(now);
    ASSERT_THAT(items, SizeIs(1));
    dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kUnavailable, "disk full"), now);
    pauses.push_back(
        std::chrono::duration_cast<Milliseconds>(*dispatcher_.NextDeadline() - now).count());
    now = *dispatcher_.NextDeadline();
  }
  EXPECT_THAT(pauses, ElementsAre(100, 200, 400, 800, 1600, 3200, 6400, 6400, 6400));
}

TEST_F(DispatcherTest, IsStuckWhenAllThatIsLeftHasFailedForLong) {
  Accept(Order());
  EXPECT_FALSE(dispatcher_.IsStuck());
  Commit();
  transport_.Respond(1, 200, kAnswer);
  TimePoint now = After(5);
  router_.OnReady(now);
  int tries = 0;
  for (; tries < 100 && !dispatcher_.IsStuck(); ++tries) {
    auto items = dispatcher_.Collect(now);
    ASSERT_THAT(items, SizeIs(1));
    EXPECT_FALSE(dispatcher_.IsStuck()) << "it is being tried";
    dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kUnavailable, "disk full"), now);
    now = *dispatcher_.NextDeadline();
  }
  EXPECT_EQ(tries, 12);
  EXPECT_GT(now, After(40'000)) << "a lock of half a minute is waited for";
  EXPECT_THAT(dispatcher_.UnwrittenBills(),
              ElementsAre(std::string("Request ") + kRequestId +
                          ": 0.06 USD of user \"user_123\", openai cost 0.03."));
  AskOrder other = Order("0190a1b2-0000-7000-8000-000000000002");
  Accept(std::move(other), kCaller + 1);
  EXPECT_FALSE(dispatcher_.IsStuck()) << "another request is under way";
}

TEST_F(DispatcherTest, ARefusalThatCannotBeWrittenIsStuckToo) {
  dispatcher_.RefuseQueued(kRequestId, Status(StatusCode::kInvalidArgument, "no order"));
  TimePoint now = After(0);
  for (int i = 0; i < 12; ++i) {
    auto items = dispatcher_.Collect(now);
    ASSERT_THAT(items, SizeIs(1));
    EXPECT_FALSE(dispatcher_.IsStuck());
    dispatcher_.Failed(std::move(items[0]), Status(StatusCode::kUnavailable, "disk full"), now);
    now = *dispatcher_.NextDeadline();
  }
  EXPECT_TRUE(dispatcher_.IsStuck());
  EXPECT_THAT(dispatcher_.UnwrittenBills(), IsEmpty()) << "nothing was spent";
}

TEST_F(DispatcherTest, ACallerWhoGoesBeforeTheIntentLeavesNothing) {
  Accept(Order());
  dispatcher_.AbandonCaller(kCaller, After(1));
  EXPECT_THAT(Collect(1), IsEmpty());
  EXPECT_THAT(transport_.sent, IsEmpty());
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

TEST_F(DispatcherTest, ACallerWhoGoesWhileTheCallRunsIsBilledForTheAnswer) {
  Accept(Order());
  Commit();
  dispatcher_.AbandonCaller(kCaller, After(1));
  transport_.Respond(1, 200, kAnswer);
  auto items = Commit(5);
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, WorkItem::Kind::kSettlement);
  EXPECT_THAT(dispatcher_.TakeReplies(), IsEmpty());
}

TEST_F(DispatcherTest, UnderChargeInputWhoGoesEndsTheCallAndPaysForWhatWasSent) {
  ends_cancelled_ = true;
  Accept(Order());
  Commit();
  dispatcher_.AbandonCaller(kCaller, After(1));
  EXPECT_THAT(transport_.cancelled, SizeIs(1));
  auto items = Collect(1);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "unknown");
  EXPECT_EQ(rows.calls[0]["error"].AsString(), "cancelled");
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(),
            rows.calls[0]["charge_usd"].AsNumberText());
  EXPECT_NE(rows.settled[0]["charged_usd"].AsNumberText(), "0");
  EXPECT_EQ(rows.entries.Size(), 1U);
}

TEST_F(DispatcherTest, UnderChargeInputWhatCameBeforeIsBilledAsAlways) {
  ends_cancelled_ = true;
  Accept(Order());
  Commit();
  transport_.Respond(1, 200, kAnswer);
  router_.OnReady(After(1));
  dispatcher_.AbandonCaller(kCaller, After(2));
  const RowBatch rows = RowsOf(Collect(2));
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "succeeded");
  EXPECT_EQ(rows.calls[0]["status"].AsString(), "ok");
}

TEST_F(DispatcherTest, UnderChargeInputTheEndOfTheRouterChargesNothing) {
  ends_cancelled_ = true;
  Accept(Order());
  Commit();
  dispatcher_.InterruptAll(After(1));
  EXPECT_EQ(RowsOf(Collect(1)).settled[0]["charged_usd"].AsNumberText(), "0");
}

TEST_F(DispatcherTest, UnderChargeInputAQueryWithAKeyGoesOn) {
  ends_cancelled_ = true;
  AskOrder order = Order();
  order.options.idempotency_key = "payment-1";
  Accept(std::move(order));
  Commit();
  dispatcher_.AbandonCaller(kCaller, After(1));
  EXPECT_THAT(transport_.cancelled, IsEmpty());
}

TEST_F(DispatcherTest, ARequestOfNobodyThatWasNeverSentIsCancelled) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 429, kBusy);
  router_.OnReady(After(1));
  dispatcher_.AbandonCaller(kCaller, After(2));
  const auto items = Collect(2);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "failed") << "one attempt was sent and refused";
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0");
}

TEST_F(DispatcherTest, InterruptEndsWhatWasSentAsUnknownAtItsBound) {
  Accept(Order());
  Commit();
  dispatcher_.InterruptAll(After(3));
  auto items = Collect(3);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "unknown");
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0");
  EXPECT_EQ(rows.calls[0]["status"].AsString(), "unknown");
  EXPECT_EQ(rows.calls[0]["estimated"].AsBool(), true);
  EXPECT_THAT(transport_.cancelled, SizeIs(1));
  dispatcher_.Committed(items, {}, After(3));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(replies[0].reply.status.detail(), HasSubstr(kRequestId));
}

TEST_F(DispatcherTest, AKeyThatDoesNotOpenIsRefusedBeforeAnythingIsWritten) {
  key_ = Status(StatusCode::kUnauthentic, "could not open the stored key");
  Accept(Order());
  EXPECT_THAT(Collect(), IsEmpty());
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kUnauthentic);
}

TEST_F(DispatcherTest, AnUnknownPriceIsRefusedBeforeAnythingIsWritten) {
  AskOrder order = Order();
  order.legs[0].provider.model = "nobody-knows";
  Accept(std::move(order));
  EXPECT_THAT(Collect(), IsEmpty());
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kPaymentRequired);
}

TEST_F(DispatcherTest, OnErrorReturnWithoutAnyKeyIsAResultWithoutRows) {
  key_ = Status(StatusCode::kUnauthentic, "could not open the stored key");
  AskOrder order = Order();
  order.options.raise_on_error = false;
  Accept(std::move(order));
  EXPECT_THAT(Collect(), IsEmpty());
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_TRUE(replies[0].reply.status.ok());
  EXPECT_EQ(replies[0].reply.legs[0].error->reason, ErrorReason::kUndecryptable);
}

// --- from the queue

AskOrder Queued(AskOrder order) {
  order.queued = true;
  return order;
}

TEST_F(DispatcherTest, AQueuedRequestHasItsRowAndKeepsItsResult) {
  Accept(Queued(Order()), kNobody);
  auto intents = Collect();
  const RowBatch admission = RowsOf(intents);
  EXPECT_EQ(admission.requests.Size(), 0U);
  EXPECT_EQ(admission.admitted[0]["id"].AsString(), kRequestId);
  EXPECT_FALSE(admission.admitted[0]["bound_usd"].IsNull());
  dispatcher_.Committed(intents, {}, After(0));
  transport_.Respond(1, 200, kAnswer);
  const auto items = Collect(5);
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["result"]["consensus"].AsString(), "Paris");
  EXPECT_FALSE(rows.settled[0].Has("error"));
}

TEST_F(DispatcherTest, AQueuedRequestThatFailsKeepsItsError) {
  Accept(Queued(Order()), kNobody);
  Commit();
  transport_.Respond(1, 400, R"({"error":{"message":"no"}})");
  const auto items = Collect(5);
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "failed");
  EXPECT_EQ(rows.settled[0]["error"]["sqlstate"].AsString(), "08006");
}

TEST_F(DispatcherTest, AQueuedRequestThatIsRefusedIsWorkToWrite) {
  AskOrder order = Queued(Order());
  order.legs[0].provider.model = "nobody-knows";
  Accept(std::move(order), kNobody);
  const auto items = Collect();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, WorkItem::Kind::kRefusal);
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.refused[0]["id"].AsString(), kRequestId);
  EXPECT_EQ(rows.refused[0]["error"]["sqlstate"].AsString(), "P0402");
}

TEST_F(DispatcherTest, DroppedClaimsLeaveNoTraceAndCanBeClaimedAgain) {
  Accept(Queued(Order()), kNobody);
  const std::string ids[] = {kRequestId};
  auto items = Collect();
  dispatcher_.Drop(ids);
  EXPECT_FALSE(dispatcher_.Knows(items[0]));
  EXPECT_EQ(dispatcher_.Requests(), 0U);
  Accept(Queued(Order()), kNobody);
  EXPECT_THAT(Commit(), SizeIs(1));
  EXPECT_THAT(transport_.sent, SizeIs(1));
}

TEST_F(DispatcherTest, ARunningQueuedRequestCanBeAbandonedByItsId) {
  Accept(Queued(Order()), kNobody);
  Commit();
  EXPECT_TRUE(dispatcher_.AbandonRequest(kRequestId, After(1)));
  EXPECT_FALSE(dispatcher_.AbandonRequest("0190a1b2-0000-7000-8000-000000000002", After(1)));
  transport_.Respond(1, 200, kAnswer);
  EXPECT_EQ(RowsOf(Collect(5)).settled[0]["state"].AsString(), "succeeded");
}

// --- money

/// The demo prices: 100 tokens in and 50 out cost 0.03, twice that is charged.
constexpr const char* kCharge = "0.06";

TEST_F(DispatcherTest, TheIntentPutsTheBoundAsideOnTheAccount) {
  Accept(Order());
  const RowBatch rows = RowsOf(Collect());
  ASSERT_EQ(rows.holds.Size(), 1U);
  EXPECT_EQ(rows.holds[0]["account_id"].AsInteger(), 1);
  EXPECT_EQ(rows.holds[0]["amount_usd"], rows.requests[0]["bound_usd"]);
  EXPECT_EQ(rows.holds[0]["amount_usd"], rows.intents[0]["reserved_usd"]);
  ASSERT_EQ(rows.accounts.Size(), 1U);
  EXPECT_EQ(rows.accounts[0]["held_usd"], rows.holds[0]["amount_usd"]);
  EXPECT_EQ(rows.accounts[0]["posted_usd"].AsNumberText(), "0");
  EXPECT_EQ(rows.entries.Size(), 0U);
}

TEST_F(DispatcherTest, TheSettlementFreesTheHoldAndPostsTheCharge) {
  Accept(Order());
  auto intents = Collect();
  account_.held = *Usd::Parse(*RowsOf(intents).holds[0]["amount_usd"].AsNumberText());
  dispatcher_.Committed(intents, {}, After(0));
  transport_.Respond(1, 200, kAnswer);
  const RowBatch rows = RowsOf(Collect(5));
  ASSERT_EQ(rows.entries.Size(), 1U);
  EXPECT_EQ(rows.entries[0]["amount_usd"].AsNumberText(), "-0.06");
  EXPECT_EQ(rows.entries[0]["amount_cents"].AsInteger(), -6);
  EXPECT_EQ(rows.entries[0]["balance_after_usd"].AsNumberText(), "-0.06");
  EXPECT_EQ(rows.entries[0]["type"].AsString(), "triangle_query");
  EXPECT_EQ(rows.entries[0]["description"].AsString(), "Triangle query (1 system key)");
  EXPECT_EQ(rows.entries[0]["request_id"].AsString(), kRequestId);
  EXPECT_EQ(rows.accounts[0]["held_usd"].AsNumberText(), "0");
  EXPECT_EQ(rows.accounts[0]["posted_usd"].AsNumberText(), "-0.06");
}

TEST_F(DispatcherTest, APrepaidAccountWithoutCreditIsDeniedAndNothingIsSent) {
  account_.debt_allowed = false;
  account_.posted = *Usd::Parse("0.1");
  Accept(Order());
  auto items = Collect();
  const TurnRows turn = dispatcher_.RowsOf(items, BooksNow());
  EXPECT_EQ(turn.rows.requests.Size(), 0U);
  EXPECT_EQ(turn.rows.intents.Size(), 0U);
  EXPECT_EQ(turn.rows.accounts.Size(), 0U);
  ASSERT_THAT(turn.denied, SizeIs(1));
  dispatcher_.Committed(items, turn.denied, After(0));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kPaymentRequired);
  EXPECT_THAT(replies[0].reply.status.detail(), HasSubstr("Balance 0.1 USD"));
  EXPECT_THAT(transport_.sent, IsEmpty());
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

// Its rule charges nothing, but the least charge may.
TEST_F(DispatcherTest, TheLeastChargeIsHeldWhereTheRuleChargesNothing) {
  prices_ =
      std::make_shared<const PriceBook>(PriceBook{DemoPrices(), {{Markup(1, "openai", "0")}}});
  min_charge_ = *Usd::Parse("0.05");
  account_.debt_allowed = false;
  account_.posted = *Usd::Parse("0.05");
  Accept(Order());
  EXPECT_EQ(RowsOf(Collect()).holds[0]["amount_usd"].AsNumberText(), "0.05");
  account_.posted = *Usd::Parse("0.049999999999");
  Accept(Order("0190a1b2-0000-7000-8000-000000000002"));
  EXPECT_THAT(dispatcher_.RowsOf(Collect(), BooksNow()).denied, SizeIs(1));
}

TEST_F(DispatcherTest, TheLeastChargeIsNotHeldForOwnKeys) {
  min_charge_ = *Usd::Parse("0.05");
  AskOrder order = Order();
  order.legs[0].keys[0].source = KeySource::kUserKey;
  Accept(std::move(order));
  const RowBatch rows = RowsOf(Collect());
  EXPECT_EQ(rows.requests.Size(), 1U);
  EXPECT_EQ(rows.holds.Size(), 0U);
}

AskOrder Unpriced(AskOrder order) {
  order.legs[0].provider.model = "nobody-knows";
  order.estimate_unknown_price = true;
  return order;
}

TEST_F(DispatcherTest, PrepaidCreditPaysNothingWithoutAPrice) {
  account_.posted = *Usd::Parse("1000");
  Accept(Unpriced(Order()));
  EXPECT_EQ(RowsOf(Collect()).requests.Size(), 1U) << "a debt account may estimate";
  account_.debt_allowed = false;
  Accept(Unpriced(Order("0190a1b2-0000-7000-8000-000000000002")));
  const TurnRows turn = dispatcher_.RowsOf(Collect(), BooksNow());
  EXPECT_EQ(turn.rows.requests.Size(), 0U);
  ASSERT_THAT(turn.denied, SizeIs(1));
  EXPECT_EQ(turn.denied[0].why.code(), StatusCode::kPaymentRequired);
  EXPECT_THAT(turn.denied[0].why.message(), HasSubstr("\"nobody-knows\""));
  EXPECT_THAT(turn.denied[0].why.hint(), HasSubstr("model_prices"));
}

TEST_F(DispatcherTest, ABudgetPaysNothingWithoutAPriceButOfOtherProviders) {
  const auto budget_of = [](const char* provider) {
    return BudgetBook({{.key = {{"user", "user_123"}, provider, "day", PeriodStart("day", {})},
                        .limit = *Usd::Parse("1000"),
                        .spent = {}}});
  };
  has_budgets_ = true;
  budgets_ = budget_of("openai");
  Accept(Unpriced(Order()));
  EXPECT_THAT(dispatcher_.RowsOf(Collect(), BooksNow()).denied, SizeIs(1));
  budgets_ = budget_of("");
  Accept(Unpriced(Order("0190a1b2-0000-7000-8000-000000000002")));
  EXPECT_THAT(dispatcher_.RowsOf(Collect(), BooksNow()).denied, SizeIs(1));
  budgets_ = budget_of("anthropic");
  Accept(Unpriced(Order("0190a1b2-0000-7000-8000-000000000003")));
  EXPECT_THAT(dispatcher_.RowsOf(Collect(), BooksNow()).denied, IsEmpty());
}

TEST_F(DispatcherTest, AQueuedRequestWithoutCreditIsRecordedAsRefused) {
  account_.debt_allowed = false;
  Accept(Queued(Order()), kNobody);
  const RowBatch rows = RowsOf(Collect());
  EXPECT_EQ(rows.refused[0]["id"].AsString(), kRequestId);
  EXPECT_EQ(rows.refused[0]["error"]["sqlstate"].AsString(), "P0402");
}

TEST_F(DispatcherTest, OneTurnNeverPutsAsideMoreThanThereIs) {
  account_.debt_allowed = false;
  account_.posted = *Usd::Parse("0.8");  // one request's bound is about 0.6
  Accept(Order());
  Accept(Order("0190a1b2-0000-7000-8000-000000000002"), kCaller + 1);
  const auto items = Collect();
  const TurnRows turn = dispatcher_.RowsOf(items, BooksNow());
  EXPECT_EQ(turn.rows.requests.Size(), 1U);
  ASSERT_THAT(turn.denied, SizeIs(1));
  EXPECT_EQ(turn.denied[0].item, 1U);
}

TEST_F(DispatcherTest, WhatASettlementFreesTheNextRequestOfTheTurnMaySpend) {
  Accept(Order());
  auto first = Collect();
  account_.held = *Usd::Parse(*RowsOf(first).holds[0]["amount_usd"].AsNumberText());
  dispatcher_.Committed(first, {}, After(0));
  account_.debt_allowed = false;
  account_.posted = *Usd::Parse("0.8");
  transport_.Respond(1, 200, kAnswer);
  Accept(Order("0190a1b2-0000-7000-8000-000000000002"), kCaller + 1);
  const auto items = Collect(5);
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_THAT(dispatcher_.RowsOf(items, BooksNow()).denied, IsEmpty());
}

TEST_F(DispatcherTest, ABudgetIsCheckedWithTheBoundAndEndsWithTheCharge) {
  const BudgetKey month{{"user", "user_123"}, "", "month", "1970-01-01"};
  has_budgets_ = true;
  budgets_ = BudgetBook({{.key = month, .limit = *Usd::Parse("0.7"), .spent = Usd()}});
  Accept(Order());
  auto items = Collect();
  const RowBatch intent = RowsOf(items);
  const auto moved = [](const RowBatch& rows, std::string_view provider) {
    for (const Json& move : rows.budgets.Elements()) {
      if (move["provider"].AsString() == provider && move["period"].AsString() == "month") {
        return *Usd::Parse(*move["amount_usd"].AsNumberText());
      }
    }
    return Usd();
  };
  const Usd bound = moved(intent, "");
  EXPECT_EQ(bound, moved(intent, "openai"));
  dispatcher_.Committed(items, {}, After(0));
  transport_.Respond(1, 200, kAnswer);
  EXPECT_EQ(bound + moved(RowsOf(Collect(5)), ""), *Usd::Parse(kCharge));
  budgets_ = BudgetBook({{.key = month, .limit = *Usd::Parse("0.7"), .spent = *Usd::Parse("0.2")}});
  Accept(Order("0190a1b2-0000-7000-8000-000000000002"));
  std::vector<WorkItem> next;
  for (WorkItem& item : Collect(6)) {
    if (item.kind == WorkItem::Kind::kIntent) next.push_back(std::move(item));
  }
  const TurnRows turn = dispatcher_.RowsOf(next, BooksNow());
  ASSERT_THAT(turn.denied, SizeIs(1));
  EXPECT_THAT(turn.denied[0].why.message(), HasSubstr("budget of user"));
}

TEST_F(DispatcherTest, WhatABillLeavesOfABudgetTheNextRequestOfTheTurnMaySpend) {
  const BudgetKey month{{"user", "user_123"}, "", "month", "1970-01-01"};
  has_budgets_ = true;
  budgets_ = BudgetBook({{.key = month, .limit = *Usd::Parse("0.8"), .spent = Usd()}});
  Accept(Order());
  auto first = Collect();
  const Usd bound = *Usd::Parse(*RowsOf(first).holds[0]["amount_usd"].AsNumberText());
  dispatcher_.Committed(first, {}, After(0));
  budgets_ = BudgetBook({{.key = month, .limit = *Usd::Parse("0.8"), .spent = bound}});
  transport_.Respond(1, 200, kAnswer);
  Accept(Order("0190a1b2-0000-7000-8000-000000000002"), kCaller + 1);
  const auto items = Collect(5);
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_THAT(dispatcher_.RowsOf(items, BooksNow()).denied, IsEmpty());
}

TEST_F(DispatcherTest, APolicyIsSetUnlessTheAccountIsBehind) {
  const PolicyOrder prepaid{.owner_kind = "user", .owner_id = "user_123", .debt_allowed = false};
  dispatcher_.AcceptPolicy(kCaller, prepaid);
  auto items = Collect();
  EXPECT_EQ(RowsOf(items).accounts[0]["debt_allowed"].AsBool(), false);
  account_.posted = *Usd::Parse("-1");
  const TurnRows turn = dispatcher_.RowsOf(items, BooksNow());
  ASSERT_THAT(turn.denied, SizeIs(1));
  dispatcher_.Committed(items, turn.denied, After(0));
  EXPECT_EQ(dispatcher_.TakeReplies().at(0).reply.status.code(), StatusCode::kMisconfigured);
}

TEST_F(DispatcherTest, ACreditIsPostedAndARefundComesFromRevenue) {
  const CreditRequest grant{.id = 5,
                            .kind = "grant",
                            .owner = account_.owner,
                            .amount = *Usd::Parse("5"),
                            .type = "purchase"};
  const CreditRequest refund{.id = 6,
                             .kind = "refund",
                             .owner = account_.owner,
                             .amount = *Usd::Parse("0.031"),
                             .type = "refund",
                             .reverses_id = 3};
  const std::vector<CreditRequest> credits = {grant, refund};
  const RowBatch rows = dispatcher_.RowsOf({}, BooksNow(), credits).rows;
  ASSERT_EQ(rows.entries.Size(), 2U);
  EXPECT_EQ(rows.entries[0]["amount_cents"].AsInteger(), 500);
  EXPECT_EQ(rows.entries[0]["contra"].AsString(), "platform:cash");
  EXPECT_EQ(rows.entries[1]["contra"].AsString(), "platform:revenue");
  EXPECT_EQ(rows.entries[1]["reverses_id"].AsInteger(), 3);
  EXPECT_EQ(rows.entries[1]["balance_after_usd"].AsNumberText(), "5.031");
}

// --- strategies

AskOrder WithStrategy(AskOrder order, Strategy strategy) {
  order.options.strategy = strategy;
  OrderLeg other = order.legs[0];
  other.provider.name = "anthropic";  // of the same dialect here
  other.provider.base_url = "https://other.test/v1";
  other.keys[0].source = KeySource::kUserKey;
  order.legs.push_back(std::move(other));
  return order;
}

TEST_F(DispatcherTest, AJudgeIsAskedAfterTheAnswersWithAnIntentOfItsOwn) {
  Accept(WithStrategy(Order(), Strategy::kJudge));
  Commit();
  transport_.Respond(1, 200, kAnswer);
  transport_.Respond(2, 200, kAnswer);
  auto items = Collect(5);
  ASSERT_THAT(items, SizeIs(1));
  ASSERT_EQ(items[0].kind, WorkItem::Kind::kIntent);
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.requests.Size(), 0U) << "the request's row and hold are there already";
  EXPECT_EQ(rows.holds.Size(), 0U);
  EXPECT_EQ(rows.intents[0]["purpose"].AsString(), "judge");
  EXPECT_EQ(rows.intents[0]["provider"].AsString(), "openai");
  EXPECT_THAT(transport_.sent, SizeIs(2));
  dispatcher_.Committed(items, {}, After(5));
  ASSERT_THAT(transport_.sent, SizeIs(3));
  transport_.Respond(3, 200, kAnswer);  // "Paris" is no verdict
  auto bill = Collect(9);
  ASSERT_THAT(bill, SizeIs(1));
  const RowBatch billed = RowsOf(bill);
  EXPECT_EQ(billed.calls.Size(), 3U);
  EXPECT_EQ(billed.calls[2]["purpose"].AsString(), "judge");
  EXPECT_EQ(billed.settled[0]["charged_usd"].AsNumberText(), "0.12");
  dispatcher_.Committed(bill, {}, After(9));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_THAT(replies[0].reply.result, HasSubstr("unusable_verdict"));
  EXPECT_EQ(dispatcher_.Requests(), 0U);
}

TEST_F(DispatcherTest, AJudgeWhoseProviderIsOutEndsAtOnce) {
  AcceptFive();
  Accept(WithStrategy(Order(), Strategy::kJudge));
  Commit();
  transport_.Respond(6, 200, kAnswer);
  transport_.Respond(7, 200, kAnswer);
  FailFive();
  std::vector<WorkItem> items = Collect(5);
  EXPECT_THAT(items, SizeIs(6)) << "six bills, without another look";
  for (const WorkItem& item : items) EXPECT_EQ(item.kind, WorkItem::Kind::kSettlement);
  EXPECT_EQ(RowsOf(items).calls.Size(), 7U) << "the judge was never sent";
}

TEST_F(DispatcherTest, TheHoldCoversTheExtraCall) {
  Accept(WithStrategy(Order(), Strategy::kMedoid));
  const Usd without = *Usd::Parse(*RowsOf(Collect()).holds[0]["amount_usd"].AsNumberText());
  Accept(WithStrategy(Order("0190a1b2-0000-7000-8000-000000000002"), Strategy::kSynthesize));
  const RowBatch rows = RowsOf(Collect());
  EXPECT_GT(*Usd::Parse(*rows.holds[0]["amount_usd"].AsNumberText()), without + *Usd::Parse("0.3"));
}

Usd AmountOf(const Json& row, const char* column) {
  return *Usd::Parse(*row[column].AsNumberText());
}

TEST_F(DispatcherTest, TheCallsOfTheFirstIntentHaveTheWholeHold) {
  Accept(WithStrategy(Order(), Strategy::kSynthesize));
  const RowBatch rows = RowsOf(Collect());
  ASSERT_EQ(rows.intents.Size(), 2U);
  EXPECT_EQ(AmountOf(rows.intents[0], "reserved_usd") + AmountOf(rows.intents[1], "reserved_usd"),
            AmountOf(rows.holds[0], "amount_usd"));
}

TEST_F(DispatcherTest, NothingIsPutAsideForAProviderThatIsOut) {
  OpenBreaker();
  Accept(WithStrategy(Order(), Strategy::kSynthesize));
  const RowBatch rows = RowsOf(Collect(2));
  ASSERT_EQ(rows.intents.Size(), 1U);
  EXPECT_GT(AmountOf(rows.holds[0], "amount_usd"), Usd()) << "for the synthesis";
  EXPECT_EQ(AmountOf(rows.intents[0], "reserved_usd"), AmountOf(rows.holds[0], "amount_usd"));
}

TEST_F(DispatcherTest, AQueuedRequestWhoseProvidersAreAllOutGivesBackNoHold) {
  OpenBreaker();
  AskOrder order = Queued(Order());
  order.legs.resize(1);
  Accept(std::move(order), kNobody);
  const RowBatch rows = RowsOf(Collect(2));
  ASSERT_EQ(rows.settled.Size(), 1U);
  EXPECT_EQ(rows.settled[0]["error"]["sqlstate"].AsString(), "08006");
  EXPECT_EQ(rows.accounts.Size(), 0U) << "no hold was taken";
}

TEST_F(DispatcherTest, ACallerWhoGoesWhileTheJudgeThinksIsBilledForAll) {
  Accept(WithStrategy(Order(), Strategy::kJudge));
  Commit();
  transport_.Respond(1, 200, kAnswer);
  transport_.Respond(2, 200, kAnswer);
  Commit(5);
  dispatcher_.AbandonCaller(kCaller, After(6));
  EXPECT_THAT(Collect(6), IsEmpty()) << "what was sent is completed";
  transport_.Respond(3, 200, kAnswer);
  EXPECT_EQ(RowsOf(Collect(9)).calls.Size(), 3U);
}

TEST_F(DispatcherTest, ACallerWhoGoesBeforeTheJudgeIsAskedSparesIt) {
  Accept(WithStrategy(Order(), Strategy::kJudge));
  Commit();
  dispatcher_.AbandonCaller(kCaller, After(1));
  transport_.Respond(1, 200, kAnswer);
  transport_.Respond(2, 200, kAnswer);
  const auto items = Collect(5);
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, WorkItem::Kind::kSettlement);
}

TEST_F(DispatcherTest, AJudgeUnderWayWhenTheRouterEndsIsUnknown) {
  Accept(WithStrategy(Order(), Strategy::kJudge));
  Commit();
  transport_.Respond(1, 200, kAnswer);
  transport_.Respond(2, 200, kAnswer);
  Commit(5);
  dispatcher_.InterruptAll(After(6));
  const RowBatch rows = RowsOf(Collect(6));
  ASSERT_EQ(rows.calls.Size(), 3U);
  EXPECT_EQ(rows.calls[2]["status"].AsString(), "unknown");
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "succeeded") << "its answers are there";
}

// The hold is of the dearest provider; the call went to another one, whose price nobody knows.
TEST_F(DispatcherTest, AnUnknownJudgeIsBookedAtTheBoundOfWhoWasAsked) {
  AskOrder order = WithStrategy(Order(), Strategy::kJudge);
  order.legs.push_back(order.legs[1]);
  order.legs[2].provider.name = "deepseek";
  Accept(std::move(order));
  Commit();
  transport_.Respond(1, 400, "{}");
  transport_.Respond(2, 200, kAnswer);
  transport_.Respond(3, 200, kAnswer);
  auto intents = Collect(5);
  ASSERT_THAT(intents, SizeIs(1));
  EXPECT_EQ(RowsOf(intents).intents[0]["provider"].AsString(), "anthropic");
  EXPECT_TRUE(RowsOf(intents).intents[0]["bound_cost_usd"].IsNull());
  dispatcher_.Committed(intents, {}, After(5));
  dispatcher_.InterruptAll(After(6));
  const RowBatch rows = RowsOf(Collect(6));
  ASSERT_EQ(rows.calls.Size(), 4U);
  EXPECT_EQ(rows.calls[3]["status"].AsString(), "unknown");
  EXPECT_TRUE(rows.calls[3]["cost_usd"].IsNull());
}

// --- idempotency keys

AskOrder Keyed(AskOrder order, const char* hash = "aa") {
  order.options.idempotency_key = "payment-1";
  order.request_hash = hash;
  return order;
}
constexpr const char* kSecondId = "0190a1b2-0000-7000-8000-000000000002";

TEST_F(DispatcherTest, WhoAsksAgainWaitsForTheFirstAndGetsTheSame) {
  Accept(Keyed(Order()));
  Accept(Keyed(Order(kSecondId)), kCaller + 1);
  auto items = Commit();
  ASSERT_THAT(items, SizeIs(1)) << "one request";
  transport_.Respond(1, 200, kAnswer);
  Commit(5);
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(2));
  EXPECT_EQ(replies[0].reply.result, replies[1].reply.result);
  EXPECT_THAT(replies[0].reply.result, HasSubstr(kRequestId));
  EXPECT_EQ(replies[0].reply.request_id, kSecondId) << "a reply answers its own order";
}

TEST_F(DispatcherTest, WhoAsksAgainLaterGetsWhatIsKept) {
  known_[IdempotencyIdOf(Keyed(Order()))] = {.request_id = kRequestId,
                                             .request_hash = "aa",
                                             .state = "succeeded",
                                             .result = R"({"consensus": "Paris"})",
                                             .error = ""};
  Accept(Keyed(Order(kSecondId)));
  EXPECT_THAT(Collect(), IsEmpty());
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.result, R"({"consensus": "Paris"})");
}

TEST_F(DispatcherTest, AnotherQuestionUnderTheSameKeyIsRefused) {
  Accept(Keyed(Order()));
  Accept(Keyed(Order(kSecondId), "bb"), kCaller + 1);
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].reply.status.code(), StatusCode::kInvalidArgument);
}

TEST_F(DispatcherTest, AKeyOfAnotherTenantIsAnotherKey) {
  AskOrder other = Keyed(Order(kSecondId), "bb");
  other.tenant_id = "tenant_b";
  Accept(Keyed(Order()));
  Accept(std::move(other), kCaller + 1);
  EXPECT_THAT(Commit(), SizeIs(2));
}

TEST_F(DispatcherTest, TheFirstCallersEndDoesNotTakeTheOutcomeFromTheSecond) {
  Accept(Keyed(Order()));
  Accept(Keyed(Order(kSecondId)), kCaller + 1);
  Commit();
  dispatcher_.AbandonCaller(kCaller, After(1));
  transport_.Respond(1, 200, kAnswer);
  Commit(5);
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].caller, kCaller + 1);
}

TEST_F(DispatcherTest, AQueuedRequestOfAUsedKeyGetsTheOutcomeOfTheFirst) {
  Accept(Keyed(Order()));
  Accept(Queued(Keyed(Order(kSecondId))), kNobody);
  EXPECT_THAT(dispatcher_.RequestIds(), testing::UnorderedElementsAre(kRequestId, kSecondId));
  Commit();
  transport_.Respond(1, 200, kAnswer);
  Commit(5);
  const auto items = Collect(6);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = RowsOf(items);
  EXPECT_EQ(rows.repeated[0]["id"].AsString(), kSecondId);
  EXPECT_EQ(rows.repeated[0]["state"].AsString(), "succeeded");
  EXPECT_EQ(rows.repeated[0]["result"]["request_id"].AsString(), kRequestId);
}

TEST_F(DispatcherTest, ADeniedFirstDeniesThoseWhoWait) {
  account_.debt_allowed = false;
  Accept(Keyed(Order()));
  Accept(Keyed(Order(kSecondId)), kCaller + 1);
  auto items = Collect();
  const TurnRows turn = dispatcher_.RowsOf(items, BooksNow());
  dispatcher_.Committed(items, turn.denied, After(0));
  const auto replies = dispatcher_.TakeReplies();
  ASSERT_THAT(replies, SizeIs(2));
  for (const Delivery& delivery : replies) {
    EXPECT_EQ(delivery.reply.status.code(), StatusCode::kPaymentRequired);
  }
}

TEST(ErrorJson, RoundTrips) {
  const Status status =
      Status(StatusCode::kPaymentRequired, "too dear").WithDetail("D.").WithHint("H.");
  const Status back = ErrorFromJson(ErrorToJson(status));
  EXPECT_EQ(back.code(), status.code());
  EXPECT_EQ(back.message(), status.message());
  EXPECT_EQ(back.detail(), status.detail());
  EXPECT_EQ(back.hint(), status.hint());
}

TEST(SqlState, EveryCodeRoundTrips) {
  for (const auto code :
       {StatusCode::kInvalidArgument, StatusCode::kNullArgument, StatusCode::kKeyNotFound,
        StatusCode::kPermissionDenied, StatusCode::kUnauthentic, StatusCode::kMisconfigured,
        StatusCode::kUnavailable, StatusCode::kNoAnswer, StatusCode::kPaymentRequired,
        StatusCode::kNotSupported, StatusCode::kLocked, StatusCode::kCancelled,
        StatusCode::kInternal}) {
    EXPECT_EQ(CodeOfSqlState(SqlState(code)), code);
  }
  EXPECT_EQ(CodeOfSqlState("12345"), StatusCode::kInternal);
}

}  // namespace
}  // namespace byok
