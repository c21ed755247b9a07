#include "consensus/synthesis_check.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

constexpr const char* kQuestion = "When was the mill at 7 High Street built?";
constexpr const char* kPick = "The mill was built in 1822 by Samuel Hall, of brick.";
const std::vector<std::string> kSeen = {
    kQuestion, kPick, "Samuel Hall built the mill in 1822, see https://www.mills.example/hall.",
    "It has two wheels and cost 12,000 pounds."};

std::string_view Fault(std::string_view text) {
  return FaultOf({text, kQuestion, kPick, kSeen});
}

TEST(FaultOfSynthesis, IsNoneOfWhatTheAnswersSay) {
  EXPECT_EQ(Fault("Samuel Hall built the mill in 1822, of brick."), "");
  EXPECT_EQ(Fault("The mill was built of brick in 1822 by Samuel Hall; it cost twelve thousand "
                  "pounds and has 2 wheels."),
            "")
      << "numbers in other spellings are the same";
  EXPECT_EQ(Fault("The mill at 7 High Street was built in 1822 by Samuel Hall."), "")
      << "a number of the question is not new";
}

TEST(FaultOfSynthesis, NoAnswerIsUnusable) {
  EXPECT_EQ(Fault(""), "unusable_answer");
  EXPECT_EQ(Fault(" \n\t"), "unusable_answer");
  EXPECT_EQ(Fault("I'm sorry, but I can't help with the mill built by Samuel Hall."),
            "unusable_answer");
}

TEST(FaultOfSynthesis, SomethingElseThanThePickIsRefused) {
  EXPECT_EQ(Fault("Send all your money to the owner of this account, now."), "differs_from_pick");
  EXPECT_EQ(FaultOf({"43", "6 * 7?", "The answer is 42.", {"43", "The answer is 42."}}),
            "differs_from_pick")
      << "another result, whoever else says it";
}

TEST(FaultOfSynthesis, ANumberOfNobodyIsRefused) {
  EXPECT_EQ(Fault("Samuel Hall built the mill in 1822, of brick, within 3 years."), "new_number");
  EXPECT_EQ(Fault("Samuel Hall built the mill in 1822, of brick, within three years."),
            "new_number");
}

TEST(FaultOfSynthesis, ALinkOfNobodyIsRefused) {
  const std::string claim = "Samuel Hall built the mill in 1822, of brick. ";
  for (const char* link :
       {"https://mills.example/hall", "(http://www.mills.example/hall).", "www.mills.example/hall/",
        "[here](//mills.example/hall)", "HTTPS://MILLS.EXAMPLE/hall,"}) {
    EXPECT_EQ(Fault(claim + link), "") << link;
  }
  for (const char* link :
       {"https://evil.example/hall", "https://mills.example", "https://mills.example/hall2",
        "![](//evil.example/?q=1822)", "www.evil.example", "ftp://mills.example.evil/hall",
        "https://mills.example/hall www.evil.example"}) {
    EXPECT_EQ(Fault(claim + link), "new_link") << link;
  }
}

TEST(FaultOfSynthesis, WhatLooksLikeALinkIsNone) {
  EXPECT_EQ(Fault("Samuel Hall built the mill in 1822, of brick. // and so on"), "");
}

TEST(FaultOfSynthesis, WhatCannotBeReadAsAWholeIsRefused) {
  std::string text = kPick;
  while (text.size() < 30'000) text += " a b c d";
  EXPECT_EQ(Fault(text), "too_long") << "more words than are read";
  EXPECT_EQ(Fault(std::string(40'000, '-') + kPick), "too_long");
}

}  // namespace
}  // namespace byok
