#include <algorithm>

#include "billing/settlement.hpp"

namespace byok {
namespace {

Usd DearestInput(const Rates& rates) {
  return std::max({rates.input, *rates.cached_input, *rates.cache_write, *rates.cache_write_1h});
}

Usd BoundCost(const Rates& rates, std::int64_t input_tokens, std::int64_t output_tokens) {
  return DearestInput(rates) * input_tokens +
         std::max(rates.output, *rates.reasoning) * output_tokens + rates.per_request;
}

/// Whether an answer on that key is charged nothing, whatever it costs.
bool IsFree(const PricingRule* rule, KeySource source) {
  return source != KeySource::kSystemKey && (rule == nullptr || rule->fee.IsZero());
}

std::optional<Usd> BoundCharge(std::optional<Usd> cost, const PricingRule* rule, KeySource source) {
  if (IsFree(rule, source)) return Usd();
  if (!cost || rule == nullptr) return std::nullopt;
  return ChargeOf(*rule, *cost);
}

bool HasNoCharge(const LegBound& bound) {
  return !bound.charge;
}

Status NotPriced(const LegBound& bound) {
  if (bound.cost) {
    return Status(StatusCode::kPaymentRequired,
                  "no pricing rule for provider \"" + bound.provider + "\"")
        .WithHint("Add a row for the provider, or one for every provider, to pricing_rules.");
  }
  return Status(StatusCode::kPaymentRequired, "price of model \"" + bound.model +
                                                  "\" of provider \"" + bound.provider +
                                                  "\" is not known")
      .WithDetail(bound.partly_priced ? "It has prices, but not for every size up to that of the "
                                        "request and every time until its deadline."
                                      : "")
      .WithHint(
          "Add a row for the model to model_prices, or set byok.unknown_price to \"estimate\" and "
          "leave max_charge_usd out.");
}

/// "openai up to 0.06 USD, deepseek 0 USD (user_key)."
std::string DescribeBounds(const std::vector<LegBound>& bounds,
                           const std::vector<KeySource>& sources) {
  std::string text;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    text += text.empty() ? "" : ", ";
    text += bounds[i].provider;
    text +=
        bounds[i].charge->IsZero() ? " 0 USD" : " up to " + bounds[i].charge->ToString() + " USD";
    if (sources[i] != KeySource::kSystemKey) {
      text += " (" + std::string(KeySourceName(sources[i])) + ")";
    }
  }
  return text + ".";
}

/// Whether all legs together could cost or charge more than the ledger holds.
bool IsAbsurd(const std::vector<LegBound>& bounds) {
  Usd cost;
  Usd charge;
  for (const LegBound& bound : bounds) {
    cost += bound.cost.value_or(Usd());
    charge += bound.charge.value_or(Usd());
  }
  return std::max(cost, charge) > kMaxRequest;
}

}  // namespace

LegBound BoundLeg(const PriceTable& prices, const RuleTable& rules, const ProviderConfig& provider,
                  const LegTerms& terms) {
  const auto input_tokens = static_cast<std::int64_t>(terms.request_bytes);
  const auto rates = prices.DearestRates(provider.name, provider.model, terms.started_at,
                                         terms.deadline_at, input_tokens);
  LegBound bound;
  bound.provider = provider.name;
  bound.model = provider.model;
  bound.max_input_tokens = input_tokens + kTokenSlack;
  bound.max_output_tokens = terms.max_tokens + kTokenSlack;
  bound.partly_priced = !rates && !prices.RowsOf(provider.name, provider.model).empty();
  if (rates) bound.cost = BoundCost(*rates, input_tokens, terms.max_tokens);
  const PricingRule* rule = rules.Find(provider.name, terms.source, terms.payer, terms.started_at);
  bound.charge = BoundCharge(bound.cost, rule, terms.source);
  bound.platform_paid = terms.source == KeySource::kSystemKey;
  return bound;
}

Status CheckBounds(const std::vector<LegBound>& bounds, const std::vector<KeySource>& sources,
                   const PricingPolicy& policy) {
  const std::optional<Usd>& max_charge = policy.max_charge;
  if (IsAbsurd(bounds)) {
    return Status(StatusCode::kPaymentRequired,
                  "the request may cost more than " + kMaxRequest.ToString() + " USD")
        .WithHint("Check the prices in model_prices and pricing_rules.");
  }
  const auto unpriced = std::find_if(bounds.begin(), bounds.end(), HasNoCharge);
  if (unpriced != bounds.end()) {
    // A cap the caller set cannot be kept without a price, whatever the administrator allows.
    const bool may_estimate = policy.estimate_unknown_price && !max_charge;
    return may_estimate ? Status() : NotPriced(*unpriced);
  }
  Usd total;
  for (const LegBound& bound : bounds) total += *bound.charge;
  if (!max_charge || total <= *max_charge) return {};
  return Status(StatusCode::kPaymentRequired,
                "the request may cost up to " + total.ToString() + " USD, more than max_charge_usd")
      .WithDetail(DescribeBounds(bounds, sources))
      .WithHint("Raise max_charge_usd, lower max_tokens, or ask fewer providers.");
}

Usd LeastCharge(const PricingPolicy& policy) {
  return std::min(policy.min_charge, policy.max_charge.value_or(policy.min_charge));
}

Usd MostCharged(const std::vector<LegBound>& bounds, const PricingPolicy& policy) {
  Usd total;
  bool platform_paid = false;
  for (const LegBound& bound : bounds) {
    total += bound.charge.value_or(Usd());
    platform_paid = platform_paid || bound.platform_paid;
  }
  return platform_paid ? std::max(total, LeastCharge(policy)) : total;
}

Status CheckPriced(const std::vector<LegBound>& bounds) {
  const auto unpriced = std::find_if(bounds.begin(), bounds.end(), HasNoCharge);
  if (unpriced == bounds.end()) return {};
  Status status = NotPriced(*unpriced);
  return Status(status.code(), status.message())
      .WithDetail("Prepaid credit and budgets pay only what has a price before it is asked.")
      .WithHint(unpriced->cost ? status.hint() : "Add a row for the model to model_prices.");
}

}  // namespace byok
