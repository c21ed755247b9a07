#include "consensus/confidence.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

constexpr Evidence kAllEvidence[] = {Evidence::kResults, Evidence::kShortTexts,
                                     Evidence::kLongTexts};

TEST(Confidence, FollowsTheTableBetweenItsKnots) {
  EXPECT_EQ(ConfidenceOf(3, 0.0, Evidence::kResults, false), 0.14);
  EXPECT_EQ(ConfidenceOf(3, 0.5, Evidence::kResults, false), 0.61);
  EXPECT_EQ(ConfidenceOf(3, 0.95, Evidence::kResults, false), 0.91);
  EXPECT_EQ(ConfidenceOf(3, 0.0, Evidence::kShortTexts, false), 0.30);
  EXPECT_EQ(ConfidenceOf(3, 0.05, Evidence::kShortTexts, false), 0.37);
  EXPECT_EQ(ConfidenceOf(3, 0.5, Evidence::kShortTexts, false), 0.78);
  EXPECT_EQ(ConfidenceOf(3, 0.5, Evidence::kLongTexts, false), 0.50);
  EXPECT_EQ(ConfidenceOf(2, 0.0, Evidence::kResults, false), 0.24);
  EXPECT_EQ(ConfidenceOf(2, 0.9, Evidence::kShortTexts, false), 0.83);
  EXPECT_EQ(ConfidenceOf(2, 0.5, Evidence::kLongTexts, false), 0.56);
}

TEST(Confidence, IsTheSameForFullAgreementWhateverWasCompared) {
  for (const Evidence evidence : kAllEvidence) {
    EXPECT_EQ(ConfidenceOf(3, 1.0, evidence, false), 0.92);
    EXPECT_EQ(ConfidenceOf(2, 1.0, evidence, false), 0.84);
  }
}

TEST(Confidence, NeverFallsAsAgreementRises) {
  for (const Evidence evidence : kAllEvidence) {
    for (const std::size_t usable : {2, 3, 8}) {
      double before = 0;
      for (double score = 0; score <= 1; score += 0.01) {
        const double confidence = ConfidenceOf(usable, score, evidence, false);
        EXPECT_GE(confidence, before) << usable << " " << score;
        before = confidence;
      }
    }
  }
}

TEST(Confidence, ReadsMoreThanThreeLikeThree) {
  EXPECT_EQ(ConfidenceOf(5, 0.6, Evidence::kLongTexts, false),
            ConfidenceOf(3, 0.6, Evidence::kLongTexts, false));
}

TEST(Confidence, IsAPolicyBelowTwo) {
  EXPECT_EQ(ConfidenceOf(1, {}, Evidence::kShortTexts, false), 0.50);
  EXPECT_EQ(ConfidenceOf(0, {}, Evidence::kShortTexts, false), 0);
}

TEST(Confidence, IsCappedForCode) {
  EXPECT_EQ(ConfidenceOf(3, 1.0, Evidence::kShortTexts, true), 0.60);
  EXPECT_EQ(ConfidenceOf(3, 0.1, Evidence::kShortTexts, true), 0.44);
}

}  // namespace
}  // namespace byok
