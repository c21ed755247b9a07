#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

using Texts = std::vector<std::optional<std::string>>;
constexpr int kRounds = 400;

/// Answers as they could be, and bytes as they should not be.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : engine_(seed) {}

  std::string Answer() {
    static const char* const kPieces[] = {"The answer is ",
                                          "Paris ",
                                          "London ",
                                          "not ",
                                          "never ",
                                          "12 ",
                                          "3.5 million ",
                                          "twenty-one ",
                                          "1,234.5 ",
                                          "(B) ",
                                          "yes, ",
                                          "No. ",
                                          "\n- ",
                                          "**",
                                          "however ",
                                          "I cannot ",
                                          "2013-03-01 ",
                                          "五十万人口",
                                          "Zoë’s ",
                                          "```\n",
                                          "\\boxed{42} ",
                                          "built ",
                                          "bridge ",
                                          "bridges ",
                                          "in ",
                                          "the ",
                                          ". ",
                                          "1. "};
    std::string text;
    for (auto left = Below(14); left > 0; --left) text += kPieces[Below(std::size(kPieces))];
    return text;
  }
  std::string Bytes() {
    std::string text(Below(80), '\0');
    for (char& c : text) c = static_cast<char>(Below(256));
    return text;
  }
  Texts Triad() { return {Answer(), Answer(), Answer()}; }
  std::size_t Below(std::size_t bound) { return engine_() % bound; }

 private:
  std::mt19937 engine_;
};

void ExpectSane(const Agreement& agreement) {
  EXPECT_GE(agreement.confidence, 0);
  EXPECT_LE(agreement.confidence, 0.92);
  EXPECT_EQ(agreement.score.has_value(), agreement.usable >= 2);
  EXPECT_EQ(agreement.pairs.size(), agreement.usable * (agreement.usable - 1) / 2);
  for (const PairScore& pair : agreement.pairs) {
    EXPECT_GE(pair.score, 0);
    EXPECT_LE(pair.score, 1);
  }
}

TEST(AgreementProperty, SaneForAnyBytes) {
  Generator generator(1);
  for (int i = 0; i < kRounds; ++i) {
    const Texts texts = {generator.Bytes(), generator.Answer() + generator.Bytes(),
                         generator.Bytes() + generator.Answer()};
    ExpectSane(MeasureAgreement(generator.Bytes(), Panel(texts)));
  }
}

TEST(AgreementProperty, SaneForHostileMegabytes) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  for (const char* unit : {"a", "answer ", "answer-", "[", "1.", "\\boxed{", "```", "\xE2\x80",
                           " \t", "twenty-", "\n- no", "五", "'a"}) {
    std::string text;
    while (text.size() < kMebibyte) text += unit;
    ExpectSane(MeasureAgreement(text, Panel({text, text + "x", "y" + text})));
  }
}

TEST(AgreementProperty, Deterministic) {
  Generator generator(2);
  for (int i = 0; i < kRounds; ++i) {
    const std::string prompt = generator.Answer();
    const auto panel = Panel(generator.Triad());
    const Agreement once = MeasureAgreement(prompt, panel), again = MeasureAgreement(prompt, panel);
    EXPECT_EQ(once.picked, again.picked);
    EXPECT_EQ(once.score, again.score);
    EXPECT_EQ(once.confidence, again.confidence);
  }
}

TEST(AgreementProperty, OrderDecidesNothingButTies) {
  Generator generator(3);
  for (int i = 0; i < kRounds; ++i) {
    const std::string prompt = generator.Answer();
    Texts texts = generator.Triad();
    const Agreement given = MeasureAgreement(prompt, Panel(texts));
    std::rotate(texts.begin(), texts.begin() + 1, texts.end());
    const Agreement rotated = MeasureAgreement(prompt, Panel(texts));
    EXPECT_EQ(rotated.usable, given.usable);
    EXPECT_NEAR(rotated.confidence, given.confidence, 0.0011);
    EXPECT_NEAR(rotated.score.value_or(-1), given.score.value_or(-1), 1e-5);
  }
}

TEST(AgreementProperty, IdenticalAnswersAgreeFully) {
  Generator generator(4);
  for (int i = 0; i < kRounds; ++i) {
    const std::string answer = "Bridge " + generator.Answer();
    const Agreement agreement = MeasureAgreement("", Panel({answer, answer, answer}));
    if (agreement.usable == 0) continue;  // a refusal
    EXPECT_EQ(agreement.score, 1.0);
    EXPECT_EQ(agreement.picked, 0u);
    EXPECT_EQ(agreement.confidence, agreement.code ? 0.60 : 0.92);
  }
}

/// The summed support of the pick.
double Support(const Agreement& agreement) {
  return agreement.score.value_or(0) *
         static_cast<double>(std::max<std::size_t>(agreement.usable, 1) - 1);
}

TEST(AgreementProperty, OneMoreAgreeingAnswerNeverTakesSupportFromTheWinner) {
  Generator generator(5);
  for (int i = 0; i < kRounds; ++i) {
    const std::string prompt = generator.Answer();
    Texts texts = generator.Triad();
    const Agreement before = MeasureAgreement(prompt, Panel(texts));
    if (before.usable < 2) continue;
    texts.push_back(texts[*before.picked]);
    const Agreement after = MeasureAgreement(prompt, Panel(texts));
    EXPECT_GE(Support(after), Support(before) + 1 - 1e-9);
    EXPECT_EQ(texts[*after.picked], texts[*before.picked]);
  }
}

TEST(AgreementProperty, ARefusalBesidesTwoAnswersChangesNothingButDegraded) {
  Generator generator(6);
  for (int i = 0; i < kRounds; ++i) {
    const std::string prompt = generator.Answer();
    Texts texts = {generator.Answer(), generator.Answer()};
    const Agreement two = MeasureAgreement(prompt, Panel(texts));
    texts.emplace_back("I'm sorry, I can't help with that.");
    const Agreement three = MeasureAgreement(prompt, Panel(texts));
    if (two.usable == 0) continue;
    EXPECT_EQ(three.picked, two.picked);
    EXPECT_EQ(three.score, two.score);
    EXPECT_EQ(three.confidence, two.confidence);
    EXPECT_TRUE(three.degraded());
  }
}

TEST(AgreementProperty, TypographyAndCaseChangeNothing) {
  const std::string plain = "It's the old bridge over the river Seine in Paris - \"Pont Neuf\".";
  const std::string set = "**It’s** the  old bridge over the river Seine in Paris – “Pont Neuf”.";
  const Agreement agreement = MeasureAgreement("", Panel({plain, set}));
  EXPECT_EQ(agreement.score, 1.0);
}

TEST(AgreementProperty, NegationAndAnotherNumberLowerTheScore) {
  const auto score = [](const char* a, const char* b) {
    return *MeasureAgreement("", Panel({a, b})).score;
  };
  const char* const answer = "The old bridge of the town was built in 1822 and is still open.";
  const double same = score(answer, "The town's old bridge was built in 1822 and is still open.");
  EXPECT_LT(score(answer, "The town's old bridge was not built in 1822 and is still open."), same);
  EXPECT_LT(score(answer, "The town's old bridge was built in 1911 and is still open."), same);
}

}  // namespace
}  // namespace byok
