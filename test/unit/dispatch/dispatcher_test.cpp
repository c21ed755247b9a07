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
    dispatcher_.Accept(caller, std::move(order), prices_, {}, After(0));
  }

  std::vector<WorkItem> Collect(int at = 0) {
    router_.OnReady(After(at));
    return dispatcher_.Collect(After(at));
  }

  /// One commit of everything that is ready; what was in it.
  std::vector<WorkItem> Commit(int at = 0) {
    auto items = Collect(at);
    dispatcher_.Committed(items, After(at));
    return items;
  }

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
  dispatcher_.Committed(committed, After(0));
  EXPECT_THAT(transport_.sent, SizeIs(1));
}

TEST_F(DispatcherTest, TheIntentHasTheRequestsRowAndOnePerCall) {
  Accept(Order());
  const auto items = Collect();
  const RowBatch rows = dispatcher_.RowsOf(items);
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
  const RowBatch rows = dispatcher_.RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "succeeded");
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0.06");
  EXPECT_EQ(rows.calls[0]["cost_usd"].AsNumberText(), "0.03");
  dispatcher_.Committed(items, After(5));
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
  const RowBatch rows = dispatcher_.RowsOf(items);
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
  EXPECT_EQ(dispatcher_.RowsOf(again).settled[0]["charged_usd"].AsNumberText(), "0.06");
  dispatcher_.Committed(again, After(105));
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
  EXPECT_EQ(dispatcher_.RowsOf(bill).calls.Size(), 2U);
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

TEST_F(DispatcherTest, ARequestOfNobodyThatWasNeverSentIsCancelled) {
  Accept(Order());
  Commit();
  transport_.Respond(1, 429, kBusy);
  router_.OnReady(After(1));
  dispatcher_.AbandonCaller(kCaller, After(2));
  const auto items = Collect(2);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = dispatcher_.RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "failed") << "one attempt was sent and refused";
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0");
}

TEST_F(DispatcherTest, InterruptEndsWhatWasSentAsUnknownAtItsBound) {
  Accept(Order());
  Commit();
  dispatcher_.InterruptAll(After(3));
  auto items = Collect(3);
  ASSERT_THAT(items, SizeIs(1));
  const RowBatch rows = dispatcher_.RowsOf(items);
  EXPECT_EQ(rows.settled[0]["state"].AsString(), "unknown");
  EXPECT_EQ(rows.settled[0]["charged_usd"].AsNumberText(), "0");
  EXPECT_EQ(rows.calls[0]["status"].AsString(), "unknown");
  EXPECT_EQ(rows.calls[0]["estimated"].AsBool(), true);
  EXPECT_THAT(transport_.cancelled, SizeIs(1));
  dispatcher_.Committed(items, After(3));
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
  const RowBatch admission = dispatcher_.RowsOf(intents);
  EXPECT_EQ(admission.requests.Size(), 0U);
  EXPECT_EQ(admission.admitted[0]["id"].AsString(), kRequestId);
  EXPECT_FALSE(admission.admitted[0]["bound_usd"].IsNull());
  dispatcher_.Committed(intents, After(0));
  transport_.Respond(1, 200, kAnswer);
  const auto items = Collect(5);
  const RowBatch rows = dispatcher_.RowsOf(items);
  EXPECT_EQ(rows.settled[0]["result"]["consensus"].AsString(), "Paris");
  EXPECT_FALSE(rows.settled[0].Has("error"));
}

TEST_F(DispatcherTest, AQueuedRequestThatFailsKeepsItsError) {
  Accept(Queued(Order()), kNobody);
  Commit();
  transport_.Respond(1, 400, R"({"error":{"message":"no"}})");
  const auto items = Collect(5);
  const RowBatch rows = dispatcher_.RowsOf(items);
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
  const RowBatch rows = dispatcher_.RowsOf(items);
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
  EXPECT_EQ(dispatcher_.RowsOf(Collect(5)).settled[0]["state"].AsString(), "succeeded");
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
