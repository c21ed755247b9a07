#include "consensus/formula.hpp"

#include <string>

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(Formula, IsNoWordAndNoPlainNumber) {
  for (const char* text : {"", "x", "42", "3/4", "10-12", "12,000", "H2O", "CO2", "F-16", "A cat",
                           "2H2 + O2 -> 2H2O", "x +", "(1, 2", "1.2.3", "cost", "A/B testing"}) {
    EXPECT_FALSE(ReadFormula(text)) << text;
  }
}

TEST(Formula, StopsInDeepBrackets) {
  EXPECT_TRUE(ReadFormula("((((x+1))))"));
  EXPECT_FALSE(ReadFormula(std::string(39, '(') + "x" + std::string(39, ')')));
  EXPECT_FALSE(ReadFormula("x+" + std::string(80, '1')));
}

TEST(Formula, HasNoValueThatIsNone) {
  EXPECT_FALSE(ReadFormula("1/(1-1)"));
  EXPECT_FALSE(ReadFormula("√(1-2)"));
  EXPECT_FALSE(ReadFormula("(200)!"));
  EXPECT_FALSE(ReadFormula("9^(9^9)"));
}

TEST(Formula, OfAnEquationOfNumbersIsTheLast) {
  EXPECT_EQ(ConstantOf(*ReadFormula("2*3 + 4 = 10")), 10);
  EXPECT_EQ(ConstantOf(*ReadFormula("5!/3! = 20")), 20);
  EXPECT_FALSE(ConstantOf(*ReadFormula("2*x = 10")));
}

TEST(Formula, IsComparedWithOthersOfItsForm) {
  const auto compare = [](const char* a, const char* b) {
    return CompareFormulas(*ReadFormula(a), *ReadFormula(b));
  };
  EXPECT_EQ(compare("x < y", "y > x"), Likening::kSame);
  EXPECT_EQ(compare("x - 1 < 0", "2 - 2x > 0"), Likening::kSame);
  EXPECT_EQ(compare("x - 1 < 0", "1 - x < 0"), Likening::kDifferent);
  EXPECT_EQ(compare("x + 1", "x + 1 > 0"), Likening::kUnknown);
  EXPECT_EQ(compare("X + x", "2x"), Likening::kDifferent);
  EXPECT_EQ(compare("(0, 1)", "[0, 1]"), Likening::kUnknown);
}

}  // namespace
}  // namespace byok
