#include "billing/settlement.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

constexpr auto kUser = KeySource::kUserKey;
constexpr auto kTenant = KeySource::kTenantByok;
constexpr auto kSystem = KeySource::kSystemKey;

const Usage kDemoUsage{.input = 100, .output = 50};

Attempt AttemptOf(CallState state, KeySource source, std::string model,
                  std::optional<Usage> usage = {}) {
  Attempt attempt;
  attempt.state = state;
  attempt.key_source = source;
  attempt.model = std::move(model);
  attempt.usage = usage;
  return attempt;
}

LegResult LegOf(std::string provider, std::string model_asked, const Attempt& attempt) {
  LegResult leg;
  leg.provider = std::move(provider);
  leg.model_asked = std::move(model_asked);
  leg.key_source = attempt.key_source;
  leg.attempts = {attempt};
  if (attempt.state == CallState::kAnswered) {
    leg.answer =
        Answer{.text = "yes", .model = attempt.model, .usage = attempt.usage, .service_tier = ""};
  }
  return leg;
}

LegResult Answered(std::string provider, const std::string& model, KeySource source) {
  return LegOf(std::move(provider), model,
               AttemptOf(CallState::kAnswered, source, model, kDemoUsage));
}

std::vector<LegResult> Triangle(KeySource openai, KeySource anthropic, KeySource deepseek) {
  return {Answered("openai", "gpt-4", openai), Answered("anthropic", "claude-3-sonnet", anthropic),
          Answered("deepseek", "deepseek-chat", deepseek)};
}

const LegBound kBound{"openai", "gpt-4", Dollars("0.5"), Dollars("1")};

Settlement SettleAll(const std::vector<LegResult>& legs, const LegBound& bound = kBound) {
  return Settle(legs, std::vector<LegBound>(legs.size(), bound), DemoPrices(), DefaultMarkups(),
                {});
}

SettledCall SettleOne(const LegResult& leg, const LegBound& bound = kBound) {
  return SettleAll({leg}, bound).calls.at(0);
}

/// gpt-4 asked, with this outcome.
SettledCall SettleOutcome(CallState state, KeySource source, std::optional<Usage> usage = {}) {
  return SettleOne(LegOf("openai", "gpt-4", AttemptOf(state, source, "gpt-4", usage)));
}

/// Half up to cents, as the seed prints.
std::string InCents(Usd amount) {
  constexpr Usd::Units kCent = 10'000'000'000;
  const auto cents = static_cast<long>((amount.units() + kCent / 2) / kCent);
  return (cents < 10 ? "0.0" : "0.") + std::to_string(cents);
}

/// Half up to whole percent, from the exact amounts.
std::string Margin(Usd cost, Usd charge) {
  if (charge.IsZero()) return "N/A";
  const Usd::Units profit = (charge - cost).units();
  const Usd::Units percent = (200 * profit + charge.units()) / (2 * charge.units());
  return std::to_string(static_cast<long>(percent)) + "%";
}

struct Subset {
  KeySource openai, anthropic, deepseek;
  const char *cost, *charge, *profit;
  const char *printed_cost, *printed_charge, *printed_profit, *margin;
  const char* description;
};

constexpr Subset kSubsets[] = {
    {kUser, kUser, kUser, "0", "0", "0", "0.00", "0.00", "0.00", "N/A",
     "Triangle query (3 user keys)"},
    {kUser, kUser, kSystem, "0.0001", "0.001", "0.0009", "0.00", "0.00", "0.00", "90%",
     "Triangle query (2 user keys, 1 system key)"},
    {kUser, kSystem, kUser, "0.01", "0.03", "0.02", "0.01", "0.03", "0.02", "67%",
     "Triangle query (2 user keys, 1 system key)"},
    {kSystem, kUser, kUser, "0.03", "0.06", "0.03", "0.03", "0.06", "0.03", "50%",
     "Triangle query (2 user keys, 1 system key)"},
    {kUser, kSystem, kSystem, "0.0101", "0.031", "0.0209", "0.01", "0.03", "0.02", "67%",
     "Triangle query (1 user key, 2 system keys)"},
    {kSystem, kUser, kSystem, "0.0301", "0.061", "0.0309", "0.03", "0.06", "0.03", "51%",
     "Triangle query (1 user key, 2 system keys)"},
    {kSystem, kSystem, kUser, "0.04", "0.09", "0.05", "0.04", "0.09", "0.05", "56%",
     "Triangle query (1 user key, 2 system keys)"},
    {kSystem, kSystem, kSystem, "0.0401", "0.091", "0.0509", "0.04", "0.09", "0.05", "56%",
     "Triangle query (3 system keys)"},
};

class SeedSubsets : public testing::TestWithParam<Subset> {};

TEST_P(SeedSubsets, CostAndChargeAsPrinted) {
  const Subset& want = GetParam();
  const Settlement got = SettleAll(Triangle(want.openai, want.anthropic, want.deepseek));
  const Usd profit = got.charge - got.platform_cost;
  EXPECT_EQ(got.platform_cost.ToString(), want.cost);
  EXPECT_EQ(got.charge.ToString(), want.charge);
  EXPECT_EQ(profit.ToString(), want.profit);
  EXPECT_EQ(InCents(got.platform_cost), want.printed_cost);
  EXPECT_EQ(InCents(got.charge), want.printed_charge);
  EXPECT_EQ(InCents(profit), want.printed_profit);
  EXPECT_EQ(Margin(got.platform_cost, got.charge), want.margin);
  EXPECT_EQ(got.description, want.description);
  EXPECT_FALSE(got.estimated);
}

INSTANTIATE_TEST_SUITE_P(All, SeedSubsets, testing::ValuesIn(kSubsets));

TEST(Settle, WorkedExampleLegByLeg) {
  const Settlement got = SettleAll(Triangle(kUser, kSystem, kSystem));
  ASSERT_EQ(got.calls.size(), 3U);
  EXPECT_EQ(got.calls[0].cost, Dollars("0.03"));
  EXPECT_EQ(got.calls[0].charge, Usd());
  EXPECT_EQ(got.calls[0].rule_id, std::nullopt);
  EXPECT_EQ(got.calls[1].cost, Dollars("0.01"));
  EXPECT_EQ(got.calls[1].charge, Dollars("0.03"));
  EXPECT_EQ(got.calls[1].price_id, 2);
  EXPECT_EQ(got.calls[1].rule_id, 2);
  EXPECT_EQ(got.calls[2].cost, Dollars("0.0001"));
  EXPECT_EQ(got.calls[2].charge, Dollars("0.001"));
}

LegResult Cancelled(KeySource source) {
  Attempt attempt = AttemptOf(CallState::kUnknown, source, "gpt-4");
  attempt.error = ErrorReason::kCancelled;
  LegResult leg = LegOf("openai", "gpt-4", attempt);
  leg.request_bytes = 401;
  return leg;
}

SettledCall SettleCancelled(const LegResult& leg) {
  PricingPolicy policy;
  policy.charge_cancelled_input = true;
  return Settle({leg}, {kBound}, DemoPrices(), DefaultMarkups(), policy).calls.at(0);
}

TEST(Settle, ACancelledCallIsChargedItsInputWhereThatIsThePolicy) {
  const SettledCall call = SettleCancelled(Cancelled(kSystem));
  ASSERT_TRUE(call.usage && call.unit_prices && call.unit_prices->markup);
  EXPECT_EQ(call.usage->input, 101) << "a token for every four bytes, and one for the rest";
  EXPECT_EQ(call.usage->output, 0);
  EXPECT_EQ(call.charge, (call.unit_prices->rates.input * 101) * 2) << "openai's markup";
  EXPECT_GT(call.charge, Usd());
  EXPECT_EQ(call.cost, kBound.cost) << "what the provider takes is still not known";
  EXPECT_TRUE(call.estimated);
}

TEST(Settle, ACancelledCallIsFreeOnAnOwnKeyAndByDefault) {
  EXPECT_EQ(SettleCancelled(Cancelled(kUser)).charge, Usd());
  EXPECT_EQ(SettleOne(Cancelled(kSystem)).charge, Usd());
  LegResult lost = Cancelled(kSystem);
  lost.attempts[0].error = ErrorReason::kProtocolError;
  EXPECT_EQ(SettleCancelled(lost).charge, Usd()) << "unknown, and not by the caller's doing";
}

TEST(Settle, TheLeastChargeIsASurchargeAboveTheCalls) {
  PricingPolicy policy;
  policy.min_charge = Dollars("0.05");
  const auto settle = [&policy](const std::vector<LegResult>& legs) {
    return Settle(legs, {}, DemoPrices(), DefaultMarkups(), policy);
  };
  const Settlement got = settle(Triangle(kUser, kSystem, kSystem));
  EXPECT_EQ(got.charge, Dollars("0.05"));
  EXPECT_EQ(got.surcharge, Dollars("0.019"));
  EXPECT_EQ(settle(Triangle(kUser, kUser, kUser)).charge, Usd()) << "the platform paid nothing";
  EXPECT_EQ(settle(Triangle(kSystem, kSystem, kSystem)).surcharge, Usd());
  policy.max_charge = Dollars("0.04");
  EXPECT_EQ(settle(Triangle(kUser, kSystem, kSystem)).charge, Dollars("0.04")) << "a promise";
}

TEST(Settle, UnderConsensusOnlyALoneAnswerIsFree) {
  PricingPolicy policy;
  policy.consensus_only = true;
  policy.min_charge = Dollars("0.05");
  std::vector<LegResult> legs = Triangle(kSystem, kSystem, kSystem);
  EXPECT_EQ(Settle(legs, {}, DemoPrices(), DefaultMarkups(), policy).charge, Dollars("0.091"));
  legs.resize(1);
  const Settlement got = Settle(legs, {}, DemoPrices(), DefaultMarkups(), policy);
  EXPECT_EQ(got.charge, Usd());
  EXPECT_EQ(got.calls[0].charge, Usd());
  EXPECT_EQ(got.calls[0].cost, Dollars("0.03")) << "the platform paid it";
}

TEST(Settle, ACallAboutTheAnswersIsBilledAndNoKeyOfThePanel) {
  std::vector<LegResult> legs = Triangle(kSystem, kSystem, kSystem);
  legs.push_back(legs[0]);
  legs.back().purpose = Purpose::kJudge;
  const Settlement got = Settle(legs, {}, DemoPrices(), DefaultMarkups(), {});
  EXPECT_EQ(got.charge, Dollars("0.151"));
  EXPECT_EQ(got.calls.back().purpose, Purpose::kJudge);
  EXPECT_EQ(got.description, "Triangle query (3 system keys)");
}

TEST(Settle, ChargesFlatOnTopAndRoundsOnce) {
  PricingRule rule = Markup(7, "openai", "1.2345");
  rule.flat = Dollars("0.03");
  PriceRow row = Row(1, "openai", "gpt-4", "0.000001", "0");
  const LegResult leg = LegOf("openai", "gpt-4",
                              AttemptOf(CallState::kAnswered, kSystem, "gpt-4", Usage{.input = 2}));
  const Settlement got = Settle({leg}, {kBound}, PriceTable({row}, {}), {rule}, {});
  EXPECT_EQ(got.charge, Dollars("0.030000000002"));  // 2 × 1.2345 of the last digit
}

struct Outcome {
  CallState state;
  bool has_usage;
  const char *cost, *charge;
  bool estimated;
};

class PlatformOutcomes : public testing::TestWithParam<Outcome> {};

TEST_P(PlatformOutcomes, AreBookedAndChargedAsTheTableSays) {
  const Outcome& want = GetParam();
  const auto usage = want.has_usage ? std::optional(kDemoUsage) : std::nullopt;
  const SettledCall got = SettleOutcome(want.state, kSystem, usage);
  EXPECT_EQ(got.cost.value().ToString(), want.cost);
  EXPECT_EQ(got.charge.ToString(), want.charge);
  EXPECT_EQ(got.estimated, want.estimated);
  EXPECT_EQ(got.price_id.has_value(), want.has_usage && !want.estimated);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlatformOutcomes,
    testing::Values(Outcome{CallState::kAnswered, true, "0.03", "0.06", false},
                    Outcome{CallState::kAnswered, false, "0.5", "0", true},
                    Outcome{CallState::kFailedBilled, true, "0.03", "0", false},
                    Outcome{CallState::kFailedBilled, false, "0.5", "0", true},
                    Outcome{CallState::kFailedUnbilled, false, "0", "0", false},
                    Outcome{CallState::kUnknown, false, "0.5", "0", true},
                    Outcome{CallState::kUnknown, true, "0.5", "0", true},
                    Outcome{CallState::kSkipped, false, "0", "0", false}));

TEST(Settle, ByokCallsCostForInformationAndChargeNothing) {
  for (const KeySource source : {kUser, kTenant}) {
    const Settlement got = SettleAll({Answered("openai", "gpt-4", source)});
    EXPECT_EQ(got.calls.at(0).cost, Dollars("0.03"));
    EXPECT_EQ(got.charge, Usd());
    EXPECT_EQ(got.platform_cost, Usd());
  }
}

TEST(Settle, ByokCallOfUnknownPriceHasNoCost) {
  const LegBound unknown{"openai", "unheard-of", {}, Usd()};
  const Settlement got = SettleAll({Answered("openai", "unheard-of", kUser)}, unknown);
  EXPECT_EQ(got.calls.at(0).cost, std::nullopt);
  EXPECT_FALSE(got.estimated);
}

TEST(Settle, PlatformCallWithoutPriceAndBoundIsFlagged) {
  const LegBound unknown{"openai", "unheard-of", {}, {}};
  const Settlement got = SettleAll({Answered("openai", "unheard-of", kSystem)}, unknown);
  EXPECT_EQ(got.calls.at(0).cost, Usd());
  EXPECT_EQ(got.charge, Usd());
  EXPECT_TRUE(got.estimated);
}

TEST(Settle, PricesTheReturnedModelBeforeTheAskedOne) {
  const Attempt attempt = AttemptOf(CallState::kAnswered, kSystem, "gpt-4-0613", kDemoUsage);
  const PriceTable prices(
      {Row(1, "openai", "gpt-4", "150", "300"), Row(2, "openai", "gpt-4-0613", "50", "100")}, {});
  const Settlement got =
      Settle({LegOf("openai", "gpt-4", attempt)}, {kBound}, prices, DefaultMarkups(), {});
  EXPECT_EQ(got.calls.at(0).price_id, 2);
  EXPECT_EQ(got.calls.at(0).model, "gpt-4-0613");
  EXPECT_EQ(got.charge, Dollars("0.02"));
}

TEST(Settle, PricesAReturnedModelWithoutPriceAsTheAskedOne) {
  const SettledCall got = SettleOne(LegOf(
      "openai", "gpt-4", AttemptOf(CallState::kAnswered, kSystem, "gpt-4-turbo-x", kDemoUsage)));
  EXPECT_EQ(got.model, "gpt-4-turbo-x");
  EXPECT_EQ(got.price_id, 1);
  EXPECT_EQ(got.charge, Dollars("0.06"));
  EXPECT_FALSE(got.estimated);
}

TEST(Settle, BooksTheBoundForAnotherServiceTier) {
  LegResult leg = Answered("openai", "gpt-4", kSystem);
  leg.answer->service_tier = "priority";
  const SettledCall got = SettleOne(leg);
  EXPECT_EQ(got.cost, Dollars("0.5"));
  EXPECT_TRUE(got.estimated);
  EXPECT_EQ(got.charge, Usd());
  EXPECT_EQ(got.price_id, std::nullopt);
}

TEST(Settle, NeverPricesImplausibleUsage) {
  const Usage wrapped{.input = 10, .cached_input = 20, .output = 50};
  const SettledCall got = SettleOutcome(CallState::kAnswered, kSystem, wrapped);
  EXPECT_EQ(got.usage, std::nullopt);
  EXPECT_EQ(got.cost, Dollars("0.5"));
  EXPECT_EQ(got.charge, Usd());
}

TEST(Settle, ChargesNothingWithoutARule) {
  const Settlement got =
      Settle({Answered("openai", "gpt-4", kSystem)}, {kBound}, DemoPrices(), {}, {});
  EXPECT_EQ(got.charge, Usd());
  EXPECT_EQ(got.platform_cost, Dollars("0.03"));
  EXPECT_FALSE(got.estimated);
}

Settlement SettleWithFee(const LegResult& leg) {
  std::vector<PricingRule> rules = DefaultMarkups();
  rules.push_back(FeeOf(8, "openai", "0.05"));
  return Settle({leg}, {kBound}, DemoPrices(), rules, {});
}

TEST(Settle, ChargesTheByokFeeOfAnAnswerOnItsActualCost) {
  const Settlement got = SettleWithFee(Answered("openai", "gpt-4", kUser));
  EXPECT_EQ(got.charge, Dollars("0.0015"));
  EXPECT_EQ(got.platform_cost, Usd());
  EXPECT_EQ(got.calls.at(0).cost, Dollars("0.03"));
  EXPECT_EQ(got.calls.at(0).rule_id, 8);
  EXPECT_EQ(SettleWithFee(Answered("openai", "gpt-4", kTenant)).charge, Usd());
}

TEST(Settle, ChargesNoByokFeeOnAnEstimateOrAFailure) {
  const Settlement unpriced = SettleWithFee(Answered("openai", "unheard-of", kUser));
  EXPECT_TRUE(unpriced.estimated);
  EXPECT_EQ(unpriced.charge, Usd());
  const Settlement failed = SettleWithFee(
      LegOf("openai", "gpt-4", AttemptOf(CallState::kFailedBilled, kUser, "gpt-4", kDemoUsage)));
  EXPECT_EQ(failed.calls.at(0).cost, Dollars("0.03"));
  EXPECT_EQ(failed.charge, Usd());
}

TEST(Settle, KeepsTheUnitPricesOfWhatItPriced) {
  const SettledCall paid = SettleOne(Answered("openai", "gpt-4", kSystem));
  ASSERT_TRUE(paid.unit_prices);
  EXPECT_EQ(paid.unit_prices->rates.output, PerMillion("300"));
  EXPECT_EQ(paid.unit_prices->markup, Factor::Parse("2"));
  EXPECT_EQ(paid.unit_prices->fee, std::nullopt);
  EXPECT_FALSE(SettleOutcome(CallState::kUnknown, kSystem).unit_prices) << "an estimate has none";
  EXPECT_EQ(SettleOne(Answered("openai", "gpt-4", kUser)).unit_prices->markup, std::nullopt);
}

TEST(Settle, TakesThePayersRule) {
  std::vector<PricingRule> rules = DefaultMarkups();
  rules.push_back(Markup(9, "openai", "1.5"));
  rules.back().payer = Payer{"tenant", "acme"};
  PricingPolicy policy;
  const auto charge = [&] {
    return Settle({Answered("openai", "gpt-4", kSystem)}, {kBound}, DemoPrices(), rules, policy)
        .charge;
  };
  EXPECT_EQ(charge(), Dollars("0.06"));
  policy.payer = {"tenant", "acme"};
  EXPECT_EQ(charge(), Dollars("0.045"));
}

TEST(Settle, BooksEveryAttemptAndChargesTheAnsweredOne) {
  LegResult leg = Answered("openai", "gpt-4", kSystem);
  Attempt failed = AttemptOf(CallState::kFailedBilled, kUser, "gpt-4", kDemoUsage);
  failed.error = ErrorReason::kProviderError;
  leg.attempts.insert(leg.attempts.begin(), failed);
  leg.attempts[1].number = 2;
  const Settlement got = SettleAll({leg});
  ASSERT_EQ(got.calls.size(), 2U);
  EXPECT_EQ(got.calls[0].error, ErrorReason::kProviderError);
  EXPECT_EQ(got.calls[0].key_source, kUser);
  EXPECT_EQ(got.calls[1].attempt, 2);
  EXPECT_EQ(got.charge, Dollars("0.06"));
  EXPECT_EQ(got.platform_cost, Dollars("0.03"));
  EXPECT_EQ(got.description, "Triangle query (1 system key)");
}

TEST(Settle, PartialFailureChargesTheAnswersAlone) {
  const Settlement got =
      SettleAll({LegOf("openai", "gpt-4", AttemptOf(CallState::kFailedUnbilled, kSystem, "gpt-4")),
                 Answered("anthropic", "claude-3-sonnet", kSystem),
                 LegOf("deepseek", "deepseek-chat",
                       AttemptOf(CallState::kUnknown, kSystem, "deepseek-chat"))},
                {"", "", Dollars("0.002"), Dollars("0.02")});
  EXPECT_EQ(got.charge, Dollars("0.03"));
  EXPECT_EQ(got.platform_cost, Dollars("0.012"));
  EXPECT_TRUE(got.estimated);
}

TEST(Settle, UsesThePriceOfTheStart) {
  PriceRow before = Row(1, "openai", "gpt-4", "150", "300");
  before.effective_to = 1'000;
  PriceRow after = Row(2, "openai", "gpt-4", "1", "1");
  after.effective_from = 1'000;
  const PriceTable prices({before, after}, {});
  const auto price_at = [&](std::int64_t micros) {
    const PricingPolicy policy{.started_at = {micros}, .estimate_unknown_price = false};
    return Settle({Answered("openai", "gpt-4", kSystem)}, {kBound}, prices, {}, policy)
        .calls.at(0)
        .price_id;
  };
  EXPECT_EQ(price_at(999), 1);
  EXPECT_EQ(price_at(1'000), 2);
}

TEST(Settle, LegsWithoutAKeyLeaveNoTrace) {
  LegResult without_key;
  without_key.provider = "openai";
  const Settlement got =
      SettleAll({without_key, Answered("anthropic", "claude-3-sonnet", kTenant)});
  EXPECT_EQ(got.calls.size(), 1U);
  EXPECT_EQ(got.description, "Triangle query (1 tenant key)");
}

TEST(DescribeKeys, CountsTenantUserAndSystemKeysInThatOrder) {
  EXPECT_EQ(DescribeKeys({kSystem, kUser, kSystem}), "Triangle query (1 user key, 2 system keys)");
  EXPECT_EQ(DescribeKeys({kSystem, kUser, kTenant}),
            "Triangle query (1 tenant key, 1 user key, 1 system key)");
  EXPECT_EQ(DescribeKeys({kTenant, kTenant}), "Triangle query (2 tenant keys)");
  EXPECT_EQ(DescribeKeys({}), "Triangle query");
}

LegBound Believing(std::int64_t input, std::int64_t output) {
  LegBound bound = kBound;
  bound.max_input_tokens = input;
  bound.max_output_tokens = output;
  return bound;
}

TEST(Settle, BelievesUsageUpToWhatWasSentAndAllowed) {
  const LegResult leg = Answered("openai", "gpt-4", kSystem);  // 100 in, 50 out
  EXPECT_EQ(SettleOne(leg, Believing(100, 50)).charge, Dollars("0.06"));
  for (const LegBound& bound : {Believing(99, 50), Believing(100, 49)}) {
    const SettledCall call = SettleOne(leg, bound);
    EXPECT_EQ(call.charge, Usd());
    EXPECT_EQ(call.cost, Dollars("0.5"));
    EXPECT_TRUE(call.estimated);
    EXPECT_EQ(call.usage, std::nullopt);
  }
}

TEST(Settle, NeverChargesMoreThanWasPromised) {
  PricingPolicy policy;
  policy.max_charge = Dollars("0.07");
  const auto legs = Triangle(kSystem, kSystem, kSystem);  // 0.06 + 0.03 + 0.001
  const Settlement settlement =
      Settle(legs, std::vector<LegBound>(3, kBound), DemoPrices(), DefaultMarkups(), policy);
  EXPECT_EQ(settlement.charge, Dollars("0.07"));
  EXPECT_EQ(settlement.calls[1].charge, Dollars("0.01"));
  EXPECT_EQ(settlement.calls[2].charge, Usd());
  EXPECT_EQ(settlement.platform_cost, Dollars("0.0401"));
}

}  // namespace
}  // namespace byok
