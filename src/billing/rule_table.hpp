#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/usd.hpp"
#include "billing/payer.hpp"
#include "vault/key_source.hpp"

namespace byok {

/// One row of `pricing_rules`: what the platform adds.
struct PricingRule {
  std::int64_t id = 0;
  bool builtin = false;
  std::optional<Payer> payer;           ///< nothing = everybody
  std::optional<std::string> provider;  ///< nothing = every provider
  KeySource key_source = KeySource::kSystemKey;
  Factor markup;                               ///< on the cost of a platform-paid leg
  Usd flat;                                    ///< per answered platform-paid leg
  Factor fee = Factor::FromTenThousandths(0);  ///< on the cost of a leg on the payer's own key
  std::optional<std::int64_t> effective_from, effective_to;
};

/// The rules in force, found without looking through all: there may be one for every account.
class RuleTable {
 public:
  RuleTable() = default;
  RuleTable(std::vector<PricingRule> rules);           // NOLINT: a list of rules is a table
  RuleTable(std::initializer_list<PricingRule> rules)  // NOLINT
      : RuleTable(std::vector<PricingRule>(rules)) {}

  /// The rule for a leg: of that payer and provider, then of the payer, then of the provider, then
  /// the general one; among these, the user's own before a built-in one; nullptr = none.
  [[nodiscard]] const PricingRule* Find(std::string_view provider, KeySource source,
                                        const Payer& payer, std::int64_t at) const;

 private:
  [[nodiscard]] const PricingRule* FindOf(const Payer* payer, const std::string_view* provider,
                                          KeySource source, std::int64_t at) const;

  std::vector<PricingRule> rules_;  ///< sorted by payer, provider, key source, builtin
};

/// What the payer owes for an answered leg of that cost: cost × markup + flat on a platform key,
/// cost × fee on a key of their own.
Usd ChargeOf(const PricingRule& rule, Usd cost);

}  // namespace byok
