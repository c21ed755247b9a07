#include "consensus/confidence.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(Confidence, FollowsTheTableBetweenItsKnots) {
  EXPECT_EQ(ConfidenceOf(3, 0.0, false), 0.18);
  EXPECT_EQ(ConfidenceOf(3, 0.05, false), 0.29);
  EXPECT_EQ(ConfidenceOf(3, 0.5, false), 0.68);
  EXPECT_EQ(ConfidenceOf(3, 1.0, false), 0.92);
  EXPECT_EQ(ConfidenceOf(2, 0.0, false), 0.30);
  EXPECT_EQ(ConfidenceOf(2, 0.9, false), 0.83);
  EXPECT_EQ(ConfidenceOf(2, 1.0, false), 0.84);
}

TEST(Confidence, ReadsMoreThanThreeLikeThree) {
  EXPECT_EQ(ConfidenceOf(5, 0.6, false), ConfidenceOf(3, 0.6, false));
}

TEST(Confidence, IsAPolicyBelowTwo) {
  EXPECT_EQ(ConfidenceOf(1, {}, false), 0.50);
  EXPECT_EQ(ConfidenceOf(0, {}, false), 0);
}

TEST(Confidence, IsCappedForCode) {
  EXPECT_EQ(ConfidenceOf(3, 1.0, true), 0.60);
  EXPECT_EQ(ConfidenceOf(3, 0.1, true), 0.40);
}

}  // namespace
}  // namespace byok
