#include "billing/rule_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "billing/in_range.hpp"

namespace byok {
namespace {

/// Nothing sorts before every text, so that an empty provider is not every provider.
using RuleKey = std::tuple<std::optional<std::pair<std::string_view, std::string_view>>,
                           std::optional<std::string_view>, KeySource>;

RuleKey KeyOf(const PricingRule& rule) {
  RuleKey key;
  if (rule.payer) std::get<0>(key).emplace(rule.payer->kind, rule.payer->id);
  if (rule.provider) std::get<1>(key) = *rule.provider;
  std::get<2>(key) = rule.key_source;
  return key;
}

}  // namespace

RuleTable::RuleTable(std::vector<PricingRule> rules) : rules_(std::move(rules)) {
  std::ranges::stable_sort(
      rules_, {}, [](const PricingRule& rule) { return std::pair(KeyOf(rule), rule.builtin); });
}

const PricingRule* RuleTable::FindOf(const Payer* payer, const std::string_view* provider,
                                     KeySource source, std::int64_t at) const {
  RuleKey key;
  if (payer != nullptr) std::get<0>(key).emplace(payer->kind, payer->id);
  if (provider != nullptr) std::get<1>(key) = *provider;
  std::get<2>(key) = source;
  const auto begin = std::ranges::lower_bound(rules_, key, {}, KeyOf);
  const auto end = std::ranges::upper_bound(rules_, key, {}, KeyOf);
  const auto found = std::find_if(begin, end, [at](const PricingRule& rule) {
    return InRange(at, rule.effective_from, rule.effective_to);
  });
  return found == end ? nullptr : &*found;
}

const PricingRule* RuleTable::Find(std::string_view provider, KeySource source, const Payer& payer,
                                   std::int64_t at) const {
  for (const Payer* who : {&payer, static_cast<const Payer*>(nullptr)}) {
    for (const std::string_view* where :
         {&std::as_const(provider), static_cast<const std::string_view*>(nullptr)}) {
      if (const PricingRule* rule = FindOf(who, where, source, at)) return rule;
    }
  }
  return nullptr;
}

Usd ChargeOf(const PricingRule& rule, Usd cost) {
  return rule.key_source == KeySource::kSystemKey ? rule.markup.Of(cost) + rule.flat
                                                  : rule.fee.Of(cost);
}

}  // namespace byok
