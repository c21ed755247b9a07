#include <map>

#include "billing/settlement.hpp"

namespace byok {
namespace {

Json ToJson(Usd amount) {
  return Json::Number(amount.ToString());
}

Json ToJson(std::int64_t number) {
  return Json(number);
}

Json ToJson(const Uuid& id) {
  return Json(id.ToString());
}

Json ToJson(ErrorReason reason) {
  return Json(ErrorReasonName(reason));
}

Json ToJson(const UnitPrices& prices);

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? ToJson(*value) : Json();
}

std::string_view StatusName(CallState state) {
  return state == CallState::kAnswered ? "ok" : CallStateName(state);
}

void SetTokens(const std::optional<Usage>& usage, Json& row) {
  const auto count = [&usage](std::int64_t Usage::*member) {
    return usage ? Json((*usage).*member) : Json();
  };
  row.Set("input_tokens", count(&Usage::input));
  row.Set("cached_input_tokens", count(&Usage::cached_input));
  row.Set("cache_write_tokens", count(&Usage::cache_write));
  row.Set("output_tokens", count(&Usage::output));
  row.Set("reasoning_tokens", count(&Usage::reasoning));
}

void SetRate(std::string_view name, const std::optional<Usd>& per_token, Json& json) {
  if (per_token) json.Set(name, Json::Number(PerMillionText(*per_token)));
}

/// USD per million tokens; a rate that the row leaves to another is left out, and so is what is 0
/// beside the rates.
Json ToJson(const UnitPrices& prices) {
  Json json = Json::MakeObject();
  const Rates& rates = prices.rates;
  SetRate("input", rates.input, json);
  SetRate("cached_input", rates.cached_input, json);
  SetRate("cache_write", rates.cache_write, json);
  SetRate("cache_write_1h", rates.cache_write_1h, json);
  SetRate("output", rates.output, json);
  SetRate("reasoning", rates.reasoning, json);
  if (!rates.per_request.IsZero()) json.Set("request", ToJson(rates.per_request));
  if (prices.markup) json.Set("markup", Json::Number(prices.markup->ToString()));
  if (!prices.flat.IsZero()) json.Set("flat", ToJson(prices.flat));
  if (prices.fee) json.Set("fee", Json::Number(prices.fee->ToString()));
  return json;
}

/// One provider's calls together.
struct Totals {
  std::optional<Usd> cost = Usd();  ///< nothing once the cost of a call is not known
  Usd charge;
};

void AddTo(Totals& totals, const SettledCall& call) {
  totals.charge += call.charge;
  if (!call.cost || !totals.cost) {
    totals.cost.reset();
  } else {
    *totals.cost += *call.cost;
  }
}

}  // namespace

Json CallToJson(const SettledCall& call) {
  Json row = Json::MakeObject();
  row.Set("provider", call.provider);
  row.Set("model", call.model);
  row.Set("attempt", call.attempt);
  row.Set("key_source", KeySourceName(call.key_source));
  row.Set("credential_id", OrNull(call.key_id));
  row.Set("status", StatusName(call.state));
  row.Set("error", OrNull(call.error));
  SetTokens(call.usage, row);
  row.Set("cost_usd", OrNull(call.cost));
  row.Set("estimated", call.estimated);
  row.Set("charge_usd", ToJson(call.charge));
  row.Set("price_id", OrNull(call.price_id));
  row.Set("rule_id", OrNull(call.rule_id));
  row.Set("unit_prices", OrNull(call.unit_prices));
  row.Set("latency_ms", std::int64_t{call.latency.count()});
  row.Set("http_status", call.http_status);
  row.Set("provider_request_id", call.provider_request_id);
  return row;
}

Json ChargeToJson(const Settlement& settlement) {
  std::map<std::string, Totals> providers;
  for (const SettledCall& call : settlement.calls) AddTo(providers[call.provider], call);
  Json costs = Json::MakeObject();
  Json charges = Json::MakeObject();
  for (const SettledCall& call : settlement.calls) {  // in the order of the calls
    const Totals& totals = providers[call.provider];
    costs.Set(call.provider, OrNull(totals.cost));
    charges.Set(call.provider, ToJson(totals.charge));
  }
  return Json::MakeObject()
      .Set("amount_usd", ToJson(settlement.charge))
      .Set("api_cost_usd", std::move(costs))
      .Set("by_provider", std::move(charges))
      .Set("estimated", settlement.estimated);
}

}  // namespace byok
