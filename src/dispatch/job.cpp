#include "dispatch/job.hpp"

#include <algorithm>
#include <utility>

#include "consensus/judged_consensus.hpp"
#include "consensus/triangle_answer.hpp"
#include "router/provider.hpp"

namespace byok {
namespace {

std::size_t RequestBytes(const ProviderConfig& provider, const Question& question) {
  const Provider* dialect = FindDialect(provider.dialect);
  return dialect == nullptr ? 0 : dialect->BuildRequest(provider, question).body.size();
}

/// A leg that may move to the platform's key is bounded as if it did.
KeySource DearestSource(const Leg& leg) {
  return leg.keys.back().source;
}

LegError RefusalError(ErrorReason reason, const Status& why) {
  return {.reason = reason,
          .http_status = 0,
          .message = why.message() + (why.detail().empty() ? "" : ": " + why.detail()),
          .retryable = false,
          .retry_after = {}};
}

/// The keys of one leg, opened; the first one's error when it does not open.
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

bool Answered(const LegResult& leg) {
  return leg.answer.has_value();
}

// --- the extra call
// ----------------------------------------------------------------------------------

/// An extra call that has less time than this is not begun.
constexpr http::Milliseconds kLeastExtraTime{250};

/// The places of the answers that are compared, and their texts.
struct Usable {
  std::vector<std::size_t> places;
  std::vector<std::string> texts;
};

Usable UsableOf(const Job& job, const Agreement& agreement) {
  Usable usable;
  for (std::size_t i = 0; i < job.legs.size(); ++i) {
    const AnswerStatus status = agreement.status[i];
    if (status != AnswerStatus::kUsable && status != AnswerStatus::kHedged) continue;
    usable.places.push_back(i);
    usable.texts.push_back(job.legs[i].answer->text);
  }
  return usable;
}

/// Why the strategy makes no extra call of this; "" when it does.
std::string WhyNot(const Job& job, const Agreement& agreement, http::TimePoint now) {
  if (job.abandoned || job.interrupted) return "cancelled";
  if (agreement.usable < 2) return "too_few_answers";
  if (job.order.options.strategy == Strategy::kAuto && !WantsJudge(agreement)) return "not_needed";
  const auto left = job.received_at + job.order.options.timeout - now;
  return left < kLeastExtraTime ? "no_time" : "";
}

ExtraCall CallOf(const Job& job, const Usable& usable) {
  const AskOrder& order = job.order;
  if (order.options.strategy == Strategy::kSynthesize) {
    return SynthesisCall(order.prompt, usable.texts, order.request_id, order.options.max_tokens);
  }
  return JudgeCall(order.prompt, usable.texts, order.request_id);
}

/// The provider with the one key that its answer came by.
OrderLeg LegThatAnswered(const Job& job, std::size_t place) {
  OrderLeg leg = job.panel[place];
  std::erase_if(leg.keys,
                [&](const Candidate& key) { return key.source != job.legs[place].key_source; });
  return leg;
}

/// What an extra call's request can be at most: every JSON string in it is escaped once more.
std::size_t ExtraBytes(const Job& job) {
  const std::size_t prompt = std::min(Json(job.order.prompt).Dump().size(), kShownBytes);
  return kExtraInstructionBytes + 2 * (prompt + job.legs.size() * kShownBytes);
}

/// The dearest of what the panel's providers would take for it: which one it will be is not known.
LegBound ExtraBound(const Ask& ask, const Job& job) {
  const bool writes = job.order.options.strategy == Strategy::kSynthesize;
  const auto span =
      std::chrono::duration_cast<std::chrono::microseconds>(job.order.options.timeout).count();
  const std::int64_t at = job.pricing.started_at.unix_micros;
  LegBound dearest;
  for (const Leg& leg : ask.legs) {
    LegBound bound = BoundLeg(job.prices->prices, job.prices->rules, leg.provider,
                              {.source = DearestSource(leg),
                               .payer = job.pricing.payer,
                               .request_bytes = ExtraBytes(job),
                               .max_tokens = writes ? job.order.options.max_tokens : kVerdictTokens,
                               .started_at = at,
                               .deadline_at = at + span});
    const bool first = dearest.provider.empty();
    if (first || bound.charge > dearest.charge) dearest = std::move(bound);
  }
  return dearest;
}

// --- the result
// --------------------------------------------------------------------------------------

/// The judge's verdict on the panel; nothing when it is none.
std::optional<Agreement> Judged(const Job& job, const Agreement& agreement) {
  const Usable usable = UsableOf(job, agreement);
  const auto verdict = ParseVerdict(job.extra_result->answer->text, job.extra->shown);
  if (!verdict) return std::nullopt;
  std::vector<Group> groups;
  for (const auto& members : *verdict) {
    Group& group = groups.emplace_back();
    for (const std::size_t member : members) group.push_back(usable.places[member]);
    std::sort(group.begin(), group.end());
  }
  return ConsensusOfGroups(agreement, std::move(groups));
}

/// What the extra call changes of the consensus; why nothing.
std::string ApplyExtra(const Job& job, Consensus& consensus) {
  if (!job.extra_result) return job.extra_note;
  const auto& answer = job.extra_result->answer;
  if (!answer) return std::string(ErrorReasonName(job.extra_result->error->reason));
  if (job.extra_result->purpose == Purpose::kSynthesis) {
    if (answer->text.empty() || answer->end != EndReason::kStop) return "unusable_answer";
    consensus.text = answer->text;
    return "";
  }
  auto judged = Judged(job, consensus.agreement);
  if (!judged) return "unusable_verdict";
  consensus.agreement = *std::move(judged);
  consensus.text = job.legs[*consensus.agreement.picked].answer->text;
  return "";
}

/// {"asked", "used", "by", "reason"}: what became of a strategy other than the default.
Json StrategyToJson(const Job& job, const std::string& why_not) {
  Json json = Json::MakeObject().Set("asked", StrategyName(job.order.options.strategy));
  const bool writes = job.order.options.strategy == Strategy::kSynthesize;
  json.Set("used", !why_not.empty() ? "medoid" : writes ? "synthesize" : "judge");
  if (job.extra_result) json.Set("by", job.extra_result->provider);
  if (!why_not.empty()) json.Set("reason", why_not);
  return json;
}

Json ComposeResult(const Job& job) {
  TriangleAnswer answer;
  answer.request_id = job.order.request_id;
  answer.legs = job.legs;
  answer.consensus = TriangleConsensusEngine::Decide(job.order.prompt, PanelOf(job.legs));
  if (MayAskAgain(job)) {
    answer.strategy = StrategyToJson(job, ApplyExtra(job, answer.consensus));
    answer.extra = job.extra_result;
  }
  answer.charge = ChargeToJson(job.settlement);
  answer.latency = http::Milliseconds(job.latency_ms);
  answer.min_answers = job.order.options.min_answers;
  return TriangleAnswerToJson(answer);
}

}  // namespace

bool IsKept(const Job& job) {
  return job.order.queued || job.order.options.idempotency_key;
}

bool MayAskAgain(const Job& job) {
  return job.order.options.strategy != Strategy::kMedoid;
}

bool IsComposedHere(const Job& job) {
  return IsKept(job) || MayAskAgain(job);
}

Usd HoldOf(const Job& job) {
  Usd total;
  for (const LegBound& bound : job.bounds) total += bound.charge.value_or(Usd());
  return total.IsZero() ? total : std::max(total, job.pricing.min_charge);
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
  return spends;
}

std::vector<Spend> ChangesOf(const Job& job) {
  std::vector<Spend> changes = BoundsOf(job);
  for (Spend& change : changes) change.amount = -change.amount;
  for (const SettledCall& call : job.settlement.calls) {
    changes.push_back({call.provider, call.charge});
  }
  return changes;
}

Status OpenKeys(const KeyOpener& open_key, Job& job, Ask& ask) {
  Status first;
  for (const OrderLeg& leg : job.order.legs) {
    Status status = AddLeg(open_key, leg, job, ask);
    if (first.ok()) first = std::move(status);
  }
  if (MayAskAgain(job)) job.panel = std::move(job.order.legs);
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
  for (std::size_t i = 0; i < ask.legs.size(); ++i) {
    const Leg& leg = ask.legs[i];
    sources.push_back(DearestSource(leg));
    asked_bounds.push_back(BoundOf(leg.provider, sources.back(), ask.question,
                                   job.order.options.timeout, *job.prices, job.pricing.payer,
                                   job.pricing.started_at));
    job.bounds[job.asked[i]] = asked_bounds.back();
  }
  if (MayAskAgain(job) && !ask.legs.empty()) {
    job.bounds.push_back(ExtraBound(ask, job));
    asked_bounds.push_back(job.bounds.back());
    sources.push_back(sources.front());
  }
  return CheckBounds(asked_bounds, sources, job.pricing);
}

void TakeAnswers(Job& job, std::vector<LegResult> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) job.legs[job.asked[i]] = std::move(answers[i]);
}

std::optional<Ask> PlanExtra(const KeyOpener& open_key, Job& job, http::TimePoint now) {
  if (!MayAskAgain(job)) return std::nullopt;
  const Agreement agreement = MeasureAgreement(job.order.prompt, PanelOf(job.legs));
  job.extra_note = WhyNot(job, agreement, now);
  if (!job.extra_note.empty()) return std::nullopt;
  const Usable usable = UsableOf(job, agreement);
  auto leg = OpenLeg(open_key, job.order, LegThatAnswered(job, usable.places.front()));
  if (!leg.ok() || leg->keys.empty()) {
    job.extra_note = ErrorReasonName(ErrorReason::kUndecryptable);
    return std::nullopt;
  }
  job.extra = CallOf(job, usable);
  Ask ask;
  ask.purpose =
      job.order.options.strategy == Strategy::kSynthesize ? Purpose::kSynthesis : Purpose::kJudge;
  ask.question = job.extra->question;
  ask.deadline = job.received_at + job.order.options.timeout;
  LegResult& result = job.extra_result.emplace();
  result.provider = leg->provider.name;
  result.model_asked = leg->provider.model;
  result.purpose = ask.purpose;
  ask.legs.push_back(*std::move(leg));
  return ask;
}

void Land(Job& job, http::TimePoint now) {
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
