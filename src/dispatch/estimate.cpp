#include "dispatch/estimate.hpp"

#include <utility>

namespace byok {
namespace {

Json AmountOrNull(const std::optional<Usd>& amount) {
  return amount ? Json::Number(amount->ToString()) : Json();
}

Json LegToJson(const OrderLeg& leg, const LegBound& bound) {
  return Json::MakeObject()
      .Set("key_source", KeySourceName(leg.keys.front().source))
      .Set("model", leg.provider.model)
      .Set("max_charge_usd", AmountOrNull(bound.charge))
      .Set("max_api_cost_usd", AmountOrNull(bound.cost));
}

std::optional<Usd> Sum(std::optional<Usd> total, const std::optional<Usd>& amount) {
  if (!total || !amount) return std::nullopt;
  return *total + *amount;
}

}  // namespace

Json Estimate(const AskOrder& order, const PriceBook& prices, const Payer& payer, PriceTime at) {
  Json sources = Json::MakeObject();
  Json providers = Json::MakeObject();
  std::optional<Usd> total = Usd();
  const Question question = QuestionOf(order);
  for (const OrderLeg& leg : order.legs) {
    if (leg.keys.empty()) {
      sources.Set(leg.provider.name, Json());
      continue;
    }
    const LegBound bound = BoundOf(leg.provider, leg.keys.back().source, question,
                                   order.options.timeout, prices, payer, at);
    sources.Set(leg.provider.name, KeySourceName(leg.keys.front().source));
    providers.Set(leg.provider.name, LegToJson(leg, bound));
    total = Sum(total, bound.charge);
  }
  return Json::MakeObject()
      .Set("key_sources", std::move(sources))
      .Set("max_charge_usd", AmountOrNull(total))
      .Set("by_provider", std::move(providers));
}

}  // namespace byok
