#include "consensus/judged_consensus.hpp"

#include <gtest/gtest.h>

#include "consensus/panel.hpp"

namespace byok {
namespace {

Agreement Measured(std::vector<std::optional<std::string>> texts) {
  return MeasureAgreement("What does it do?", Panel(std::move(texts)));
}

const char* const kWhales = "It sings under water and travels far with the whales.";
const char* const kOceans = "It crosses the oceans and lets long songs be heard on the way.";
const char* const kMice = "It eats grain in barns and hides from cats at night.";

TEST(WantsJudge, WhereWordsAgreeOnlySoFar) {
  EXPECT_TRUE(WantsJudge(Measured({kWhales, kOceans, kMice})));
  EXPECT_FALSE(WantsJudge(Measured({kWhales, kWhales, kWhales})));
}

TEST(WantsJudge, NotWhereResultsWereCompared) {
  EXPECT_FALSE(WantsJudge(Measured({"42", "43", "44"})));
  EXPECT_FALSE(WantsJudge(Measured({"42", "43", kMice})));
  EXPECT_TRUE(WantsJudge(Measured({"42", kOceans, kMice})));
}

TEST(WantsJudge, NotBelowTwoAnswers) {
  EXPECT_FALSE(WantsJudge(Measured({kWhales, std::nullopt, "I'm sorry, I can't."})));
  EXPECT_FALSE(WantsJudge(Measured({})));
}

TEST(ConsensusOfGroups, ReturnsAMemberOfTheLargestGroup) {
  const auto judged = ConsensusOfGroups(Measured({kMice, kWhales, kOceans}), {{0}, {2, 1}});
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->picked, 1u);
  EXPECT_EQ(judged->groups, (std::vector<Group>{{1, 2}, {0}}));
  EXPECT_EQ(judged->method, ConsensusMethod::kJudge);
  EXPECT_EQ(ConsensusMethodName(judged->method), "judge");
}

/// Three texts without a common word: by themselves they support each other not at all.
Agreement Apart() {
  Agreement measured = Measured({kMice, kWhales, kOceans});
  for (PairScore& pair : measured.pairs) pair.score = 0;
  return measured;
}

TEST(ConsensusOfGroups, CountsTheVerdictForSevenTenthsAndTheTextsForThree) {
  EXPECT_DOUBLE_EQ(*ConsensusOfGroups(Apart(), {{0, 1, 2}})->score, 0.7);
  EXPECT_DOUBLE_EQ(*ConsensusOfGroups(Apart(), {{0}, {1, 2}})->score, 0.35);
  EXPECT_DOUBLE_EQ(*ConsensusOfGroups(Apart(), {{0}, {1}, {2}})->score, 0);
  Agreement near = Apart();
  for (PairScore& pair : near.pairs) pair.score = 0.4;
  EXPECT_DOUBLE_EQ(*ConsensusOfGroups(near, {{0, 1, 2}})->score, 0.7 + 0.3 * 0.4);
  EXPECT_DOUBLE_EQ(*ConsensusOfGroups(near, {{0}, {1}, {2}})->score, 0.3 * 0.4);
}

TEST(ConsensusOfGroups, TakesTheTextsSupportOfTheAnswerItReturns) {
  Agreement measured = Apart();
  measured.pairs[0].score = 0.6;  // of 0 and 1, whom the judge keeps apart
  const auto judged = ConsensusOfGroups(measured, {{1}, {0, 2}});
  ASSERT_EQ(judged->picked, 0u);
  EXPECT_DOUBLE_EQ(*judged->score, 0.7 * 0.5 + 0.3 * 0.3);
}

TEST(ConsensusOfGroups, ReadsTheConfidenceOffTheTableOfResults) {
  EXPECT_EQ(ConsensusOfGroups(Apart(), {{0, 1, 2}})->confidence, 0.743);
  EXPECT_EQ(ConsensusOfGroups(Apart(), {{0}, {1}, {2}})->confidence, 0.14);
  Agreement two = Measured({kMice, std::nullopt, kOceans});
  two.pairs[0].score = 0;
  EXPECT_EQ(ConsensusOfGroups(two, {{0, 2}})->confidence, 0.667);
  EXPECT_EQ(ConsensusOfGroups(two, {{0}, {2}})->confidence, 0.24);
}

TEST(ConsensusOfGroups, TakesNoVerdictAgainstTheResults) {
  const Agreement measured = Measured({"The answer is 42.", "It is 42", kMice, "43"});
  ASSERT_EQ(measured.finals[1].type, FinalType::kNumber);
  const std::vector<Group> different_together = {{0, 1, 3}, {2}};
  const std::vector<Group> same_apart = {{0, 2}, {1}, {3}};
  const std::vector<Group> fitting = {{0, 1, 2}, {3}};
  EXPECT_TRUE(ContradictsResults(measured, different_together));
  EXPECT_TRUE(ContradictsResults(measured, same_apart));
  EXPECT_FALSE(ContradictsResults(measured, fitting));
  EXPECT_FALSE(ConsensusOfGroups(measured, different_together));
  EXPECT_FALSE(ConsensusOfGroups(measured, same_apart));
  EXPECT_TRUE(ConsensusOfGroups(measured, fitting));
}

TEST(ConsensusOfGroups, IsFreeWhereResultsSayNothing) {
  const Agreement kinds = Measured({"42", "(B) red", "2 May 1945"});
  EXPECT_TRUE(ConsensusOfGroups(kinds, {{0, 1, 2}})) << "of different types";
  const Agreement units = Measured({"5 apples", "5 pears"});
  EXPECT_TRUE(ConsensusOfGroups(units, {{0, 1}})) << "of units that cannot be compared";
  EXPECT_TRUE(ConsensusOfGroups(units, {{0}, {1}}));
}

TEST(ConsensusOfGroups, GivesEqualGroupsToTheBestSupported) {
  const auto judged = ConsensusOfGroups(Measured({kMice, kOceans, kOceans}), {{0}, {1}, {2}});
  EXPECT_EQ(judged->picked, 1u);
  const auto pairs =
      ConsensusOfGroups(Measured({kMice, kMice, kOceans, kOceans, kOceans}), {{0, 1}, {2, 3}, {4}});
  EXPECT_EQ(pairs->picked, 2u);
}

TEST(ConsensusOfGroups, PutsAPlainMemberBeforeAHedgedOne) {
  const Agreement measured = Measured({"I don't know. However, it may be whales.", kWhales, kMice});
  EXPECT_EQ(ConsensusOfGroups(measured, {{0, 1}, {2}})->picked, 1u);
  EXPECT_NE(ConsensusOfGroups(measured, {{0}, {1}, {2}})->picked, 0u);
}

TEST(ConsensusOfGroups, TakesNothingButAPartitionOfTheUsable) {
  const Agreement measured = Measured({kMice, std::nullopt, kOceans});
  EXPECT_TRUE(ConsensusOfGroups(measured, {{2}, {}, {0}}));
  for (const std::vector<Group>& verdict :
       std::vector<std::vector<Group>>{{}, {{0}}, {{0, 1, 2}}, {{0, 2}, {2}}, {{0, 2, 3}}}) {
    EXPECT_FALSE(ConsensusOfGroups(measured, verdict));
  }
  EXPECT_FALSE(ConsensusOfGroups(Measured({kMice, std::nullopt}), {{0}}));
}

}  // namespace
}  // namespace byok
