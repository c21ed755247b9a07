#include "dispatch/dispatcher.hpp"

#include <algorithm>

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;

constexpr Milliseconds kFirstPause{100};
constexpr int kMostDoublings = 6;  // 6.4 s

Ask AskOf(const AskOrder& order, TimePoint now) {
  Ask ask;
  ask.question = QuestionOf(order);
  ask.deadline = now + order.options.timeout;
  return ask;
}

WorkItem ItemOf(WorkItem::Kind kind, AskId ask) {
  return {.kind = kind, .ask = ask, .intents = {}, .request_id = {}, .refusal = {}};
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

void Dispatcher::Accept(CallerId caller, AskOrder order, std::shared_ptr<const PriceBook> prices,
                        PriceTime started_at, TimePoint now) {
  Job job;
  job.caller = caller;
  job.prices = std::move(prices);
  job.pricing = {.started_at = started_at,
                 .estimate_unknown_price = order.estimate_unknown_price,
                 .max_charge = order.options.max_charge,
                 .payer = PayerOf(order)};
  job.received_at = now;
  job.order = std::move(order);
  Ask ask = AskOf(job.order, now);
  if (!job.order.queued) job.order.prompt.clear();  // the caller decides the consensus itself
  Status status = OpenKeys(open_key_, job, ask);
  if (status.ok()) status = CheckMoney(ask, job);
  if (!status.ok()) return Refuse(job, status);
  if (ask.legs.empty()) {  // on_error = return: a result without a call, and without a row
    Land(job, {}, now);
    return job.order.queued ? Refuse(job, ErrorOf(job)) : ReplyTo(job, {});
  }
  const AskId id = router_.Start(std::move(ask), now);
  by_request_.emplace(job.order.request_id, id);
  if (caller != kNobody) by_caller_[caller].insert(id);
  jobs_.emplace(id, std::move(job));
}

void Dispatcher::Refuse(Job& job, const Status& why) {
  if (!job.order.queued) return ReplyTo(job, why);
  RefuseQueued(std::move(job.order.request_id), why);
}

void Dispatcher::Answer(CallerId caller, std::string request_id, Status why) {
  replies_.push_back(
      {caller,
       {.request_id = std::move(request_id), .status = std::move(why), .legs = {}, .charge = {}}});
}

void Dispatcher::RefuseQueued(std::string request_id, Status why) {
  WorkItem item = ItemOf(WorkItem::Kind::kRefusal, 0);
  item.request_id = std::move(request_id);
  item.refusal = std::move(why);
  refusals_.push_back(std::move(item));
}

/// Once; then nobody waits any more.
void Dispatcher::ReplyTo(Job& job, Status status) {
  if (job.caller == kNobody) return;
  Delivery delivery{job.caller,
                    {.request_id = job.order.request_id, .status = {}, .legs = {}, .charge = {}}};
  delivery.reply.latency_ms = job.latency_ms;
  if (status.ok()) {
    delivery.reply.legs = std::move(job.legs);
    delivery.reply.charge = ChargeToJson(job.settlement).Dump();
  }
  delivery.reply.status = std::move(status);
  replies_.push_back(std::move(delivery));
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

/// Nothing is written of a request whose INTENT is not committed: it never was.
void Dispatcher::Abandon(AskId ask, TimePoint now) {
  Job& job = jobs_.at(ask);
  job.abandoned = true;
  job.caller = kNobody;
  if (job.intended || job.order.queued) return router_.Abandon(ask, now);
  router_.Cancel(ask);
  Forget(ask);
}

void Dispatcher::InterruptAll(TimePoint now) {
  std::vector<AskId> fresh;
  for (auto& [ask, job] : jobs_) {
    if (job.landed) continue;
    job.interrupted = true;
    if (job.intended) {
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
  return std::exchange(ready_, {});
}

/// An intent of a request that landed meanwhile is moot.
bool Dispatcher::Knows(const WorkItem& item) const {
  if (item.kind == WorkItem::Kind::kRefusal) return true;
  const auto job = jobs_.find(item.ask);
  if (job == jobs_.end()) return false;
  if (item.kind == WorkItem::Kind::kSettlement) return true;
  return !job->second.landed && !item.intents.empty();
}

void Dispatcher::TakeLandings(TimePoint now) {
  for (AskResult& result : router_.TakeFinished()) {
    const auto found = jobs_.find(result.id);
    if (found == jobs_.end()) continue;
    Land(found->second, std::move(result.legs), now);
    if (found->second.intended || found->second.order.queued) {
      ready_.push_back(ItemOf(WorkItem::Kind::kSettlement, result.id));
    } else {  // ended before anything was committed or sent
      ReplyTo(found->second, {});
      Forget(result.id);
    }
  }
}

/// The intents of one request that come together are one item.
void Dispatcher::TakeIntents() {
  std::unordered_map<AskId, std::size_t> places;
  for (Intent& intent : router_.TakeIntents()) {
    const auto [place, is_new] = places.emplace(intent.ask, ready_.size());
    if (is_new) ready_.push_back(ItemOf(WorkItem::Kind::kIntent, intent.ask));
    ready_[place->second].intents.push_back(std::move(intent));
  }
}

void Dispatcher::TakeDeferred(TimePoint now) {
  while (!deferred_.empty() && deferred_.begin()->first <= now) {
    ready_.push_back(std::move(deferred_.extract(deferred_.begin()).mapped()));
  }
}

RowBatch Dispatcher::RowsOf(std::span<const WorkItem> items) const {
  RowBatch rows;
  for (const WorkItem& item : items) {
    if (item.kind == WorkItem::Kind::kRefusal) {
      AddRefusal(item.request_id, item.refusal, rows);
      continue;
    }
    const Job& job = jobs_.at(item.ask);
    if (item.kind == WorkItem::Kind::kSettlement) AddSettlement(job, rows);
    const bool first = item.kind == WorkItem::Kind::kIntent && !job.intended;
    if (first) AddRequest(job, rows);
    for (const Intent& intent : item.intents) AddIntent(job, intent, rows);
  }
  return rows;
}

void Dispatcher::Committed(std::span<WorkItem> items, TimePoint now) {
  for (WorkItem& item : items) {
    const auto found = jobs_.find(item.ask);
    if (found == jobs_.end()) continue;
    Job& job = found->second;
    job.failures = 0;
    if (item.kind == WorkItem::Kind::kSettlement) {
      ReplyTo(job, job.interrupted ? Interrupted(job.order.request_id) : Status());
      Forget(item.ask);
      continue;
    }
    job.intended = true;
    for (const Intent& intent : item.intents) router_.Permit(intent.ask, intent.leg, now);
  }
}

void Dispatcher::Failed(WorkItem item, const Status& why, TimePoint now) {
  if (item.kind == WorkItem::Kind::kRefusal)
    return Defer(std::move(item), ++refusal_failures_, now);
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
  return ids;
}

void Dispatcher::Forget(AskId ask) {
  const auto job = jobs_.extract(ask);
  if (job.empty()) return;
  by_request_.erase(job.mapped().order.request_id);
  const auto caller = by_caller_.find(job.mapped().caller);
  if (caller == by_caller_.end()) return;
  caller->second.erase(ask);
  if (caller->second.empty()) by_caller_.erase(caller);
}

}  // namespace byok
