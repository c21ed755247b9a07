#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "billing/price_table.hpp"
#include "billing/rule_table.hpp"

namespace byok {

inline Usd Dollars(std::string_view decimal) {
  return Usd::Parse(decimal).value();
}

inline Usd PerMillion(std::string_view decimal) {
  return ParsePerMillion(decimal).value();
}

inline PriceRow Row(std::int64_t id, std::string provider, std::string model,
                    std::string_view input, std::string_view output) {
  PriceRow row;
  row.id = id;
  row.builtin = true;
  row.provider = std::move(provider);
  row.model = std::move(model);
  row.rates.input = PerMillion(input);
  row.rates.output = PerMillion(output);
  return row;
}

/// The demo price list: 100 tokens in and 50 out cost .03, .01 and .0001, as in the design's
/// worked example.
inline PriceTable DemoPrices() {
  return PriceTable(
      {Row(1, "openai", "gpt-4", "150", "300"), Row(2, "anthropic", "claude-3-sonnet", "50", "100"),
       Row(3, "deepseek", "deepseek-chat", "0.5", "1")},
      {});
}

inline PricingRule Markup(std::int64_t id, std::string provider, std::string_view factor) {
  PricingRule rule;
  rule.id = id;
  rule.builtin = true;
  rule.provider = std::move(provider);
  rule.markup = Factor::Parse(factor).value();
  return rule;
}

/// A fee on users' own keys.
inline PricingRule FeeOf(std::int64_t id, std::string provider, std::string_view factor) {
  PricingRule rule;
  rule.id = id;
  rule.provider = std::move(provider);
  rule.key_source = KeySource::kUserKey;
  rule.fee = Factor::Parse(factor).value();
  return rule;
}

inline std::vector<PricingRule> DefaultMarkups() {
  return {Markup(1, "openai", "2"), Markup(2, "anthropic", "3"), Markup(3, "deepseek", "10")};
}

}  // namespace byok
