#include "consensus/answer_groups.hpp"

#include <gtest/gtest.h>

#include "consensus/panel.hpp"

namespace byok {
namespace {

using Groups = std::vector<Group>;

Groups GroupsOf(std::vector<std::optional<std::string>> texts) {
  return MeasureAgreement("What is the capital of France?", Panel(std::move(texts))).groups;
}

TEST(Groups, AreOfAnswersThatSayTheSameTheLargestFirst) {
  EXPECT_EQ(GroupsOf({"Lyon", "Paris", "The capital of France is Paris."}), (Groups{{1, 2}, {0}}));
  EXPECT_EQ(GroupsOf({"Paris", "Lyon", "Metz"}), (Groups{{0}, {1}, {2}}));
  EXPECT_EQ(GroupsOf({"Metz", "Lyon", "Paris.", "It is Lyon.", "Paris"}),
            (Groups{{1, 3}, {2, 4}, {0}}));
}

TEST(Groups, LeaveOutWhatIsNoAnswer) {
  EXPECT_EQ(GroupsOf({std::nullopt, "Paris", "I'm sorry, I can't.", "Paris."}), (Groups{{1, 3}}));
  EXPECT_EQ(GroupsOf({std::nullopt, " "}), Groups{});
}

TEST(Groups, NeedTheMeanOfTheScoresBetweenThem) {
  const std::vector<AnswerStatus> status(3, AnswerStatus::kUsable);
  // A chain: 0 is near 1, 1 is near 2, 0 is far from 2.
  EXPECT_EQ(GroupAnswers(status, {{0, 1, .9, 0}, {0, 2, .1, 0}, {1, 2, .4, 0}}),
            (Groups{{0, 1}, {2}}));
  EXPECT_EQ(GroupAnswers(status, {{0, 1, .9, 0}, {0, 2, .1, 0}, {1, 2, .6, 0}}),
            (Groups{{0, 1, 2}}));
}

}  // namespace
}  // namespace byok
