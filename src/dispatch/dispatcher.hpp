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
  };
  Kind kind = Kind::kIntent;
  AskId ask = 0;                ///< not of kRefusal
  std::vector<Intent> intents;  ///< of kIntent
  std::string request_id;       ///< of kRefusal
  Status refusal;               ///< of kRefusal
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
///      │         └ failed ─▶ reply       (a retry has an INTENT of its own)
///      └ refused ─▶ reply: nothing was spent
///
/// Does no I/O, opens no transaction and never waits. Its host drives the MultiProviderRouter,
/// writes what Collect hands out, and says what became of it.
class Dispatcher {
 public:
  Dispatcher(MultiProviderRouter& router, KeyOpener open_key);

  /// Opens the keys, bounds the charge, and starts the request: its INTENT comes with the next
  /// Collect. A refusal (39000, 42704, P0402) is a reply at once; that of a queued request, which
  /// has no caller, is a work item.
  void Accept(CallerId caller, AskOrder order, std::shared_ptr<const PriceBook> prices,
              PriceTime started_at, http::TimePoint now);
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
  [[nodiscard]] RowBatch RowsOf(std::span<const WorkItem> items) const;
  void Committed(std::span<WorkItem> items, http::TimePoint now);
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

 private:
  void Refuse(Job& job, const Status& why);
  void ReplyTo(Job& job, Status status);
  void Abandon(AskId ask, http::TimePoint now);
  void TakeLandings(http::TimePoint now);
  void TakeDeferred(http::TimePoint now);
  void TakeIntents();
  void Defer(WorkItem item, int failures, http::TimePoint now);
  void Forget(AskId ask);

  MultiProviderRouter& router_;
  KeyOpener open_key_;
  std::unordered_map<AskId, Job> jobs_;
  std::unordered_map<std::string, AskId> by_request_;
  std::unordered_map<CallerId, std::unordered_set<AskId>> by_caller_;
  std::vector<WorkItem> ready_;  ///< for the next Collect
  std::vector<WorkItem> refusals_;
  std::multimap<http::TimePoint, WorkItem> deferred_;
  int refusal_failures_ = 0;
  std::vector<Delivery> replies_;
};

}  // namespace byok
