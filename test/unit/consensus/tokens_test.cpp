#include "consensus/tokens.hpp"

#include <gtest/gtest.h>

#include "consensus/fold.hpp"

namespace byok {
namespace {

/// The tokens of a text: ^ behind a capital, | for each step to another sentence.
std::string TokensOf(std::string_view text) {
  Lexicon lexicon;
  std::string shown;
  std::uint32_t sentence = 0;
  for (const Token& token : Tokenize(Fold(text), lexicon)) {
    if (token.sentence != sentence) shown += shown.empty() ? "| " : " |";
    sentence = token.sentence;
    if (!shown.empty() && shown.back() != ' ') shown += ' ';
    shown += std::string(lexicon[token.id].text) + (token.is_capital ? "^" : "");
  }
  return shown;
}

TEST(Tokens, ReadEverySpellingOfANumber) {
  EXPECT_EQ(TokensOf("It’s 1,234.5 km — not 1.234.567,8!"), "it #1234.5 kilometer not #1234567.8");
  EXPECT_EQ(TokensOf("12,5 and .75 and 3/4 and 22/7 and 1.2.3.4"),
            "#12.5 and #0.75 and #0.75 and #22 #7 and #1 #2 #3 #4");
  EXPECT_EQ(TokensOf("3.5M, 21k, 5bn, 1st, 22nd, two dozen"),
            "#3500000 #21000 #5000000000 #1 #22 #24");
  EXPECT_EQ(TokensOf("½ cup, ２３ km"), "#0.5 cup #23 kilometer");
}

TEST(Tokens, ReadNumbersInWords) {
  EXPECT_EQ(TokensOf("twenty-one million and a hundred and five"), "#21000000 #105");
  EXPECT_EQ(TokensOf("3 million five hundred"), "#3000500");
  EXPECT_EQ(TokensOf("three hundred fifty"), "#350");
  EXPECT_EQ(TokensOf("a million, million, two million and five"), "#1000000 million #2000005");
  EXPECT_EQ(TokensOf("One hundred and twenty-first"), "#121");
  EXPECT_EQ(TokensOf("a dozen eggs, dozen eggs, one egg"), "#12 eggs #12 eggs one egg");
}

TEST(Tokens, ReadDatesOnlyWhereTheyCanBeDates) {
  EXPECT_EQ(TokensOf("2013-03-01"), "march^ #1 #2013");
  EXPECT_EQ(TokensOf("2013-13-01"), "#2013 #13 #1");
  EXPECT_EQ(TokensOf("2013-03-011"), "#2013 #3 #11");
  EXPECT_EQ(TokensOf("3/4/2020"), "#3 #4 #2020");
}

TEST(Tokens, KeepNumbersThatNoDoubleHolds) {
  EXPECT_EQ(TokensOf("1" + std::string(400, '0')), "#inf");
  EXPECT_EQ(TokensOf("1000000000000000"), "#1e+15");
  EXPECT_EQ(TokensOf("999999999999999"), "#999999999999999");
}

TEST(Tokens, SeeSentencesInitialsAndNegation) {
  EXPECT_EQ(TokensOf("Don't say the U.S. can't. J. Smith agreed."),
            "not say the usa^ not | j smith^ agreed");
  EXPECT_EQ(TokensOf("OPEC said so. Then May came in may."),
            "opec^ said so | then may^ came in may");
}

TEST(Tokens, TakeNoBeforeADigitForNumeroNotForANegation) {
  EXPECT_EQ(TokensOf("A No. 1 hit, No 2 too, no.3"), "a #1 hit #2 too #3");
  EXPECT_EQ(TokensOf("No. 1 of them did"), "no | #1 of them did");
  EXPECT_EQ(TokensOf("of no 5 alike"), "of no #5 alike");
}

TEST(Tokens, SkipListMarkersAndCitations) {
  EXPECT_EQ(TokensOf("1. Paris [12] is 50% cheaper; $3 million"),
            "| paris is #50 % cheaper #3000000");
  EXPECT_EQ(TokensOf("- Yes\n- No [^1]"), "yes | no");
}

TEST(Tokens, DropPossessivesAndApostrophes) {
  EXPECT_EQ(TokensOf("O'Brien's co-op"), "obriens co op");
  EXPECT_EQ(TokensOf("Paris's five o'clock"), "paris #5 oclock");
}

TEST(Tokens, ReplaceAliases) {
  EXPECT_EQ(TokensOf("5 kms, 3 pct, Sept, 7 secs"), "#5 kilometer #3 % september^ #7 second_");
}

TEST(Tokens, PairCharactersOfScriptsWithoutBlanks) {
  EXPECT_EQ(TokensOf("五十万人口"), "五十 十万 万人 人口");
  EXPECT_EQ(TokensOf("巴黎"), "巴黎");
}

TEST(Tokens, SeeNegationInScriptsWithoutBlanks) {
  EXPECT_EQ(TokensOf("不可以"), "不可 可以 not");
  EXPECT_EQ(TokensOf("食べません"), "食べ べま ませ せん not");
}

TEST(Tokens, LowerEveryScript) {
  EXPECT_EQ(TokensOf("в Москве, ΑΘΗΝΑΣ"), "в москве^ αθηνασ^");
  EXPECT_EQ(TokensOf("ՓԱՐԻԶ"), "փարիզ^");
}

TEST(Tokens, StopAtTheirMostNumber) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "w ";
  Lexicon lexicon;
  EXPECT_EQ(Tokenize(text, lexicon).size(), kMaxTokensOfText);
}

TEST(Tokens, AreNoneOfBlanksAndMarks) {
  EXPECT_EQ(TokensOf(" \t\n … ** -- \uFFFD"), "");
}

}  // namespace
}  // namespace byok
