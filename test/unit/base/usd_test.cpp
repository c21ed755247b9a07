#include "base/usd.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace byok {
namespace {

Usd Dollars(std::string_view decimal) {
  const auto amount = Usd::Parse(decimal);
  EXPECT_TRUE(amount) << decimal;
  return amount.value_or(Usd());
}

Factor Times(std::string_view decimal) {
  const auto factor = Factor::Parse(decimal);
  EXPECT_TRUE(factor) << decimal;
  return factor.value_or(Factor());
}

TEST(Usd, ParsesAndPrintsExactly) {
  for (const char* text :
       {"0", "0.031", "-3", "-12.5", "0.000000000001", "99999999.999999999999", "0.0101"}) {
    EXPECT_EQ(Dollars(text).ToString(), text);
  }
  EXPECT_EQ(Dollars("3e-2").ToString(), "0.03");
  EXPECT_EQ(Dollars("0.031000000000").ToString(), "0.031");
  EXPECT_EQ(Dollars("-0").ToString(), "0");
}

TEST(Usd, OneDollarIsTenToTheTwelfthUnits) {
  EXPECT_EQ(static_cast<long long>(Dollars("1").units()), 1'000'000'000'000);
}

TEST(Usd, RefusesWhatNumeric20Comma12CannotHold) {
  EXPECT_FALSE(Usd::Parse("100000000"));
  EXPECT_FALSE(Usd::Parse("-100000000"));
  EXPECT_FALSE(Usd::Parse("0.0000000000001"));
  EXPECT_FALSE(Usd::Parse("1e999999999"));
  EXPECT_FALSE(Usd::Parse("1e-999999999"));
}

TEST(Usd, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "NaN", "Infinity", "$3", "1,5", "0.03 ", "abc", "1e"}) {
    EXPECT_FALSE(Usd::Parse(text)) << text;
  }
}

TEST(Usd, AddsSubtractsMultipliesAndCompares) {
  EXPECT_EQ(Dollars("0.1") + Dollars("0.2"), Dollars("0.3"));
  EXPECT_EQ(Dollars("0.1") - Dollars("0.3"), Dollars("-0.2"));
  EXPECT_EQ(-Dollars("0.1"), Dollars("-0.1"));
  EXPECT_EQ(Dollars("0.000003") * 100, Dollars("0.0003"));
  EXPECT_LT(Dollars("-1"), Dollars("0.5"));
  EXPECT_TRUE(Usd().IsZero());
  Usd sum;
  for (int i = 0; i < 10; ++i) sum += Dollars("0.1");
  EXPECT_EQ(sum, Dollars("1"));
}

TEST(Usd, TokensTimesPriceIsExactPerToken) {
  // 0.14 USD per million tokens is 140,000 units a token.
  EXPECT_EQ(Usd::FromUnits(140'000) * 1'000'000, Dollars("0.14"));
}

/// The seed's worked example: Anthropic and DeepSeek by the platform, markups 3 and 10.
TEST(Usd, TheWorkedExampleSumsExactly) {
  const Usd anthropic = Dollars("0.01");
  const Usd deepseek = Dollars("0.0001");
  const Usd cost = anthropic + deepseek;
  const Usd charge = Times("3").Of(anthropic) + Times("10").Of(deepseek);
  EXPECT_EQ(cost.ToString(), "0.0101");
  EXPECT_EQ(charge.ToString(), "0.031");
  EXPECT_EQ((charge - cost).ToString(), "0.0209");
}

TEST(Factor, IsOneUntilSaidOtherwise) {
  EXPECT_EQ(Factor().Of(Dollars("0.031")), Dollars("0.031"));
  EXPECT_EQ(Factor().ToString(), "1");
}

TEST(Factor, ParsesFourDecimalsWithinNumeric10Comma4) {
  EXPECT_EQ(Times("1.2345").ToString(), "1.2345");
  EXPECT_EQ(Times("3.0000").ToString(), "3");
  EXPECT_EQ(Times("999999.9999").ToString(), "999999.9999");
  EXPECT_FALSE(Factor::Parse("1.23456"));
  EXPECT_FALSE(Factor::Parse("1000000"));
  EXPECT_FALSE(Factor::Parse("two"));
}

TEST(Factor, RoundsHalvesAwayFromZero) {
  const Usd unit = Usd::FromUnits(1);
  EXPECT_EQ(Times("0.5").Of(unit), unit);
  EXPECT_EQ(Times("0.5").Of(-unit), -unit);
  EXPECT_EQ(Times("0.4999").Of(unit), Usd());
  EXPECT_EQ(Times("0.4999").Of(-unit), Usd());
  EXPECT_EQ(Times("1.5").Of(unit), Usd::FromUnits(2));
  EXPECT_EQ(Times("1.2345").Of(Usd::FromUnits(10'000)), Usd::FromUnits(12'345));
}

TEST(Factor, HoldsTheLargestProduct) {
  const Usd most = Dollars("99999999.999999999999");
  EXPECT_EQ(Times("999999.9999").Of(most).ToString(), "99999999989999.999999");
}

TEST(Posting, AChargeOf31MillsPostsThreeCentsAndKeepsTheMill) {
  const Posting posting = PostWithCarry(Dollars("0.031"), Usd());
  EXPECT_EQ(posting.cents, -3);
  EXPECT_EQ(posting.carry, Dollars("0.001"));
}

TEST(Posting, TenChargesPostThirtyOneCentsInAll) {
  std::vector<std::int64_t> cents;
  Usd carry;
  for (int i = 0; i < 10; ++i) {
    const Posting posting = PostWithCarry(Dollars("0.031"), carry);
    carry = posting.carry;
    cents.push_back(posting.cents);
  }
  EXPECT_EQ(cents, (std::vector<std::int64_t>{-3, -3, -3, -3, -3, -3, -3, -3, -3, -4}));
  EXPECT_TRUE(carry.IsZero());
}

TEST(Posting, RefundsGiveBackWhatTheCarrySays) {
  const Posting tenth = PostWithCarry(Dollars("-0.031"), Usd());
  EXPECT_EQ(tenth.cents, 4);
  EXPECT_EQ(tenth.carry, Dollars("0.009"));
  const Posting first = PostWithCarry(Dollars("-0.031"), tenth.carry);
  EXPECT_EQ(first.cents, 3);
  EXPECT_EQ(first.carry, Dollars("0.008"));
}

TEST(Posting, WholeCentsLeaveNoCarry) {
  EXPECT_EQ(PostWithCarry(Dollars("0.03"), Usd()).cents, -3);
  EXPECT_TRUE(PostWithCarry(Dollars("-0.03"), Usd()).carry.IsZero());
  EXPECT_EQ(PostWithCarry(Usd(), Dollars("0.009")).cents, 0);
}

/// Invariant I4 of the ledger: Σcents/100 − Σusd = carry, and 0 ≤ carry < 0.01.
TEST(Posting, TheLedgerBalancesAfterEveryPosting) {
  const Usd cent = Dollars("0.01");
  Usd carry;
  Usd amounts;
  std::int64_t cents = 0;
  std::uint32_t state = 1;
  for (int i = 0; i < 2'000; ++i) {
    state = state * 1664525 + 1013904223;
    const Usd amount =
        Usd::FromUnits(static_cast<std::int64_t>(state) * 97) * (state % 11 == 0 ? -1 : 1);
    const Posting posting = PostWithCarry(amount, carry);
    carry = posting.carry;
    cents += posting.cents;
    amounts += amount;
    ASSERT_GE(carry, Usd());
    ASSERT_LT(carry, cent);
    ASSERT_EQ(cent * cents + amounts, carry);
  }
}

}  // namespace
}  // namespace byok
