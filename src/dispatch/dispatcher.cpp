#include "dispatch/dispatcher.hpp"

#include <algorithm>

#include "dispatch/strategy.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;

constexpr Milliseconds kFirstPause{100};
constexpr int kMostDoublings = 6;  // 6.4 s
constexpr int kInVain = 12;        // tries, the last 38 s after the first

Ask AskOf(const AskOrder& order, TimePoint now) {
  Ask ask;
  ask.question = QuestionOf(order);
  ask.deadline = now + order.options.timeout;
  return ask;
}

WorkItem ItemOf(WorkItem::Kind kind, AskId ask) {
  WorkItem item;
  item.kind = kind;
  item.ask = ask;
  return item;
}

AskReply RefusalReply(std::string request_id, Status why) {
  AskReply reply;
  reply.request_id = std::move(request_id);
  reply.status = std::move(why);
  return reply;
}

/// What the caller of a landed request gets. A result that is kept is everybody's; else the caller
/// composes it from the legs.
AskReply OutcomeOf(Job& job) {
  AskReply reply;
  reply.request_id = job.order.request_id;
  reply.latency_ms = job.latency_ms;
  if (IsComposedHere(job)) {
    reply.status = ErrorOf(job);
    if (reply.status.ok()) reply.result = job.result.Dump();
    return reply;
  }
  reply.legs = std::move(job.legs);
  reply.charge = ChargeToJson(job.settlement).Dump();
  return reply;
}

Payer OwnerOf(const PolicyOrder& policy) {
  return {policy.owner_kind, policy.owner_id};
}

Status SetPolicy(const PolicyOrder& policy, AccountBook& accounts) {
  const Payer owner = OwnerOf(policy);
  if (accounts.SetPolicy(owner, policy.debt_allowed, policy.credit_limit)) return {};
  const Account& account = *accounts.Find(owner);
  return Status(StatusCode::kMisconfigured,
                "the account of " + owner.kind + " \"" + owner.id + "\" is behind")
      .WithDetail("Balance " + account.posted.ToString() + " USD, held for running requests " +
                  account.held.ToString() + ", credit limit " + policy.credit_limit.ToString() +
                  ": a prepaid account must not be below zero.")
      .WithHint("Grant what is missing first, or allow a larger credit limit.");
}

/// A first intent is the request's admission; a retry's money was put aside with it.
Status AddIntents(const WorkItem& item, const Job& job, Books& books, RowBatch& rows) {
  if (!job.intended) {
    if (Status status = Admit(job, books); !status.ok()) {
      if (job.order.queued) AddRefusal(job.order.request_id, status, rows);
      return status;
    }
    AddRequest(job, books, rows);
  }
  for (const Intent& intent : item.intents) AddIntent(job, intent, rows);
  return {};
}

std::string DescribeBill(const Job& job) {
  const Payer& payer = job.pricing.payer;
  std::string text = "Request " + job.order.request_id + ": " + job.settlement.charge.ToString() +
                     " USD of " + payer.kind + " \"" + payer.id + "\"";
  for (const SettledCall& call : job.settlement.calls) {
    if (call.key_source != KeySource::kSystemKey) continue;
    text += ", " + call.provider + " cost " + call.cost.value_or(Usd()).ToString();
  }
  return text + ".";
}

Status NotRecorded(const std::string& request_id, const Status& why) {
  return Status(StatusCode::kUnavailable, "could not record the bill of request " + request_id)
      .WithDetail(
          "The providers were asked. The bill is written as soon as the database lets it: " +
          why.message() + ".")
      .WithHint("Look for the request in byok_usage later; do not ask again for the same answer.");
}

Status Interrupted(const std::string& request_id) {
  return Status(StatusCode::kUnavailable,
                "the router of pg_byok ended while it worked on a request")
      .WithDetail("Request " + request_id +
                  ": calls that were under way are recorded as unknown, at no charge.")
      .WithHint("Look for the request in byok_usage before asking again.");
}

}  // namespace

Status ShuttingDown() {
  return Status(StatusCode::kUnavailable, "the router of pg_byok is shutting down")
      .WithDetail("Nothing was sent.")
      .WithHint("Ask again: the next call starts another router.");
}

Dispatcher::Dispatcher(MultiProviderRouter& router, KeyOpener open_key)
    : router_(router), open_key_(std::move(open_key)) {}

void Dispatcher::Accept(CallerId caller, AskOrder order, const Acceptance& with, TimePoint now) {
  if (AnswerAgain(caller, order, with.known)) return;
  Job job;
  job.caller = caller;
  job.prices = with.prices;
  job.pricing = {.started_at = with.started_at,
                 .estimate_unknown_price = order.estimate_unknown_price,
                 .max_charge = order.options.max_charge,
                 .payer = with.payer,
                 .consensus_only = with.consensus_only,
                 .min_charge = with.min_charge};
  // Who has a key may come back for the answer.
  job.ends_cancelled = with.ends_cancelled && !order.options.idempotency_key;
  job.received_at = now;
  job.order = std::move(order);
  Ask ask = AskOf(job.order, now);
  if (!IsComposedHere(job)) job.order.prompt.clear();  // the caller decides the consensus itself
  Status status = OpenKeys(open_key_, job, ask);
  if (status.ok()) status = CheckMoney(ask, job);
  if (!status.ok()) return Refuse(job, status);
  if (ask.legs.empty()) {  // on_error = return: a result without a call, and without a row
    Land(job, now);
    return job.order.queued ? Refuse(job, ErrorOf(job)) : ReplyTo(job, {});
  }
  const AskId id = router_.Start(std::move(ask), now);
  by_request_.emplace(job.order.request_id, id);
  if (job.order.options.idempotency_key) by_key_.emplace(IdempotencyIdOf(job.order), id);
  if (caller != kNobody) by_caller_[caller].insert(id);
  jobs_.emplace(id, std::move(job));
}

/// The same question under the same key has one answer: the first one's.
bool Dispatcher::AnswerAgain(CallerId caller, const AskOrder& order, const KnownRequests& known) {
  if (!order.options.idempotency_key) return false;
  const IdempotencyId id = IdempotencyIdOf(order);
  const Waiter waiter{order.queued ? kNobody : caller, order.request_id};
  const auto differs = [&](const std::string& hash, const std::string& request_id) {
    if (hash == order.request_hash) return false;
    Deliver(waiter, RefusalReply(order.request_id, OtherQuestion(id, request_id)));
    return true;
  };
  if (const auto first = by_key_.find(id); first != by_key_.end()) {
    const AskOrder& running = jobs_.at(first->second).order;
    if (!differs(running.request_hash, running.request_id)) {
      waiters_[first->second].push_back(waiter);
    }
    return true;
  }
  const auto ended = known.find(id);
  if (ended == known.end()) return false;
  if (!differs(ended->second.request_hash, ended->second.request_id)) {
    Deliver(waiter, ReplyAgain(ended->second));
  }
  return true;
}

void Dispatcher::Deliver(const Waiter& waiter, const AskReply& outcome) {
  if (!waiter.IsQueued()) {
    replies_.push_back({waiter.caller, outcome});
    replies_.back().reply.request_id = waiter.request_id;  // it answers this order
    return;
  }
  WorkItem item = ItemOf(WorkItem::Kind::kRepeat, 0);
  item.request_id = waiter.request_id;
  item.outcome = outcome;
  refusals_.push_back(std::move(item));
}

void Dispatcher::DeliverAll(AskId ask, const AskReply& outcome) {
  const auto waiting = waiters_.extract(ask);
  if (waiting.empty()) return;
  for (const Waiter& waiter : waiting.mapped()) Deliver(waiter, outcome);
}

void Dispatcher::FailWaiters(const Job& job, const Status& why) {
  const auto ask = by_request_.find(job.order.request_id);
  if (ask != by_request_.end()) DeliverAll(ask->second, RefusalReply(job.order.request_id, why));
}

void Dispatcher::AcceptPolicy(CallerId caller, PolicyOrder policy) {
  WorkItem item = ItemOf(WorkItem::Kind::kPolicy, 0);
  item.caller = caller;
  item.policy = std::move(policy);
  refusals_.push_back(std::move(item));
}

void Dispatcher::Refuse(Job& job, const Status& why) {
  if (!job.order.queued) return ReplyTo(job, why);
  RefuseQueued(std::move(job.order.request_id), why);
}

void Dispatcher::Answer(CallerId caller, std::string request_id, Status why) {
  replies_.push_back({caller, RefusalReply(std::move(request_id), std::move(why))});
}

void Dispatcher::RefuseQueued(std::string request_id, Status why) {
  WorkItem item = ItemOf(WorkItem::Kind::kRefusal, 0);
  item.request_id = std::move(request_id);
  item.outcome.status = std::move(why);
  refusals_.push_back(std::move(item));
}

/// Once; then nobody waits any more. Not ok: there is no outcome, and none for those who wait for
/// the same one.
void Dispatcher::ReplyTo(Job& job, const Status& status) {
  if (!status.ok()) FailWaiters(job, status);
  if (job.caller == kNobody) return;
  replies_.push_back(
      {job.caller, status.ok() ? OutcomeOf(job) : RefusalReply(job.order.request_id, status)});
}

void Dispatcher::AbandonCaller(CallerId caller, TimePoint now) {
  const auto asks = by_caller_.extract(caller);
  if (asks.empty()) return;
  for (const AskId ask : asks.mapped()) Abandon(ask, now);
}

bool Dispatcher::AbandonRequest(const std::string& request_id, TimePoint now) {
  const auto found = by_request_.find(request_id);
  if (found == by_request_.end()) return false;
  Abandon(found->second, now);
  return true;
}

/// Nothing is written of a request whose INTENT is not committed: it never was. Others who wait for
/// its outcome keep it.
void Dispatcher::Abandon(AskId ask, TimePoint now) {
  Job& job = jobs_.at(ask);
  job.caller = kNobody;
  if (waiters_.contains(ask)) return;
  job.abandoned = true;
  if (!job.intended && !job.order.queued) {
    router_.Cancel(ask);
    return Forget(ask);
  }
  for (const AskId id : {job.extra_ask, ask}) {
    job.ends_cancelled ? router_.Interrupt(id, now) : router_.Abandon(id, now);
  }
}

void Dispatcher::InterruptAll(TimePoint now) {
  std::vector<AskId> fresh;
  for (auto& [ask, job] : jobs_) {
    if (job.landed) continue;
    job.interrupted = true;
    if (job.intended) {
      router_.Interrupt(job.extra_ask, now);
      router_.Interrupt(ask, now);
    } else {
      fresh.push_back(ask);
    }
  }
  for (const AskId ask : fresh) {
    ReplyTo(jobs_.at(ask), ShuttingDown());
    router_.Cancel(ask);
    Forget(ask);
  }
}

void Dispatcher::Drop(std::span<const std::string> request_ids) {
  for (const std::string& id : request_ids) {
    for (auto* items : {&refusals_, &ready_}) {
      std::erase_if(*items, [&id](const WorkItem& item) { return item.request_id == id; });
    }
    for (auto& [ask, waiting] : waiters_) {
      std::erase_if(waiting, [&id](const Waiter& waiter) { return waiter.request_id == id; });
    }
    const auto found = by_request_.find(id);
    if (found == by_request_.end()) continue;
    const AskId ask = found->second;
    router_.Cancel(ask);
    Forget(ask);
  }
}

bool Dispatcher::HasWork(TimePoint now) {
  TakeLandings(now);
  TakeDeferred(now);
  TakeIntents();
  std::move(refusals_.begin(), refusals_.end(), std::back_inserter(ready_));
  refusals_.clear();
  return !ready_.empty();
}

std::vector<WorkItem> Dispatcher::Collect(TimePoint now) {
  HasWork(now);
  for (WorkItem& item : ready_) {
    // A leg that ended since it was deferred is not sent any more: no row may say it might be.
    std::erase_if(item.intents, [this](const Intent& intent) {
      return !router_.AwaitsPermit(intent.ask, intent.leg);
    });
  }
  std::erase_if(ready_, [this](const WorkItem& item) { return !Knows(item); });
  for (const WorkItem& item : ready_) {
    if (item.kind != WorkItem::Kind::kIntent) continue;
    Job& job = jobs_.at(item.ask);
    if (!job.intended) ReserveFor(job, item.intents);
  }
  return std::exchange(ready_, {});
}

/// An intent of a request that landed meanwhile is moot.
bool Dispatcher::Knows(const WorkItem& item) const {
  if (item.ask == 0) return true;
  const auto job = jobs_.find(item.ask);
  if (job == jobs_.end()) return false;
  if (item.kind == WorkItem::Kind::kSettlement) return true;
  return !job->second.landed && !item.intents.empty();
}

/// The request that an ask belongs to, by the id of its first one.
AskId Dispatcher::FirstOf(AskId ask) const {
  const auto extra = extras_.find(ask);
  return extra == extras_.end() ? ask : extra->second;
}

/// Until there are none: an extra call may end as it begins (its provider's breaker is open).
void Dispatcher::TakeLandings(TimePoint now) {
  for (auto results = router_.TakeFinished(); !results.empty(); results = router_.TakeFinished()) {
    for (AskResult& result : results) TakeLanding(std::move(result), now);
  }
}

void Dispatcher::TakeLanding(AskResult result, TimePoint now) {
  const AskId first = FirstOf(result.id);
  const auto found = jobs_.find(first);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  if (result.id == first) {
    TakeAnswers(job, std::move(result.legs));
    if (AskAgain(first, job, now)) return;
  } else {
    job.extra_result = std::move(result.legs.front());
  }
  Settle(first, job, now);
}

/// The strategy's extra call, if it makes one: the request goes on.
bool Dispatcher::AskAgain(AskId first, Job& job, TimePoint now) {
  auto ask = job.intended ? PlanExtra(open_key_, job, now) : std::nullopt;
  if (!ask) return false;
  job.extra_ask = router_.Start(*std::move(ask), now);
  extras_.emplace(job.extra_ask, first);
  return true;
}

void Dispatcher::Settle(AskId first, Job& job, TimePoint now) {
  Land(job, now);
  if (job.intended || job.order.queued) {
    ready_.push_back(ItemOf(WorkItem::Kind::kSettlement, first));
  } else {  // ended before anything was committed or sent
    ReplyTo(job, {});
    Forget(first);
  }
}

/// The intents of one request that come together are one item.
void Dispatcher::TakeIntents() {
  std::unordered_map<AskId, std::size_t> places;
  for (Intent& intent : router_.TakeIntents()) {
    const AskId first = FirstOf(intent.ask);
    const auto [place, is_new] = places.emplace(first, ready_.size());
    if (is_new) ready_.push_back(ItemOf(WorkItem::Kind::kIntent, first));
    ready_[place->second].intents.push_back(std::move(intent));
  }
}

void Dispatcher::TakeDeferred(TimePoint now) {
  while (!deferred_.empty() && deferred_.begin()->first <= now) {
    ready_.push_back(std::move(deferred_.extract(deferred_.begin()).mapped()));
  }
}

std::vector<Payer> Dispatcher::OwnersOf(std::span<const WorkItem> items) const {
  std::vector<Payer> owners;
  for (const WorkItem& item : items) {
    if (item.kind == WorkItem::Kind::kPolicy) owners.push_back(OwnerOf(item.policy));
    if (item.ask == 0) continue;
    const std::vector<Payer> of_job = byok::OwnersOf(jobs_.at(item.ask).order);
    owners.insert(owners.end(), of_job.begin(), of_job.end());
  }
  return owners;
}

std::vector<Payer> Dispatcher::OwnersWithout(std::span<const WorkItem> items,
                                             const AccountBook& accounts) const {
  std::vector<Payer> without;
  const auto need = [&](const Payer& owner) {
    if (accounts.Find(owner) == nullptr) without.push_back(owner);
  };
  for (const WorkItem& item : items) {
    if (item.kind == WorkItem::Kind::kPolicy) need(OwnerOf(item.policy));
    if (item.ask == 0) continue;
    const Job& job = jobs_.at(item.ask);
    if (!HoldOf(job).IsZero() || !job.settlement.charge.IsZero()) need(job.pricing.payer);
  }
  return without;
}

TurnRows Dispatcher::RowsOf(std::span<const WorkItem> items, Books books,
                            std::span<const CreditRequest> credits) const {
  TurnRows turn;
  for (const CreditRequest& credit : credits) AddCredit(credit, books, turn.rows);
  for (std::size_t i = 0; i < items.size(); ++i) {
    Status status = AddItem(items[i], books, turn.rows);
    if (!status.ok()) turn.denied.push_back({i, std::move(status)});
  }
  AddFigures(books, turn.rows);
  return turn;
}

/// An item's rows; why it gets none.
Status Dispatcher::AddItem(const WorkItem& item, Books& books, RowBatch& rows) const {
  switch (item.kind) {
    case WorkItem::Kind::kRefusal:
      AddRefusal(item.request_id, item.outcome.status, rows);
      return {};
    case WorkItem::Kind::kRepeat:
      AddRepeat(item.request_id, item.outcome, rows);
      return {};
    case WorkItem::Kind::kPolicy:
      return SetPolicy(item.policy, books.accounts);
    case WorkItem::Kind::kSettlement:
      AddSettlement(jobs_.at(item.ask), books, rows);
      return {};
    case WorkItem::Kind::kIntent:
      return AddIntents(item, jobs_.at(item.ask), books, rows);
  }
  return {};
}

void Dispatcher::Committed(std::span<WorkItem> items, std::span<const Denial> denied,
                           TimePoint now) {
  auto next = denied.begin();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool is_denied = next != denied.end() && next->item == i;
    if (is_denied) {
      Deny(items[i], (next++)->why);
    } else {
      CommitOne(items[i], now);
    }
  }
}

void Dispatcher::CommitOne(WorkItem& item, TimePoint now) {
  if (item.kind == WorkItem::Kind::kPolicy) return Answer(item.caller, "", Status());
  if (item.ask == 0) refusal_failures_ = 0;
  const auto found = jobs_.find(item.ask);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  job.failures = 0;
  if (item.kind == WorkItem::Kind::kSettlement) {
    const Status status = job.interrupted ? Interrupted(job.order.request_id) : Status();
    if (status.ok() && waiters_.contains(item.ask)) DeliverAll(item.ask, OutcomeOf(job));
    ReplyTo(job, status);
    return Forget(item.ask);
  }
  job.intended = true;
  for (const Intent& intent : item.intents) router_.Permit(intent.ask, intent.leg, now);
}

/// Its transaction is committed, without it; a queued request is recorded as refused there.
void Dispatcher::Deny(WorkItem& item, const Status& why) {
  if (item.kind == WorkItem::Kind::kPolicy) return Answer(item.caller, "", why);
  const auto found = jobs_.find(item.ask);
  if (found == jobs_.end()) return;
  ReplyTo(found->second, why);
  router_.Cancel(item.ask);
  Forget(item.ask);
}

void Dispatcher::Failed(WorkItem item, const Status& why, TimePoint now) {
  if (item.kind == WorkItem::Kind::kPolicy) return Answer(item.caller, "", why);
  if (item.ask == 0) return Defer(std::move(item), ++refusal_failures_, now);
  const auto found = jobs_.find(item.ask);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  if (item.kind == WorkItem::Kind::kSettlement && job.caller != kNobody) {
    ReplyTo(job, NotRecorded(job.order.request_id, why));
    by_caller_[job.caller].erase(item.ask);
    job.caller = kNobody;
  }
  if (item.kind == WorkItem::Kind::kIntent && !job.intended) {
    ReplyTo(job, why);
    router_.Cancel(item.ask);
    return Forget(item.ask);
  }
  Defer(std::move(item), ++job.failures, now);
}

void Dispatcher::Defer(WorkItem item, int failures, TimePoint now) {
  const Milliseconds pause = kFirstPause * (1 << std::min(failures - 1, kMostDoublings));
  deferred_.emplace(now + pause, std::move(item));
}

std::optional<TimePoint> Dispatcher::NextDeadline() const {
  return deferred_.empty() ? std::nullopt : std::optional(deferred_.begin()->first);
}

std::vector<std::string> Dispatcher::RequestIds() const {
  std::vector<std::string> ids;
  ids.reserve(by_request_.size());
  for (const auto& [id, ask] : by_request_) ids.push_back(id);
  for (const auto& [ask, waiting] : waiters_) {
    for (const Waiter& waiter : waiting) {
      if (waiter.IsQueued()) ids.push_back(waiter.request_id);
    }
  }
  return ids;
}

/// Of an item whose request was dropped meanwhile nothing is expected.
int Dispatcher::FailuresOf(const WorkItem& item) const {
  if (item.ask == 0) return refusal_failures_;
  const auto job = jobs_.find(item.ask);
  return job == jobs_.end() ? kInVain : job->second.failures;
}

bool Dispatcher::IsStuck() const {
  const auto failed = [this](const auto& entry) { return FailuresOf(entry.second) >= kInVain; };
  const auto landed = [](const auto& entry) { return entry.second.landed; };
  return !deferred_.empty() && ready_.empty() && refusals_.empty() &&
         std::all_of(jobs_.begin(), jobs_.end(), landed) &&
         std::all_of(deferred_.begin(), deferred_.end(), failed);
}

std::vector<std::string> Dispatcher::UnwrittenBills() const {
  std::vector<std::string> bills;
  for (const auto& [ask, job] : jobs_) {
    if (job.landed) bills.push_back(DescribeBill(job));
  }
  return bills;
}

void Dispatcher::Forget(AskId ask) {
  const auto job = jobs_.extract(ask);
  if (job.empty()) return;
  const AskOrder& order = job.mapped().order;
  by_request_.erase(order.request_id);
  waiters_.erase(ask);
  extras_.erase(job.mapped().extra_ask);
  if (order.options.idempotency_key) by_key_.erase(IdempotencyIdOf(order));
  const auto caller = by_caller_.find(job.mapped().caller);
  if (caller == by_caller_.end()) return;
  caller->second.erase(ask);
  if (caller->second.empty()) by_caller_.erase(caller);
}

}  // namespace byok
