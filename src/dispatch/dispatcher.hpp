#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dispatch/job.hpp"
#include "dispatch/rows.hpp"

namespace byok {

/// What one request wants committed.
struct WorkItem {
  enum class Kind {
    kIntent,      ///< before bytes leave: the request's row with its first calls, or a retry's call
    kSettlement,  ///< the bill
    kRefusal,     ///< of a queued request that cannot be asked
    kRepeat,      ///< of a queued request: the outcome of another one of the same idempotency key
    kPolicy,      ///< what an account may do
  };
  Kind kind = Kind::kIntent;
  AskId ask = 0;                ///< of kIntent and kSettlement
  std::vector<Intent> intents;  ///< of kIntent
  std::string request_id;       ///< of kRefusal and kRepeat
  AskReply outcome;             ///< of kRefusal its status, of kRepeat all
  CallerId caller = kNobody;    ///< of kPolicy
  PolicyOrder policy;           ///< of kPolicy
};

/// An item that its transaction left out, and why: no credit, or a policy that does not fit.
struct Denial {
  std::size_t item = 0;
  Status why;
};
struct TurnRows {
  RowBatch rows;
  std::vector<Denial> denied;
};

/// What an order is accepted with, as the turn's transaction read it.
struct Acceptance {
  std::shared_ptr<const PriceBook> prices;
  PriceTime started_at;
  Payer payer;
  bool consensus_only = false;  ///< byok.charge_policy
  Usd min_charge;               ///< byok.min_charge_usd
  bool ends_cancelled = false;  ///< byok.cancel_policy = charge_input
  const KnownRequests& known;   ///< of idempotency keys used before
};

struct Delivery {
  CallerId caller = kNobody;
  AskReply reply;
};

/// To an order that came too late.
Status ShuttingDown();

/// The life of requests in the router process:
///
///   Accept ─▶ INTENT ─commit─▶ ASK ─▶ SETTLE ─commit─▶ reply
///      │         └ failed, denied ─▶ reply     (a retry has an INTENT of its own)
///      ├ refused ─▶ reply: nothing was spent
///      └ an idempotency key used before ─▶ what the first got, once it has it
///
/// Does no I/O, opens no transaction and never waits. Its host drives the MultiProviderRouter,
/// writes what Collect hands out, and says what became of it.
class Dispatcher {
 public:
  Dispatcher(MultiProviderRouter& router, KeyOpener open_key);

  /// Opens the keys, bounds the charge, and starts the request: its INTENT comes with the next
  /// Collect. A refusal (39000, 42704, P0402) is a reply at once; that of a queued request, which
  /// has no caller, is a work item.
  void Accept(CallerId caller, AskOrder order, const Acceptance& with, http::TimePoint now);
  void AcceptPolicy(CallerId caller, PolicyOrder policy);
  /// A reply without a request: the order is not looked at, or there is nothing more to say.
  void Answer(CallerId caller, std::string request_id, Status why);
  /// A queued request that cannot even be an order.
  void RefuseQueued(std::string request_id, Status why);
  /// The caller is gone: what was sent is completed and settled, the rest is dropped.
  void AbandonCaller(CallerId caller, http::TimePoint now);
  /// The same for one request; whether it was under way.
  bool AbandonRequest(const std::string& request_id, http::TimePoint now);
  /// Ends everything now: what was sent is unknown.
  void InterruptAll(http::TimePoint now);
  /// Forgets requests whose accepting transaction did not come about; nothing of them was sent.
  void Drop(std::span<const std::string> request_ids);

  /// Whether Collect has something.
  bool HasWork(http::TimePoint now);
  /// What wants a commit now, settlements first. Every item is answered by Committed or Failed.
  std::vector<WorkItem> Collect(http::TimePoint now);
  /// Whether the item's request is still under way: not so once dropped.
  [[nodiscard]] bool Knows(const WorkItem& item) const;
  /// Whose accounts and budgets the items touch.
  [[nodiscard]] std::vector<Payer> OwnersOf(std::span<const WorkItem> items) const;
  /// Those of them who need an account and have none.
  [[nodiscard]] std::vector<Payer> OwnersWithout(std::span<const WorkItem> items,
                                                 const AccountBook& accounts) const;
  /// What the items want written, decided with what the transaction has read.
  [[nodiscard]] TurnRows RowsOf(std::span<const WorkItem> items, Books books,
                                std::span<const CreditRequest> credits = {}) const;
  /// `denied`: those of the items that were left out.
  void Committed(std::span<WorkItem> items, std::span<const Denial> denied, http::TimePoint now);
  /// `why` is what the database said. A first INTENT is answered with it. A retry's INTENT, a
  /// SETTLE and a refusal are kept and come again after a pause that grows; the caller of a SETTLE
  /// is told now that the bill comes later.
  void Failed(WorkItem item, const Status& why, http::TimePoint now);

  std::vector<Delivery> TakeReplies() { return std::exchange(replies_, {}); }
  /// When Collect must be called even if nothing happens.
  [[nodiscard]] std::optional<http::TimePoint> NextDeadline() const;

  [[nodiscard]] std::size_t Requests() const { return jobs_.size(); }
  /// How many commits failed and are to be tried again.
  [[nodiscard]] std::size_t Deferred() const { return deferred_.size(); }
  [[nodiscard]] std::vector<std::string> RequestIds() const;
  /// Whether all that is left has failed so often that waiting for it is in vain.
  [[nodiscard]] bool IsStuck() const;
  /// The bills that are not written, a line each: request, payer, charge, cost of the platform.
  [[nodiscard]] std::vector<std::string> UnwrittenBills() const;

 private:
  /// Who waits for the outcome of another's request: a caller, or a queued request.
  struct Waiter {
    CallerId caller = kNobody;  ///< kNobody: a queued request
    std::string request_id;     ///< its own
    [[nodiscard]] bool IsQueued() const { return caller == kNobody; }
  };
  bool AnswerAgain(CallerId caller, const AskOrder& order, const KnownRequests& known);
  void Deliver(const Waiter& waiter, const AskReply& outcome);
  void DeliverAll(AskId ask, const AskReply& outcome);
  void Deny(WorkItem& item, const Status& why);
  void CommitOne(WorkItem& item, http::TimePoint now);
  Status AddItem(const WorkItem& item, Books& books, RowBatch& rows) const;
  void Refuse(Job& job, const Status& why);
  void ReplyTo(Job& job, const Status& status);
  void FailWaiters(const Job& job, const Status& why);
  void Abandon(AskId ask, http::TimePoint now);
  void TakeLandings(http::TimePoint now);
  void TakeLanding(AskResult result, http::TimePoint now);
  [[nodiscard]] AskId FirstOf(AskId ask) const;
  bool AskAgain(AskId first, Job& job, http::TimePoint now);
  void Settle(AskId first, Job& job, http::TimePoint now);
  void TakeDeferred(http::TimePoint now);
  void TakeIntents();
  void Defer(WorkItem item, int failures, http::TimePoint now);
  void Forget(AskId ask);

  MultiProviderRouter& router_;
  KeyOpener open_key_;
  std::unordered_map<AskId, Job> jobs_;
  std::unordered_map<std::string, AskId> by_request_;
  std::unordered_map<CallerId, std::unordered_set<AskId>> by_caller_;
  std::map<IdempotencyId, AskId> by_key_;
  std::unordered_map<AskId, AskId> extras_;  ///< extra ask → the request's first
  std::unordered_map<AskId, std::vector<Waiter>> waiters_;
  std::vector<WorkItem> ready_;  ///< for the next Collect
  std::vector<WorkItem> refusals_;
  [[nodiscard]] int FailuresOf(const WorkItem& item) const;
  std::multimap<http::TimePoint, WorkItem> deferred_;
  int refusal_failures_ = 0;
  std::vector<Delivery> replies_;
};

}  // namespace byok
