#include "base/decimal.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace byok {
namespace {

std::optional<long long> Scaled(std::string_view text, int scale) {
  const auto value = ScaleDecimal(text, scale);
  return value ? std::optional(static_cast<long long>(*value)) : std::nullopt;
}

TEST(Decimal, ScalesExactly) {
  EXPECT_EQ(Scaled("0.031", 3), 31);
  EXPECT_EQ(Scaled("-12.5", 1), -125);
  EXPECT_EQ(Scaled("3e-2", 4), 300);
  EXPECT_EQ(Scaled("1.5E+3", 0), 1500);
  EXPECT_EQ(Scaled("007", 0), 7);
  EXPECT_EQ(Scaled("1000000e-6", 0), 1);
  EXPECT_EQ(Scaled("1.2300", 2), 123);
}

TEST(Decimal, RefusesWhatIsNotWholeAtTheScale) {
  EXPECT_EQ(Scaled("0.031", 2), std::nullopt);
  EXPECT_EQ(Scaled("1e-13", 12), std::nullopt);
  EXPECT_EQ(Scaled("1.00000000000000000000000001", 0), std::nullopt);
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", "+1", ".5", "5.", "1e", "1e+", "e5", "1.2.3", "--1", " 1", "1 ",
                           "1,5", "0x10", "NaN", "Infinity", "1e5.0", "1_000"}) {
    EXPECT_EQ(Scaled(text, 12), std::nullopt) << text;
  }
}

TEST(Decimal, HoldsThirtyEightDigitsAndNoMore) {
  const std::string most(38, '9');
  ASSERT_TRUE(ScaleDecimal(most, 0));
  EXPECT_EQ(UnscaleDecimal(*ScaleDecimal(most, 0), 0), most);
  EXPECT_FALSE(ScaleDecimal(most, 1));
  EXPECT_FALSE(ScaleDecimal("1" + std::string(38, '0'), 0));
  EXPECT_FALSE(ScaleDecimal("1e38", 0));
}

TEST(Decimal, AHugeExponentCostsNothing) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Scaled("1e999999999", 12), std::nullopt);
  EXPECT_EQ(Scaled("1e99999999999999999999", 12), std::nullopt);
  EXPECT_EQ(Scaled("1e-99999999999999999999", 12), std::nullopt);
  EXPECT_EQ(Scaled("0e99999999999999999999", 12), 0);
  EXPECT_EQ(Scaled("-0.000e-999999999", 12), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(Decimal, ZerosAndExponentMayCancel) {
  EXPECT_EQ(Scaled("0." + std::string(999, '0') + "1e1000", 0), 1);
  EXPECT_EQ(Scaled("7" + std::string(1000, '0') + "e-1000", 0), 7);
}

TEST(Decimal, PrintsTheShortestText) {
  EXPECT_EQ(UnscaleDecimal(31, 3), "0.031");
  EXPECT_EQ(UnscaleDecimal(2000, 3), "2");
  EXPECT_EQ(UnscaleDecimal(-1050, 2), "-10.5");
  EXPECT_EQ(UnscaleDecimal(0, 12), "0");
  EXPECT_EQ(UnscaleDecimal(-1, 12), "-0.000000000001");
  EXPECT_EQ(UnscaleDecimal(42, 0), "42");
}

TEST(Decimal, PrintsTheMostNegativeValue) {
  const __int128 least = static_cast<__int128>(static_cast<unsigned __int128>(1) << 127);
  EXPECT_EQ(UnscaleDecimal(least, 0), "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace byok
