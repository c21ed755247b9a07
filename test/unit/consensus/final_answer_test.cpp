#include "consensus/final_answer.hpp"

#include <gtest/gtest.h>

#include "consensus/fold.hpp"
#include "consensus/stance.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

FinalAnswer FinalOf(std::string_view text, std::string_view question = "") {
  Lexicon lexicon;
  const std::string folded = Fold(text);
  return ReadFinalAnswer(folded, ToAsciiLower(folded), KeyOf(Tokenize(folded, lexicon)),
                         ReadOptions(Fold(question), lexicon), lexicon);
}

std::string Show(const FinalAnswer& answer) {
  static constexpr std::string_view kTypes[] = {"none", "TXT", "MC", "YN", "NUM", "DATE"};
  std::string shown(kTypes[static_cast<int>(answer.type)]);
  for (const std::string& part : {answer.value, answer.unit}) {
    if (!part.empty()) shown += " " + part;
  }
  return shown;
}

std::string Final(std::string_view text, std::string_view question = "") {
  return Show(FinalOf(text, question));
}

TEST(FinalAnswer, ReadsChoices) {
  EXPECT_EQ(Final("The answer is (C)."), "MC C");
  EXPECT_EQ(Final("(b) is wrong. Answer: B) red"), "MC B");
  EXPECT_EQ(Final("I think the correct option would be: **D**"), "MC D");
}

TEST(FinalAnswer, ReadsLettersHoweverTheyAreWritten) {
  for (const char* text : {"option B", "B, because it is the largest of them all", "(b)",
                           "B because it is the largest of them all", "\\boxed{\\textbf{(B)}}",
                           "Answer: (B) Paris", "The answer is option B."}) {
    EXPECT_EQ(Final(text), "MC B") << text;
  }
  EXPECT_EQ(Final("A cat because it is small and quiet"), "none");
  EXPECT_EQ(Final("I, because nobody else would, wrote it down"), "none");
}

TEST(FinalAnswer, ReadsNumbersWithTheirUnits) {
  EXPECT_EQ(Final("so 5 + 7.\nA: 12"), "NUM #12");
  EXPECT_EQ(Final("We add them up.\n#### 1,234"), "NUM #1234");
  EXPECT_EQ(Final("It is therefore \\boxed{\\text{42 apples}}"), "NUM #42 apples ");
  EXPECT_EQ(Final("La respuesta es 12,5 kg."), "NUM #12.5 kilogram ");
}

TEST(FinalAnswer, ReadsYesAndNo) {
  EXPECT_EQ(Final("yes"), "YN yes");
  EXPECT_EQ(Final("The answer is yes, it does"), "YN yes");
  EXPECT_EQ(Final("False."), "YN no");
}

TEST(FinalAnswer, LeavesOtherShortTextsUntyped) {
  for (const char* text : {"Yes, it does.", "Paris", "about 40 to 50", "May it be so"}) {
    EXPECT_EQ(Final(text), "TXT") << text;
  }
}

TEST(FinalAnswer, NeedsACueInALongText) {
  EXPECT_EQ(Final("the answer depends on you"), "none");
  EXPECT_EQ(Final("There are 12 of them in the garden"), "none");
  EXPECT_EQ(Final("An unanswerable question is 5 pages long"), "none");
}

TEST(FinalAnswer, TakesTheLastAnnouncement) {
  EXPECT_EQ(Final("The answer is 3.\nNo, the answer is 4."), "NUM #4");
  EXPECT_EQ(Final("\\boxed{3} is wrong, so \\boxed{4}. The answer is 5"), "NUM #4");
  EXPECT_EQ(Final("The answer is 5, see \\boxed{4"), "TXT");
}

constexpr std::string_view kChoiceQuestion = "Pick one.\n(A) red\n(B) blue\n(C) deep blue";

TEST(FinalAnswer, ReadsAnOptionsTextAsItsLetter) {
  EXPECT_EQ(Final("blue", kChoiceQuestion), "MC B");
  EXPECT_EQ(Final("I wonder, but the answer is deep blue.", kChoiceQuestion), "MC C");
  EXPECT_EQ(Final("It must be the second one of them, (B), I am sure", kChoiceQuestion), "MC B");
  EXPECT_EQ(Final("Either (A) or (B), who could tell from here", kChoiceQuestion), "none");
  EXPECT_EQ(Final("blue", "Pick one.\n(B) blue"), "TXT") << "one line is no list of options";
}

TEST(FinalAnswer, ReadsTheSignOfANumber) {
  for (const char* text : {"-5", "−5", "The answer is -$5.", "Answer: minus 5",
                           "A loss of\n#### -5", "negative five", "**-5**"}) {
    EXPECT_EQ(Final(text).substr(0, 7), "NUM #-5") << text;
  }
  EXPECT_EQ(Final("x-5"), "NUM #5 x ") << "a hyphen";
  EXPECT_EQ(Final("it is #5"), "NUM #5");
}

TEST(FinalAnswer, ReadsAnArticleBeforeAUnitAsOne) {
  EXPECT_EQ(Final("a litre"), "NUM #1 litre ");
  EXPECT_EQ(Final("an hour"), "NUM #1 hour ");
  EXPECT_EQ(Final("a horse"), "TXT");
}

TEST(FinalAnswer, ReadsDates) {
  for (const char* text :
       {"1945-09-02", "September 2, 1945", "2 Sep 1945", "the 2nd of Sept 1945"}) {
    EXPECT_EQ(Final(text), "DATE 1945-09-02") << text;
  }
  EXPECT_EQ(Final("May 1945"), "DATE 1945-05-?");
  EXPECT_EQ(Final("The answer is 4 July."), "DATE ?-07-04");
  EXPECT_EQ(Final("1945"), "NUM #1945");
  EXPECT_EQ(Final("September"), "TXT");
  EXPECT_EQ(Final("September 32, 1945"), "TXT");
  EXPECT_EQ(Final("2 or 3 May 1945"), "TXT");
}

TEST(FinalAnswer, ReadsOtherScripts) {
  EXPECT_EQ(Final("答案是42"), "NUM #42");
  EXPECT_EQ(Final("الجواب: ٨"), "NUM #8");
  EXPECT_EQ(Final("Ответ: 42."), "NUM #42");
  EXPECT_EQ(Final("是的。"), "YN yes");
  EXPECT_EQ(Final("Нет"), "YN no");
}

TEST(LeadingYesNo, SeesAPlainYesOrNo) {
  for (const char* text : {"Yes, of course", "Sí, claro", "- Ja: gut"}) {
    EXPECT_EQ(LeadingYesNo(ToAsciiLower(Fold(text))), 1) << text;
  }
  for (const char* text : {"**No.** It", "A: no", "Nope"}) {
    EXPECT_EQ(LeadingYesNo(ToAsciiLower(Fold(text))), -1) << text;
  }
  for (const char* text : {"Yes it is", "No one knows", "", "***"}) {
    EXPECT_EQ(LeadingYesNo(ToAsciiLower(Fold(text))), 0) << text;
  }
}

}  // namespace
}  // namespace byok
