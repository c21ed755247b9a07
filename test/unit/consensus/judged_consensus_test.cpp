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
  EXPECT_EQ(judged->score, 0.5);
  EXPECT_EQ(judged->confidence, 0.61);
}

TEST(ConsensusOfGroups, IsAsConfidentAsComparedResultsAre) {
  const Agreement three = Measured({kMice, kWhales, kOceans});
  EXPECT_EQ(ConsensusOfGroups(three, {{0, 1, 2}})->confidence, 0.92);
  EXPECT_EQ(ConsensusOfGroups(three, {{0}, {1}, {2}})->confidence, 0.14);
  const Agreement two = Measured({kMice, std::nullopt, kOceans});
  EXPECT_EQ(ConsensusOfGroups(two, {{0, 2}})->confidence, 0.84);
  EXPECT_EQ(ConsensusOfGroups(two, {{0}, {2}})->confidence, 0.24);
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
