#include "consensus/medoid.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

const Group kAll = {0, 1, 2};

TEST(Medoid, IsTheBestSupported) {
  const std::vector<PairScore> pairs = {{0, 1, 0, 0}, {0, 2, .1, .1}, {1, 2, .9, .9}};
  EXPECT_EQ(FindMedoid(kAll, kAll, pairs), 2u);
  EXPECT_EQ(FindMedoid({0, 1}, kAll, pairs), 1u);
  EXPECT_EQ(FindMedoid(kAll, {0}, pairs), 2u);
}

TEST(Medoid, IsTheMostLikeOneWhereSupportIsAboutTheSame) {
  // The terse answer 0 is contained in both; 1 and 2 say more, in like words.
  const std::vector<PairScore> terse = {{0, 1, .9, .3}, {0, 2, .9, .3}, {1, 2, .7, .7}};
  EXPECT_EQ(FindMedoid(kAll, kAll, terse), 1u);
  const std::vector<PairScore> clear = {{0, 1, .9, .3}, {0, 2, .9, .3}, {1, 2, .2, .7}};
  EXPECT_EQ(FindMedoid(kAll, kAll, clear), 0u);
}

TEST(Medoid, GivesTiesToTheFirst) {
  EXPECT_EQ(FindMedoid(kAll, kAll, {{0, 1, .5, .5}, {0, 2, .5, .5}, {1, 2, .5, .5}}), 0u);
  EXPECT_EQ(FindMedoid({2, 1}, kAll, {{0, 1, 0, 0}, {0, 2, 0, 0}, {1, 2, 0, 0}}), 2u);
}

TEST(PickMedoid, PutsAPlainAnswerBeforeAHedgedOneUnlessTheyClearlyAgree) {
  using enum AnswerStatus;
  const std::vector<AnswerStatus> status = {kHedged, kUsable, kHedged};
  const auto pairs = [](double hedges) {
    return std::vector<PairScore>{{0, 1, .1, .1}, {0, 2, hedges, hedges}, {1, 2, .1, .1}};
  };
  EXPECT_EQ(PickMedoid(status, pairs(.9)), 1u);
  EXPECT_EQ(PickMedoid(status, pairs(1.0)), 0u);
  EXPECT_EQ(PickMedoid({kHedged, kHedged, kHedged}, pairs(.9)), 0u) << "there is no plain one";
}

}  // namespace
}  // namespace byok
