// Prices answers as the product does, for comparison with another calculator: reads JSON lines,
// writes one TSV line per call: name, returned model, the row that priced it or -, cost in USD or -
// when it is not priced.
//
//   {"price": {"id", "provider", "model", "from", "to", "minutes": [a, b], "days": [a, b],
//   "tokens": [a, b],
//              "rates": {"input": "2", "output": "8", "cached_input", "cache_write",
//              "cache_write_1h"}}}
//   {"alias": {"provider", "alias", "model"}}
//   {"call": {"name", "provider", "at": unix microseconds, "body": the provider's answer as text}}

#include <iostream>
#include <string>

#include "base/json.hpp"
#include "billing/settlement.hpp"
#include "router/provider.hpp"

namespace {

using byok::Json;

std::string Text(const Json& value) {
  return value.AsString().value_or("");
}

std::optional<byok::Usd> Rate(const Json& value) {
  return value.IsNull() ? std::nullopt : byok::ParsePerMillion(Text(value));
}

byok::PriceRow RowOf(const Json& price) {
  byok::PriceRow row;
  row.id = price["id"].AsInteger().value_or(0);
  row.builtin = true;
  row.provider = Text(price["provider"]);
  row.model = Text(price["model"]);
  row.effective_from = price["from"].AsInteger();
  row.effective_to = price["to"].AsInteger();
  row.minute_from = static_cast<int>(price["minutes"][0].AsInteger().value_or(0));
  row.minute_to = static_cast<int>(price["minutes"][1].AsInteger().value_or(1440));
  row.weekday_from = static_cast<int>(price["days"][0].AsInteger().value_or(1));
  row.weekday_to = static_cast<int>(price["days"][1].AsInteger().value_or(8));
  row.tokens_from = price["tokens"][0].AsInteger().value_or(0);
  row.tokens_to = price["tokens"][1].AsInteger();
  const Json& rates = price["rates"];
  row.rates.input = Rate(rates["input"]).value();
  row.rates.output = Rate(rates["output"]).value();
  row.rates.cached_input = Rate(rates["cached_input"]);
  row.rates.cache_write = Rate(rates["cache_write"]);
  row.rates.cache_write_1h = Rate(rates["cache_write_1h"]);
  return row;
}

/// The leg of an answer with this body, as the router hands it to billing.
byok::LegResult LegOf(const Json& call) {
  const std::string provider = Text(call["provider"]);
  const byok::Provider* dialect =
      byok::FindDialect(provider == "anthropic" ? "anthropic" : "openai");
  byok::http::Response response;
  response.status = 200;
  response.body = Text(call["body"]);
  byok::Reply reply = dialect->ParseReply(response, "");
  byok::LegResult leg;
  leg.provider = provider;
  leg.key_source = byok::KeySource::kUserKey;
  if (const auto* answer = std::get_if<byok::Answer>(&reply.outcome)) leg.answer = *answer;
  byok::Attempt attempt;
  attempt.key_source = byok::KeySource::kUserKey;
  attempt.state = reply.state;
  attempt.usage = reply.usage;
  if (leg.answer) attempt.model = leg.answer->model;
  leg.attempts = {attempt};
  return leg;
}

void PriceCall(const Json& call, const byok::PriceTable& prices) {
  byok::PricingPolicy policy;
  policy.started_at = {call["at"].AsInteger().value_or(0)};
  const byok::Settlement bill = byok::Settle({LegOf(call)}, {byok::LegBound{}}, prices, {}, policy);
  const byok::SettledCall& settled = bill.calls.at(0);
  std::cout << Text(call["name"]) << '\t' << settled.model << '\t'
            << (settled.price_id ? std::to_string(*settled.price_id) : "-") << '\t'
            << (settled.price_id ? settled.cost->ToString() : "-") << '\n';
}

}  // namespace

int main() {
  std::vector<byok::PriceRow> rows;
  std::vector<byok::ModelAlias> aliases;
  std::vector<Json> calls;
  for (std::string line; std::getline(std::cin, line);) {
    auto said = Json::Parse(line);
    if (!said.ok()) {
      std::cerr << said.status().message() << '\n';
      return 1;
    }
    const Json& alias = (*said)["alias"];
    if (said->Has("price")) rows.push_back(RowOf((*said)["price"]));
    if (said->Has("alias")) {
      aliases.push_back({Text(alias["provider"]), Text(alias["alias"]), Text(alias["model"])});
    }
    if (said->Has("call")) calls.push_back((*said)["call"]);
  }
  const byok::PriceTable prices(std::move(rows), std::move(aliases));
  for (const Json& call : calls) PriceCall(call, prices);
  return 0;
}
