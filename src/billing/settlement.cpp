#include "billing/settlement.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace byok {
namespace {

/// What every call of one request is priced with.
struct Pricing {
  const PriceTable& prices;
  const RuleTable& rules;
  PriceTime started_at;
  const Payer& payer;
};

/// Whether a usage can be what this request used. A provider that claims more is not believed.
bool IsBelievable(const Usage& usage, const LegBound& bound) {
  return IsPlausible(usage) && usage.input <= bound.max_input_tokens.value_or(usage.input) &&
         usage.output <= bound.max_output_tokens.value_or(usage.output);
}

/// The facts of an attempt, without money.
SettledCall CallOf(const LegResult& leg, const Attempt& attempt, const LegBound& bound) {
  SettledCall call;
  call.provider = leg.provider;
  call.model = attempt.model.empty() ? leg.model_asked : attempt.model;
  call.purpose = leg.purpose;
  call.attempt = attempt.number;
  call.key_source = attempt.key_source;
  call.key_id = attempt.key_id;
  call.state = attempt.state;
  call.error = attempt.error;
  if (attempt.usage && IsBelievable(*attempt.usage, bound)) call.usage = attempt.usage;
  call.latency = attempt.latency;
  call.http_status = attempt.http_status;
  call.provider_request_id = attempt.provider_request_id;
  return call;
}

bool IsPlatformPaid(const SettledCall& call) {
  return call.key_source == KeySource::kSystemKey;
}

/// An answer of another service tier has a price that no row knows.
bool IsOfStandardTier(const LegResult& leg, const SettledCall& call) {
  return call.state != CallState::kAnswered || !leg.answer || leg.answer->service_tier.empty();
}

/// The row of the returned model, else of the asked one; nullptr when the bill cannot be known.
const PriceRow* PriceOf(const Pricing& pricing, const LegResult& leg, const SettledCall& call) {
  if (!call.usage || !IsOfStandardTier(leg, call)) return nullptr;
  for (const std::string& model : {call.model, leg.model_asked}) {
    const PriceRow* row =
        pricing.prices.Find(leg.provider, model, pricing.started_at, call.usage->input);
    if (row != nullptr) return row;
  }
  return nullptr;
}

void BookBound(const LegBound& bound, SettledCall& call) {
  call.cost = bound.cost;
  // The platform's books need a figure; the flag says that this one is not the truth.
  if (IsPlatformPaid(call) && !call.cost) call.cost = Usd();
  call.estimated = call.cost.has_value();
}

void BookCost(const Pricing& pricing, const LegResult& leg, const LegBound& bound,
              SettledCall& call) {
  switch (call.state) {
    case CallState::kFailedUnbilled:
    case CallState::kSkipped:
      call.cost = Usd();
      return;
    case CallState::kUnknown:
      return BookBound(bound, call);
    case CallState::kAnswered:
    case CallState::kFailedBilled:
      break;
  }
  const PriceRow* row = PriceOf(pricing, leg, call);
  if (row == nullptr) return BookBound(bound, call);
  const Usd cost = CostOf(*call.usage, row->rates);
  if (cost > kMaxRequest) return BookBound(bound, call);  // a dearer model answered than was asked
  call.cost = cost;
  call.price_id = row->id;
  call.unit_prices = UnitPrices{.rates = row->rates, .markup = {}, .flat = {}, .fee = {}};
}

void KeepTerms(const PricingRule& rule, UnitPrices& prices) {
  if (rule.key_source != KeySource::kSystemKey) {
    prices.fee = rule.fee;
    return;
  }
  prices.markup = rule.markup;
  prices.flat = rule.flat;
}

bool IsCancelled(const SettledCall& call) {
  return call.state == CallState::kUnknown && call.error == ErrorReason::kCancelled;
}

/// Who goes pays for what was sent, or leaving would be free. Its output is not known, and the flat
/// fee is for answers.
void BookInput(const Pricing& pricing, const LegResult& leg, SettledCall& call) {
  const auto bytes = static_cast<std::int64_t>(leg.request_bytes);
  const Usage input{.input = (bytes + kBytesPerToken - 1) / kBytesPerToken};
  const PriceRow* row =
      pricing.prices.Find(leg.provider, leg.model_asked, pricing.started_at, input.input);
  const PricingRule* rule = pricing.rules.Find(call.provider, call.key_source, pricing.payer,
                                               pricing.started_at.unix_micros);
  if (row == nullptr || rule == nullptr) return;
  Rates rates = row->rates;
  rates.per_request = Usd();
  call.usage = input;
  call.charge = rule->markup.Of(CostOf(input, rates));
  call.price_id = row->id;
  call.rule_id = rule->id;
  call.unit_prices = UnitPrices{.rates = rates, .markup = rule->markup, .flat = {}, .fee = {}};
}

/// Only what was answered and has its actual cost, which is what has unit prices.
void BookCharge(const Pricing& pricing, SettledCall& call) {
  if (call.state != CallState::kAnswered || !call.unit_prices) return;
  const PricingRule* rule = pricing.rules.Find(call.provider, call.key_source, pricing.payer,
                                               pricing.started_at.unix_micros);
  if (rule == nullptr) return;
  call.charge = ChargeOf(*rule, *call.cost);
  call.rule_id = rule->id;
  KeepTerms(*rule, *call.unit_prices);
}

/// max_charge_usd was promised before the call: what comes out above it (a dearer model answered)
/// the platform bears.
void KeepPromise(std::optional<Usd> max_charge, Usd charged, SettledCall& call) {
  const Usd limit = std::min(max_charge.value_or(kMaxRequest), kMaxRequest);
  call.charge = std::min(call.charge, limit - charged);
}

void AddTo(Settlement& settlement, SettledCall call) {
  settlement.charge += call.charge;
  if (IsPlatformPaid(call)) settlement.platform_cost += *call.cost;
  settlement.estimated = settlement.estimated || call.estimated;
  settlement.calls.push_back(std::move(call));
}

bool IsPaidAnswer(const SettledCall& call) {
  return IsPlatformPaid(call) && call.state == CallState::kAnswered && !call.estimated;
}

std::ptrdiff_t CountAnswered(const Settlement& settlement) {
  return std::count_if(
      settlement.calls.begin(), settlement.calls.end(), [](const SettledCall& call) {
        return call.purpose == Purpose::kAnswer && call.state == CallState::kAnswered;
      });
}

/// byok.charge_policy = consensus_only: one answer alone is no consensus, and free.
void Forgive(Settlement& settlement) {
  for (SettledCall& call : settlement.calls) call.charge = Usd();
  settlement.charge = Usd();
}

/// byok.min_charge_usd, of queries with an answer that the platform paid.
void RaiseToMinimum(const PricingPolicy& policy, Settlement& settlement) {
  if (std::none_of(settlement.calls.begin(), settlement.calls.end(), IsPaidAnswer)) return;
  const Usd least = LeastCharge(policy);
  if (settlement.charge >= least) return;
  settlement.surcharge = least - settlement.charge;
  settlement.charge = least;
}

std::string CountKeys(std::ptrdiff_t count, std::string_view kind) {
  return std::to_string(count) + " " + std::string(kind) + (count == 1 ? " key" : " keys");
}

}  // namespace

Settlement Settle(const std::vector<LegResult>& legs, const std::vector<LegBound>& bounds,
                  const PriceTable& prices, const RuleTable& rules, const PricingPolicy& policy) {
  const Pricing pricing{prices, rules, policy.started_at, policy.payer};
  Settlement settlement;
  std::vector<KeySource> sources;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const LegBound bound = i < bounds.size() ? bounds[i] : LegBound{};
    const bool answers = legs[i].purpose == Purpose::kAnswer;
    if (answers && legs[i].key_source) sources.push_back(*legs[i].key_source);
    for (const Attempt& attempt : legs[i].attempts) {
      SettledCall call = CallOf(legs[i], attempt, bound);
      BookCost(pricing, legs[i], bound, call);
      BookCharge(pricing, call);
      if (policy.charge_cancelled_input && IsPlatformPaid(call) && IsCancelled(call)) {
        BookInput(pricing, legs[i], call);
      }
      KeepPromise(policy.max_charge, settlement.charge, call);
      AddTo(settlement, std::move(call));
    }
  }
  settlement.description = DescribeKeys(sources);
  if (policy.consensus_only && CountAnswered(settlement) < 2) {
    Forgive(settlement);
  } else {
    RaiseToMinimum(policy, settlement);
  }
  return settlement;
}

std::string DescribeKeys(const std::vector<KeySource>& sources) {
  static constexpr std::array<std::pair<KeySource, std::string_view>, 3> kKinds = {
      {{KeySource::kTenantByok, "tenant"},
       {KeySource::kUserKey, "user"},
       {KeySource::kSystemKey, "system"}}};
  std::string groups;
  for (const auto& [source, kind] : kKinds) {
    const auto count = std::count(sources.begin(), sources.end(), source);
    if (count > 0) groups += (groups.empty() ? "" : ", ") + CountKeys(count, kind);
  }
  return groups.empty() ? "Triangle query" : "Triangle query (" + groups + ")";
}

}  // namespace byok
