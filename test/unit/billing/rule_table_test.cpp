#include "billing/rule_table.hpp"

#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

PricingRule RuleOf(std::int64_t id, bool builtin, std::optional<std::string> provider) {
  PricingRule rule;
  rule.id = id;
  rule.builtin = builtin;
  rule.provider = std::move(provider);
  return rule;
}

std::int64_t RuleId(const std::vector<PricingRule>& rules, std::string_view provider,
                    KeySource source = KeySource::kSystemKey, std::int64_t at = 0,
                    const Payer& payer = {"user", "user_123"}) {
  const RuleTable table(rules);
  const PricingRule* rule = table.Find(provider, source, payer, at);
  return rule == nullptr ? 0 : rule->id;
}

TEST(RuleTable, PrefersTheProvidersThenTheUsersOwn) {
  std::vector<PricingRule> rules = {RuleOf(1, true, {}), RuleOf(2, false, {})};
  EXPECT_EQ(RuleId(rules, "openai"), 2);
  rules.push_back(RuleOf(3, true, "openai"));
  EXPECT_EQ(RuleId(rules, "openai"), 3) << "the provider's before a general one of the user's";
  rules.push_back(RuleOf(4, false, "openai"));
  EXPECT_EQ(RuleId(rules, "openai"), 4);
  EXPECT_EQ(RuleId(rules, "deepseek"), 2);
}

PricingRule RuleOfPayer(std::int64_t id, Payer payer, std::optional<std::string> provider) {
  PricingRule rule = RuleOf(id, false, std::move(provider));
  rule.payer = std::move(payer);
  return rule;
}

TEST(RuleTable, PrefersThePayersThenTheProviders) {
  std::vector<PricingRule> rules = {RuleOf(1, false, {}), RuleOf(2, false, "openai")};
  EXPECT_EQ(RuleId(rules, "openai"), 2);
  rules.push_back(RuleOfPayer(3, {"user", "user_123"}, {}));
  EXPECT_EQ(RuleId(rules, "openai"), 3) << "the payer's general one before the provider's";
  rules.push_back(RuleOfPayer(4, {"user", "user_123"}, "openai"));
  EXPECT_EQ(RuleId(rules, "openai"), 4);
  EXPECT_EQ(RuleId(rules, "deepseek"), 3);
}

TEST(RuleTable, KnowsNoRuleOfAnotherPayer) {
  const std::vector<PricingRule> rules = {RuleOfPayer(1, {"tenant", "acme"}, {})};
  const auto of = [&rules](const Payer& payer) {
    return RuleId(rules, "openai", KeySource::kSystemKey, 0, payer);
  };
  EXPECT_EQ(of({"tenant", "acme"}), 1);
  EXPECT_EQ(of({"user", "acme"}), 0) << "a user of the same id is somebody else";
  EXPECT_EQ(of({"tenant", "other"}), 0);
}

TEST(RuleTable, TakesTheRuleInForceAmongManyOfOnePayer) {
  std::vector<PricingRule> rules;
  for (std::int64_t i = 0; i < 1000; ++i) {
    PricingRule rule = RuleOfPayer(i + 1, {"tenant", "t" + std::to_string(i % 10)}, "openai");
    rule.effective_from = i / 10 * 100;
    rule.effective_to = i / 10 * 100 + 100;
    rules.push_back(std::move(rule));
  }
  const auto at = [&rules](std::int64_t moment) {
    return RuleId(rules, "openai", KeySource::kSystemKey, moment, {"tenant", "t7"});
  };
  EXPECT_EQ(at(0), 8);
  EXPECT_EQ(at(99), 8);
  EXPECT_EQ(at(100), 18);
  EXPECT_EQ(at(9'999), 998);
  EXPECT_EQ(at(10'000), 0);
}

TEST(RuleTable, TakesAnEmptyNameForAName) {
  EXPECT_EQ(RuleId({RuleOf(1, false, "")}, "openai"), 0);
  EXPECT_EQ(RuleId({RuleOfPayer(1, {"user", ""}, {})}, "openai"), 0);
}

TEST(ChargeOf, IsMarkupAndFlatOnAPlatformKeyAndTheFeeOnAnOwnKey) {
  PricingRule rule;
  rule.markup = Factor::Parse("3").value();
  rule.flat = Dollars("0.001");
  rule.fee = Factor::Parse("0.05").value();
  EXPECT_EQ(ChargeOf(rule, Dollars("0.01")), Dollars("0.031"));
  rule.key_source = KeySource::kUserKey;
  EXPECT_EQ(ChargeOf(rule, Dollars("0.01")), Dollars("0.0005"));
  rule.fee = FeeOf(1, "openai", "0").fee;
  EXPECT_EQ(ChargeOf(rule, Dollars("0.01")), Usd());
}

TEST(RuleTable, KnowsNoRuleOfAnotherTimeOrKeySource) {
  PricingRule rule = RuleOf(1, true, {});
  rule.effective_from = 10;
  rule.effective_to = 20;
  EXPECT_EQ(RuleId({rule}, "openai", KeySource::kSystemKey, 9), 0);
  EXPECT_EQ(RuleId({rule}, "openai", KeySource::kSystemKey, 10), 1);
  EXPECT_EQ(RuleId({rule}, "openai", KeySource::kSystemKey, 20), 0);
  EXPECT_EQ(RuleId({rule}, "openai", KeySource::kUserKey, 10), 0);
  EXPECT_EQ(RuleId({}, "openai"), 0);
}

}  // namespace
}  // namespace byok
