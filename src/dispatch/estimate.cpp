#include "dispatch/estimate.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "dispatch/strategy.hpp"

namespace byok {
namespace {

Json AmountOrNull(const std::optional<Usd>& amount) {
  return amount ? Json::Number(amount->ToString()) : Json();
}

Json BoundToJson(const LegBound& bound) {
  return Json::MakeObject()
      .Set("max_charge_usd", AmountOrNull(bound.charge))
      .Set("max_api_cost_usd", AmountOrNull(bound.cost));
}

Json LegToJson(const OrderLeg& leg, const LegBound& bound) {
  return BoundToJson(bound)
      .Set("key_source", KeySourceName(leg.keys.front().source))
      .Set("model", leg.provider.model);
}

std::optional<Usd> Whole(const std::vector<LegBound>& bounds, const PricingPolicy& pricing) {
  const bool is_known =
      std::all_of(bounds.begin(), bounds.end(), [](const LegBound& bound) { return bound.charge; });
  return is_known ? std::optional(MostCharged(bounds, pricing)) : std::nullopt;
}

}  // namespace

Json Estimate(const AskOrder& order, const PriceBook& prices, const PricingPolicy& pricing) {
  Json sources = Json::MakeObject();
  Json providers = Json::MakeObject();
  std::vector<Askable> askable;
  std::vector<LegBound> bounds;
  for (const OrderLeg& leg : order.legs) {
    const bool has_key = !leg.keys.empty();
    sources.Set(leg.provider.name, has_key ? Json(KeySourceName(leg.keys.front().source)) : Json());
    if (!has_key) continue;
    askable.push_back({leg.provider, leg.keys.back().source});
    bounds.push_back(BoundOf(leg.provider, askable.back().source, QuestionOf(order),
                             order.options.timeout, prices, pricing.payer, pricing.started_at));
    providers.Set(leg.provider.name, LegToJson(leg, bounds.back()));
  }
  Json estimate = Json::MakeObject()
                      .Set("key_sources", std::move(sources))
                      .Set("by_provider", std::move(providers));
  if (MayAskAgain(order) && !askable.empty()) {
    bounds.push_back(ExtraBound(askable, order.legs.size(), order, prices, pricing));
    estimate.Set("extra", BoundToJson(bounds.back()));
  }
  return estimate.Set("max_charge_usd", AmountOrNull(Whole(bounds, pricing)));
}

}  // namespace byok
