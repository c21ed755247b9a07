#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"
#include "billing/settlement.hpp"

namespace byok {
namespace {

using testing::HasSubstr;

ProviderConfig Provider(std::string name, std::string model) {
  ProviderConfig provider;
  provider.name = std::move(name);
  provider.model = std::move(model);
  return provider;
}

const Payer kPayer{"user", "user_123"};

LegBound Bound(const PriceTable& prices, const std::vector<PricingRule>& rules, KeySource source,
               std::string model = "gpt-4") {
  return BoundLeg(prices, rules, Provider("openai", std::move(model)),
                  {.source = source,
                   .payer = kPayer,
                   .request_bytes = 100,
                   .max_tokens = 50,
                   .started_at = 0,
                   .deadline_at = 60'000'000});
}

TEST(BoundLeg, CountsABytePerInputTokenAndEveryOutputToken) {
  const LegBound bound = Bound(DemoPrices(), DefaultMarkups(), KeySource::kSystemKey);
  EXPECT_EQ(bound.provider, "openai");
  EXPECT_EQ(bound.model, "gpt-4");
  EXPECT_EQ(bound.cost, Dollars("0.03"));
  EXPECT_EQ(bound.charge, Dollars("0.06"));
}

TEST(BoundLeg, TakesTheDearestKindOfTokenTheRequestPriceAndTheFlatCharge) {
  PriceRow row = Row(1, "openai", "gpt-4", "1", "2");
  row.rates.cached_input = PerMillion("0.1");
  row.rates.cache_write = PerMillion("3");
  row.rates.cache_write_1h = PerMillion("4");
  row.rates.reasoning = PerMillion("5");
  row.rates.per_request = Dollars("0.001");
  PricingRule rule = Markup(1, "openai", "1.5");
  rule.flat = Dollars("0.03");
  const LegBound bound = Bound(PriceTable({row}, {}), {rule}, KeySource::kSystemKey);
  EXPECT_EQ(bound.cost, Dollars("0.00165"));  // 100 × 4 + 50 × 5 a million, and .001
  EXPECT_EQ(bound.charge, Dollars("0.032475"));
}

TEST(BoundLeg, KnowsAPriceThatIsMissingOnlyForSomeSizes) {
  PriceRow small = Row(1, "openai", "gpt-4", "1", "2");
  small.tokens_to = 100;
  const PriceTable prices({small}, {});
  const LegBound bound = Bound(prices, DefaultMarkups(), KeySource::kSystemKey);
  EXPECT_FALSE(bound.cost.has_value()) << "100 bytes may be 100 tokens";
  EXPECT_TRUE(bound.partly_priced);
  EXPECT_FALSE(Bound(prices, DefaultMarkups(), KeySource::kSystemKey, "other").partly_priced);
}

TEST(BoundLeg, NeverChargesAByokLeg) {
  const auto charge = [](KeySource source, std::string model) {
    return Bound(DemoPrices(), DefaultMarkups(), source, std::move(model)).charge;
  };
  EXPECT_EQ(charge(KeySource::kUserKey, "gpt-4"), Usd());
  EXPECT_EQ(charge(KeySource::kTenantByok, "gpt-4"), Usd());
  EXPECT_EQ(charge(KeySource::kUserKey, "unheard-of"), Usd());
}

TEST(BoundLeg, BoundsTheFeeOfAByokLegAndNeedsItsPrice) {
  const std::vector<PricingRule> rules = {FeeOf(4, "openai", "0.05")};
  EXPECT_EQ(Bound(DemoPrices(), rules, KeySource::kUserKey).charge, Dollars("0.0015"));
  EXPECT_EQ(Bound(DemoPrices(), rules, KeySource::kUserKey, "unheard-of").charge, std::nullopt);
  EXPECT_EQ(Bound(DemoPrices(), rules, KeySource::kTenantByok).charge, Usd());
}

TEST(BoundLeg, TakesTheRuleOfThePayer) {
  std::vector<PricingRule> rules = DefaultMarkups();
  rules.push_back(Markup(9, "openai", "7"));
  rules.back().payer = Payer{"user", "user_456"};
  EXPECT_EQ(Bound(DemoPrices(), rules, KeySource::kSystemKey).charge, Dollars("0.06"));
  rules.back().payer = kPayer;
  EXPECT_EQ(Bound(DemoPrices(), rules, KeySource::kSystemKey).charge, Dollars("0.21"));
}

TEST(BoundLeg, KnowsCostAndChargeOnlyWithPriceAndRule) {
  const LegBound without_rule = Bound(DemoPrices(), {}, KeySource::kSystemKey);
  EXPECT_EQ(without_rule.cost, Dollars("0.03"));
  EXPECT_EQ(without_rule.charge, std::nullopt);
  const LegBound without_price =
      Bound(DemoPrices(), DefaultMarkups(), KeySource::kSystemKey, "unheard-of");
  EXPECT_EQ(without_price.cost, std::nullopt);
  EXPECT_EQ(without_price.charge, std::nullopt);
}

PricingPolicy Capped(Usd max_charge) {
  PricingPolicy policy;
  policy.max_charge = max_charge;
  return policy;
}

const LegBound kOpenAi{"openai", "gpt-4", Dollars("0.03"), Dollars("0.06")};
const LegBound kAnthropic{"anthropic", "claude", Dollars("0.021"), Dollars("0.063")};
const LegBound kUnpriced{"openai", "unheard-of", {}, {}};
const LegBound kWithoutRule{"openai", "gpt-4", Dollars("0.03"), {}};

TEST(MostCharged, IsTheSumOrTheLeastChargeOfWhatThePlatformPays) {
  PricingPolicy policy;
  policy.min_charge = Dollars("0.1");
  LegBound paid = kOpenAi;
  paid.platform_paid = true;
  EXPECT_EQ(MostCharged({kOpenAi, kUnpriced}, policy), Dollars("0.06"));
  EXPECT_EQ(MostCharged({paid, kUnpriced}, policy), Dollars("0.1"));
  EXPECT_EQ(MostCharged({paid, kAnthropic}, policy), Dollars("0.123"));
  policy.max_charge = Dollars("0.08");
  EXPECT_EQ(MostCharged({paid}, policy), Dollars("0.08")) << "which is never passed";
}

TEST(CheckPriced, RefusesWhatHasNoChargeAndOnlyThat) {
  EXPECT_TRUE(CheckPriced({kOpenAi, kAnthropic}).ok());
  const Status status = CheckPriced({kOpenAi, kUnpriced});
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_THAT(status.message(), HasSubstr("unheard-of"));
  EXPECT_THAT(status.hint(), testing::Not(HasSubstr("byok.unknown_price"))) << "it is set so";
  EXPECT_THAT(CheckPriced({kWithoutRule}).hint(), HasSubstr("pricing_rules"));
}

TEST(CheckBounds, RefusesAnUnknownPrice) {
  const Status status =
      CheckBounds({kAnthropic, kUnpriced}, {KeySource::kSystemKey, KeySource::kSystemKey}, {});
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(status.message(), "price of model \"unheard-of\" of provider \"openai\" is not known");
  EXPECT_THAT(status.hint(), HasSubstr("model_prices"));
  EXPECT_THAT(status.hint(), HasSubstr("byok.unknown_price"));
}

TEST(CheckBounds, SaysThatAPriceIsMissingOnlyInPart) {
  LegBound bound = kUnpriced;
  bound.partly_priced = true;
  EXPECT_THAT(CheckBounds({bound}, {KeySource::kSystemKey}, {}).detail(),
              HasSubstr("not for every size"));
  EXPECT_EQ(CheckBounds({kUnpriced}, {KeySource::kSystemKey}, {}).detail(), "");
}

TEST(CheckBounds, RefusesAMissingRule) {
  const Status status = CheckBounds({kWithoutRule}, {KeySource::kSystemKey}, {});
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(status.message(), "no pricing rule for provider \"openai\"");
  EXPECT_THAT(status.hint(), HasSubstr("pricing_rules"));
}

TEST(CheckBounds, EstimatesWhenAllowedButNotUnderACap) {
  const PricingPolicy estimating{.started_at = {}, .estimate_unknown_price = true};
  PricingPolicy estimating_capped = estimating;
  estimating_capped.max_charge = Dollars("1");
  const std::vector<KeySource> sources = {KeySource::kSystemKey};
  EXPECT_TRUE(CheckBounds({kUnpriced}, sources, estimating).ok());
  EXPECT_TRUE(CheckBounds({kWithoutRule}, sources, estimating).ok());
  EXPECT_FALSE(CheckBounds({kUnpriced}, sources, estimating_capped).ok());
}

TEST(CheckBounds, RefusesAByokLegWithAFeeAndNoPrice) {
  const LegBound unpriced{"openai", "unheard-of", {}, {}};
  const Status status = CheckBounds({unpriced}, {KeySource::kUserKey}, {});
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(status.message(), "price of model \"unheard-of\" of provider \"openai\" is not known");
}

TEST(CheckBounds, SaysWhatAFeeMayCome) {
  const LegBound byok{"openai", "gpt-4", Dollars("0.03"), Dollars("0.0015")};
  const Status status = CheckBounds({byok}, {KeySource::kUserKey}, Capped(Dollars("0.001")));
  EXPECT_EQ(status.detail(), "openai up to 0.0015 USD (user_key).");
}

TEST(CheckBounds, AllowsAByokLegOfUnknownPrice) {
  const LegBound byok{"openai", "unheard-of", {}, Usd()};
  EXPECT_TRUE(CheckBounds({byok}, {KeySource::kUserKey}, Capped(Usd())).ok());
}

TEST(CheckBounds, KeepsTheCallersCapToTheLastDigit) {
  const LegBound byok{"deepseek", "deepseek-chat", Dollars("0.1"), Usd()};
  const std::vector<LegBound> bounds = {kOpenAi, kAnthropic, byok};
  const std::vector<KeySource> sources = {KeySource::kSystemKey, KeySource::kSystemKey,
                                          KeySource::kUserKey};
  EXPECT_TRUE(CheckBounds(bounds, sources, Capped(Dollars("0.123"))).ok());
  const Status status = CheckBounds(bounds, sources, Capped(Dollars("0.122999999999")));
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(status.message(), "the request may cost up to 0.123 USD, more than max_charge_usd");
  EXPECT_EQ(status.detail(),
            "openai up to 0.06 USD, anthropic up to 0.063 USD, deepseek 0 USD (user_key).");
  EXPECT_THAT(status.hint(), HasSubstr("max_charge_usd"));
}

TEST(CheckBounds, RefusesWhatTheLedgersIntegerCouldNotHold) {
  const LegBound absurd{"openai", "gpt-4", Dollars("10000000.01"), Usd()};
  const Status status = CheckBounds({absurd}, {KeySource::kUserKey}, {});
  EXPECT_EQ(status.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(status.message(), "the request may cost more than 10000000 USD");
}

TEST(CheckBounds, AddsTheLegsUpBeforeItJudges) {
  const LegBound dear{"openai", "gpt-4", Dollars("1"), Dollars("6000000")};
  const std::vector<KeySource> sources(2, KeySource::kSystemKey);
  EXPECT_TRUE(CheckBounds({dear}, {KeySource::kSystemKey}, {}).ok());
  EXPECT_EQ(CheckBounds({dear, dear}, sources, {}).code(), StatusCode::kPaymentRequired);
}

TEST(BoundLeg, SaysHowManyTokensItWillBelieve) {
  const LegBound bound = Bound(DemoPrices(), DefaultMarkups(), KeySource::kSystemKey);
  EXPECT_GT(bound.max_input_tokens, kTokenSlack);
  EXPECT_GT(bound.max_output_tokens, kTokenSlack);
}

}  // namespace
}  // namespace byok
