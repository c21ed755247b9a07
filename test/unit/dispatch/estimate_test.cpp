#include "dispatch/estimate.hpp"

#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

OrderLeg LegOf(const char* provider, const char* model, KeySource source) {
  OrderLeg leg;
  leg.provider.name = provider;
  leg.provider.dialect = "openai";
  leg.provider.model = model;
  leg.keys.emplace_back().source = source;
  return leg;
}

AskOrder Order() {
  AskOrder order;
  order.user_id = "user_123";
  order.prompt = "What is the capital of France?";
  order.options.max_tokens = 100;
  order.legs = {LegOf("openai", "gpt-4", KeySource::kSystemKey),
                LegOf("anthropic", "claude-3-sonnet", KeySource::kUserKey)};
  return order;
}

Json EstimateOf(const AskOrder& order, Usd min_charge = {}) {
  const PricingPolicy pricing{
      .started_at = {}, .payer = {"user", "user_123"}, .min_charge = min_charge};
  return Estimate(order, {DemoPrices(), DefaultMarkups()}, pricing);
}

Usd AmountOf(const Json& json, const char* name = "max_charge_usd") {
  return *Usd::Parse(*json[name].AsNumberText());
}

TEST(Estimate, SumsWhatTheProvidersMayBeCharged) {
  const Json estimate = EstimateOf(Order());
  EXPECT_EQ(AmountOf(estimate), AmountOf(estimate["by_provider"]["openai"]));
  EXPECT_EQ(AmountOf(estimate["by_provider"]["anthropic"]), Usd());
  EXPECT_GT(AmountOf(estimate["by_provider"]["anthropic"], "max_api_cost_usd"), Usd());
  EXPECT_EQ(estimate["key_sources"]["anthropic"].AsString(), "user_key");
  EXPECT_TRUE(estimate["extra"].IsNull());
}

TEST(Estimate, CountsWhatTheStrategyMayAskOnceMore) {
  const Usd without = AmountOf(EstimateOf(Order()));
  AskOrder order = Order();
  order.options.strategy = Strategy::kSynthesize;
  const Json estimate = EstimateOf(order);
  EXPECT_GT(AmountOf(estimate["extra"]), without) << "it is shown the answers, too";
  EXPECT_EQ(AmountOf(estimate), without + AmountOf(estimate["extra"]));
}

TEST(Estimate, IsAtLeastTheLeastCharge) {
  EXPECT_EQ(AmountOf(EstimateOf(Order(), Dollars("50"))), Dollars("50"));
  AskOrder order = Order();
  order.legs.erase(order.legs.begin());
  EXPECT_EQ(AmountOf(EstimateOf(order, Dollars("50"))), Usd()) << "own keys";
}

TEST(Estimate, IsUnknownWithAPriceThatIs) {
  AskOrder order = Order();
  order.legs[0].provider.model = "nobody-knows";
  const Json estimate = EstimateOf(order);
  EXPECT_TRUE(estimate["max_charge_usd"].IsNull());
  EXPECT_TRUE(estimate["by_provider"]["openai"]["max_charge_usd"].IsNull());
}

TEST(Estimate, NamesAProviderWithoutAKey) {
  AskOrder order = Order();
  order.legs[0].keys.clear();
  const Json estimate = EstimateOf(order);
  EXPECT_TRUE(estimate["key_sources"]["openai"].IsNull());
  EXPECT_TRUE(estimate["by_provider"]["openai"].IsNull());
  EXPECT_EQ(AmountOf(estimate), Usd());
}

}  // namespace
}  // namespace byok
