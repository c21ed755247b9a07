#include "dispatch/job.hpp"

#include <algorithm>
#include <utility>

#include "consensus/triangle_answer.hpp"
#include "router/provider.hpp"

#include "dispatch/strategy.hpp"

namespace byok {

KeySource DearestSource(const Leg& leg) {
  return leg.keys.back().source;
}

Result<Leg> OpenLeg(const KeyOpener& open_key, const AskOrder& order, const OrderLeg& from) {
  Leg leg{.provider = from.provider, .keys = {}};
  for (const Candidate& candidate : from.keys) {
    auto key = open_key(order, from, candidate);
    if (!key.ok()) {
      if (!leg.keys.empty()) break;  // the fallback is a courtesy, the chosen key is not
      return key.status();
    }
    const auto& record = candidate.record;
    leg.keys.push_back({.source = candidate.source,
                        .key_id = record ? std::optional(record->key_id) : std::nullopt,
                        .key = *std::move(key)});
  }
  return leg;
}

namespace {

std::size_t RequestBytes(const ProviderConfig& provider, const Question& question) {
  const Provider* dialect = FindDialect(provider.dialect);
  return dialect == nullptr ? 0 : dialect->BuildRequest(provider, question).body.size();
}

LegError RefusalError(ErrorReason reason, const Status& why) {
  return {.reason = reason,
          .http_status = 0,
          .message = why.message() + (why.detail().empty() ? "" : ": " + why.detail()),
          .retryable = false,
          .retry_after = {}};
}

/// Adds the leg to the ask, or the reason why not to its result.
Status AddLeg(const KeyOpener& open_key, const OrderLeg& from, Job& job, Ask& ask) {
  LegResult& result = job.legs.emplace_back();
  result.provider = from.provider.name;
  result.model_asked = from.provider.model;
  if (from.keys.empty()) {
    result.error = RefusalError(ErrorReason::kNoKey, from.refusal);
    return from.refusal;
  }
  result.key_source = from.keys.front().source;
  auto leg = OpenLeg(open_key, job.order, from);
  if (!leg.ok()) {
    result.error = RefusalError(ErrorReason::kUndecryptable, leg.status());
    return leg.status();
  }
  job.asked.push_back(job.legs.size() - 1);
  ask.legs.push_back(*std::move(leg));
  return {};
}

bool MayHaveCost(const LegResult& leg) {
  return std::any_of(leg.attempts.begin(), leg.attempts.end(),
                     [](const Attempt& attempt) { return attempt.state == CallState::kUnknown; });
}

bool WasSent(const LegResult& leg) {
  return std::any_of(leg.attempts.begin(), leg.attempts.end(),
                     [](const Attempt& attempt) { return attempt.state != CallState::kSkipped; });
}

Usd SumOf(const std::vector<LegBound>& bounds) {
  Usd total;
  for (const LegBound& bound : bounds) total += bound.charge.value_or(Usd());
  return total;
}

/// The leg is not asked.
void SetAside(LegBound& bound) {
  bound.charge = Usd();
  bound.platform_paid = false;
}

bool Answered(const LegResult& leg) {
  return leg.answer.has_value();
}

Json ComposeResult(const Job& job) {
  TriangleAnswer answer;
  answer.request_id = job.order.request_id;
  answer.legs = job.legs;
  DecideConsensus(job, answer);
  answer.charge = ChargeToJson(job.settlement);
  answer.latency = http::Milliseconds(job.latency_ms);
  answer.min_answers = job.order.options.min_answers;
  return TriangleAnswerToJson(answer);
}

}  // namespace

bool IsKept(const Job& job) {
  return job.order.queued || job.order.options.idempotency_key;
}

bool IsComposedHere(const Job& job) {
  return IsKept(job) || MayAskAgain(job.order);
}

Usd HoldOf(const Job& job) {
  return MostCharged(job.bounds, job.pricing);
}

std::vector<Payer> OwnersOf(const AskOrder& order) {
  std::vector<Payer> owners = {{"user", order.user_id}};
  if (order.tenant_id) owners.push_back({"tenant", *order.tenant_id});
  return owners;
}

std::vector<Spend> BoundsOf(const Job& job) {
  std::vector<Spend> spends;
  for (const LegBound& bound : job.bounds) {
    spends.push_back({bound.provider, bound.charge.value_or(Usd())});
  }
  spends.push_back({"", HoldOf(job) - SumOf(job.bounds)});
  return spends;
}

std::vector<Spend> ChangesOf(const Job& job) {
  std::vector<Spend> changes = BoundsOf(job);
  for (Spend& change : changes) change.amount = -change.amount;
  for (const SettledCall& call : job.settlement.calls) {
    changes.push_back({call.provider, call.charge});
  }
  changes.push_back({"", job.settlement.surcharge});
  return changes;
}

void ReserveFor(Job& job, std::span<const Intent> intents) {
  std::vector<bool> asked(job.bounds.size(), false);
  for (const Intent& intent : intents) asked[job.asked[intent.leg]] = true;
  for (std::size_t i = 0; i < job.legs.size(); ++i) {
    if (!asked[i]) SetAside(job.bounds[i]);
  }
  if (job.bounds.size() == job.legs.size() || intents.empty()) return;
  LegBound& extra = job.bounds.back();
  const bool is_there = std::any_of(intents.begin(), intents.end(), [&](const Intent& intent) {
    return job.legs[job.asked[intent.leg]].provider == extra.provider;
  });
  if (!is_there) extra.provider = job.legs[job.asked[intents.front().leg]].provider;
}

Usd ReservedBy(const Job& job, std::size_t leg) {
  const LegBound& bound = job.bounds[leg];
  const bool has_extra = job.bounds.size() > job.legs.size();
  const Usd extra = has_extra && job.bounds.back().provider == bound.provider
                        ? job.bounds.back().charge.value_or(Usd())
                        : Usd();
  return bound.charge.value_or(Usd()) + extra;
}

Status OpenKeys(const KeyOpener& open_key, Job& job, Ask& ask) {
  Status first;
  for (const OrderLeg& leg : job.order.legs) {
    Status status = AddLeg(open_key, leg, job, ask);
    if (first.ok()) first = std::move(status);
  }
  if (MayAskAgain(job.order)) job.panel = std::move(job.order.legs);
  job.order.legs.clear();
  if (ask.legs.size() >= static_cast<std::size_t>(job.order.options.min_answers)) return {};
  ask.legs.clear();
  job.asked.clear();
  return job.order.options.raise_on_error ? first : Status();
}

Question QuestionOf(const AskOrder& order) {
  return {.prompt = order.prompt,
          .system = order.options.system,
          .max_tokens = order.options.max_tokens,
          .temperature = order.options.temperature};
}

LegBound BoundOf(const ProviderConfig& provider, KeySource source, const Question& question,
                 http::Milliseconds timeout, const PriceBook& prices, const Payer& payer,
                 PriceTime at) {
  const auto span = std::chrono::duration_cast<std::chrono::microseconds>(timeout).count();
  return BoundLeg(prices.prices, prices.rules, provider,
                  {.source = source,
                   .payer = payer,
                   .request_bytes = RequestBytes(provider, question),
                   .max_tokens = question.max_tokens,
                   .started_at = at.unix_micros,
                   .deadline_at = at.unix_micros + span});
}

Status CheckMoney(const Ask& ask, Job& job) {
  std::vector<LegBound> asked_bounds;
  std::vector<KeySource> sources;
  job.bounds.resize(job.legs.size());
  std::vector<Askable> askable;
  for (std::size_t i = 0; i < ask.legs.size(); ++i) {
    const Leg& leg = ask.legs[i];
    sources.push_back(DearestSource(leg));
    askable.push_back({leg.provider, sources.back()});
    asked_bounds.push_back(BoundOf(leg.provider, sources.back(), ask.question,
                                   job.order.options.timeout, *job.prices, job.pricing.payer,
                                   job.pricing.started_at));
    job.bounds[job.asked[i]] = asked_bounds.back();
  }
  if (MayAskAgain(job.order) && !ask.legs.empty()) {
    job.bounds.push_back(ExtraBound(askable, job.legs.size(), job.order, *job.prices, job.pricing));
    asked_bounds.push_back(job.bounds.back());
    sources.push_back(sources.front());
  }
  return CheckBounds(asked_bounds, sources, job.pricing);
}

void TakeAnswers(Job& job, std::vector<LegResult> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) job.legs[job.asked[i]] = std::move(answers[i]);
}

void Land(Job& job, http::TimePoint now) {
  job.pricing.charge_cancelled_input = job.ends_cancelled && job.abandoned && !job.interrupted;
  std::vector<LegResult> billed = job.legs;
  if (job.extra_result) billed.push_back(*job.extra_result);
  job.settlement = Settle(billed, job.bounds, job.prices->prices, job.prices->rules, job.pricing);
  job.latency_ms = std::chrono::round<http::Milliseconds>(now - job.received_at).count();
  job.landed = true;
  if (IsComposedHere(job)) job.result = ComposeResult(job);
}

std::string_view FinalState(const Job& job) {
  const auto answered = std::count_if(job.legs.begin(), job.legs.end(), Answered);
  if (answered == static_cast<std::ptrdiff_t>(job.legs.size())) return "succeeded";
  if (answered > 0) return "partial";
  if (std::any_of(job.legs.begin(), job.legs.end(), MayHaveCost)) return "unknown";
  if (job.abandoned && std::none_of(job.legs.begin(), job.legs.end(), WasSent)) return "cancelled";
  return "failed";
}

Status ErrorOf(const Job& job) {
  const auto wanted = static_cast<std::size_t>(job.order.options.min_answers);
  if (!job.order.options.raise_on_error || CountAnswers(job.legs) >= wanted) return {};
  return NotEnoughAnswers(job.legs, job.order.options.min_answers);
}

}  // namespace byok
