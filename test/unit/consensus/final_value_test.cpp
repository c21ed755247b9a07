#include "consensus/final_value.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

FinalAnswer Number(std::string value, std::string unit = "") {
  return {FinalType::kNumber, "#" + std::move(value), std::move(unit)};
}
FinalAnswer Date(std::string value) {
  return {FinalType::kDate, std::move(value), ""};
}

TEST(SameNumber, ReadsTheLessPreciseOneAsRounded) {
  EXPECT_TRUE(IsSameNumber("#3.14", "#3.14159"));
  EXPECT_TRUE(IsSameNumber("#3.145", "#3.14"));
  EXPECT_FALSE(IsSameNumber("#3.14", "#3.15"));
  EXPECT_FALSE(IsSameNumber("#3", "#3.14"));
  EXPECT_FALSE(IsSameNumber("#1.5e-07", "#1.6e-07"));
  EXPECT_FALSE(IsSameNumber("#5", "#-5"));
}

TEST(CompareFinals, KnowsUnits) {
  EXPECT_EQ(CompareFinals(Number("2000", "mg "), Number("2", "grams ")), Verdict::kSame);
  EXPECT_EQ(CompareFinals(Number("8", "miles "), Number("12.9", "kilometer ")), Verdict::kSame);
  EXPECT_EQ(CompareFinals(Number("5", "kilometer "), Number("5", "miles ")), Verdict::kDifferent);
  EXPECT_EQ(CompareFinals(Number("5", "hours "), Number("5", "kilometer ")), Verdict::kDifferent);
  EXPECT_EQ(CompareFinals(Number("90", "minute "), Number("1.5", "hour ")), Verdict::kSame);
  EXPECT_EQ(CompareFinals(Number("24", "month "), Number("2", "years ")), Verdict::kSame);
}

TEST(CompareFinals, LeavesOtherUnitsToTheWords) {
  EXPECT_EQ(CompareFinals(Number("5", "apples "), Number("5", "pears ")), Verdict::kUnknown);
  EXPECT_EQ(CompareFinals(Number("5", "apples "), Number("5")), Verdict::kSame);
  EXPECT_EQ(CompareFinals(Number("5", "apples "), Number("6", "apples ")), Verdict::kDifferent);
}

TEST(CompareFinals, ReadsDatesAsFarAsTheyGo) {
  EXPECT_EQ(CompareFinals(Date("1945-09-02"), Date("1945-09-02")), Verdict::kSame);
  EXPECT_EQ(CompareFinals(Date("1945-09-02"), Date("1945-09-03")), Verdict::kDifferent);
  EXPECT_EQ(CompareFinals(Date("1945-09-02"), Date("1945-09-?")), Verdict::kUnknown);
  EXPECT_EQ(CompareFinals(Date("?-09-02"), Date("1945-08-?")), Verdict::kDifferent);
}

TEST(CompareFinals, ComparesNothingAcrossTypes) {
  const FinalAnswer choice = {FinalType::kChoice, "B", ""};
  const FinalAnswer yes = {FinalType::kYesNo, "yes", ""}, no = {FinalType::kYesNo, "no", ""};
  EXPECT_EQ(CompareFinals(choice, choice), Verdict::kSame);
  EXPECT_EQ(CompareFinals(yes, no), Verdict::kDifferent);
  EXPECT_EQ(CompareFinals(choice, yes), Verdict::kUnknown);
  EXPECT_EQ(CompareFinals({}, {}), Verdict::kUnknown);
  EXPECT_EQ(CompareFinals(Number("1945"), Date("1945-09-02")), Verdict::kUnknown);
}

}  // namespace
}  // namespace byok
