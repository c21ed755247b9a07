#include "dispatch/strategy.hpp"

#include <algorithm>
#include <utility>

#include "consensus/judged_consensus.hpp"
#include "consensus/synthesis_check.hpp"
#include "consensus/triangle_answer.hpp"

namespace byok {
namespace {

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
std::size_t ExtraBytes(const AskOrder& order, std::size_t answers) {
  const std::size_t prompt = std::min(Json(order.prompt).Dump().size(), kShownBytes);
  return kExtraInstructionBytes + 2 * (prompt + answers * kShownBytes);
}

/// The judge's groups as places of the panel.
std::vector<Group> GroupsOf(const JudgeReply& reply, const Usable& usable) {
  std::vector<Group> groups;
  for (const auto& members : reply.groups) {
    Group& group = groups.emplace_back();
    for (const std::size_t member : members) group.push_back(usable.places[member]);
  }
  return groups;
}

/// What the judge's reply changes of the consensus; why nothing.
std::string ApplyVerdict(const Job& job, Consensus& consensus) {
  const auto reply = ParseVerdict(job.extra_result->answer->text, job.extra->shown);
  if (!reply) return "unusable_verdict";
  if (reply->reports_injection) return "injection_reported";
  auto groups = GroupsOf(*reply, UsableOf(job, consensus.agreement));
  if (ContradictsResults(consensus.agreement, groups)) return "contradicts_results";
  auto judged = ConsensusOfGroups(consensus.agreement, std::move(groups));
  if (!judged) return "unusable_verdict";
  consensus.agreement = *std::move(judged);
  consensus.text = job.legs[*consensus.agreement.picked].answer->text;
  return "";
}

/// What the writer was shown: the question and the answers as far as they were shown.
std::vector<std::string> SeenOf(const Job& job, const Agreement& agreement) {
  std::vector<std::string> seen = {Excerpt(job.order.prompt)};
  for (const std::string& text : UsableOf(job, agreement).texts) seen.push_back(Excerpt(text));
  return seen;
}

/// What the synthesis changes of the consensus; why nothing.
std::string ApplySynthesis(const Job& job, Consensus& consensus) {
  const Answer& answer = *job.extra_result->answer;
  if (answer.end != EndReason::kStop) return "unusable_answer";
  const std::vector<std::string> seen = SeenOf(job, consensus.agreement);
  const std::string_view fault = FaultOf({answer.text, job.order.prompt, *consensus.text, seen});
  if (!fault.empty()) return std::string(fault);
  consensus.text = answer.text;
  consensus.agreement.method = ConsensusMethod::kSynthesize;
  return "";
}

/// What the extra call changes of the consensus; why nothing.
std::string ApplyExtra(const Job& job, Consensus& consensus) {
  if (!job.extra_result) return job.extra_note;
  const LegResult& extra = *job.extra_result;
  if (!extra.answer) return std::string(ErrorReasonName(extra.error->reason));
  return extra.purpose == Purpose::kSynthesis ? ApplySynthesis(job, consensus)
                                              : ApplyVerdict(job, consensus);
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

}  // namespace

bool MayAskAgain(const AskOrder& order) {
  return order.options.strategy != Strategy::kMedoid;
}

LegBound ExtraBound(const std::vector<Askable>& legs, std::size_t answers, const AskOrder& order,
                    const PriceBook& prices, const PricingPolicy& pricing) {
  const bool writes = order.options.strategy == Strategy::kSynthesize;
  const auto span =
      std::chrono::duration_cast<std::chrono::microseconds>(order.options.timeout).count();
  const std::int64_t at = pricing.started_at.unix_micros;
  LegBound dearest;
  for (const Askable& leg : legs) {
    LegBound bound = BoundLeg(prices.prices, prices.rules, leg.provider,
                              {.source = leg.source,
                               .payer = pricing.payer,
                               .request_bytes = ExtraBytes(order, answers),
                               .max_tokens = writes ? order.options.max_tokens : kVerdictTokens,
                               .started_at = at,
                               .deadline_at = at + span});
    const bool first = dearest.provider.empty();
    if (first || bound.charge > dearest.charge) dearest = std::move(bound);
  }
  return dearest;
}

std::optional<Ask> PlanExtra(const KeyOpener& open_key, Job& job, http::TimePoint now) {
  if (!MayAskAgain(job.order)) return std::nullopt;
  job.consensus = TriangleConsensusEngine::Decide(job.order.prompt, PanelOf(job.legs));
  const Agreement& agreement = job.consensus->agreement;
  job.extra_note = WhyNot(job, agreement, now);
  if (!job.extra_note.empty()) return std::nullopt;
  const Usable usable = UsableOf(job, agreement);
  auto leg = OpenLeg(open_key, job.order, LegThatAnswered(job, usable.places.front()));
  if (!leg.ok() || leg->keys.empty()) {
    job.extra_note = ErrorReasonName(ErrorReason::kUndecryptable);
    return std::nullopt;
  }
  job.extra = CallOf(job, usable);
  // Now it is known who: what cannot be known of the call is booked at this provider's bound. What
  // is held stays.
  job.bounds.back().cost = ExtraBound({{leg->provider, DearestSource(*leg)}}, job.legs.size(),
                                      job.order, *job.prices, job.pricing)
                               .cost;
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

void DecideConsensus(const Job& job, TriangleAnswer& answer) {
  answer.consensus = job.consensus
                         ? *job.consensus
                         : TriangleConsensusEngine::Decide(job.order.prompt, PanelOf(job.legs));
  if (!MayAskAgain(job.order)) return;
  answer.strategy = StrategyToJson(job, ApplyExtra(job, answer.consensus));
  answer.extra = job.extra_result;
}

}  // namespace byok
