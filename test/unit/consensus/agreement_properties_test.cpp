#include <algorithm>
#include <chrono>
#include <random>

#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/code_points.hpp"
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
  /// Valid UTF-8 of any script, at least so many bytes.
  std::string Characters(std::size_t size) {
    std::string text;
    while (text.size() < size) AppendUtf8(Character(), text);
    return text;
  }
  std::string Word() {
    std::string word;
    for (auto left = 1 + Below(9); left > 0; --left) word += static_cast<char>('a' + Below(26));
    return word;
  }
  Texts Triad() { return Answers(3); }
  Texts Answers(std::size_t count) {
    Texts texts(count);
    for (auto& text : texts) text = Answer();
    return texts;
  }
  void Shuffle(Texts& texts) {
    for (std::size_t i = texts.size(); i > 1; --i) std::swap(texts[i - 1], texts[Below(i)]);
  }
  std::size_t Below(std::size_t bound) { return engine_() % bound; }

 private:
  char32_t Character() {
    static constexpr char32_t kLast[] = {0x7F,   0x7F,   0x24F,   0x6FF,
                                         0x10FF, 0xABFF, 0x1FFFF, 0x10FFFF};
    const auto value = static_cast<char32_t>(Below(kLast[Below(std::size(kLast))] + 1));
    return 0xD800 <= value && value <= 0xDFFF ? U' ' : value;
  }

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

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

std::string Repeated(std::string_view unit) {
  std::string text;
  while (text.size() < kMebibyte) text += unit;
  return text;
}

TEST(AgreementProperty, SaneForHostileMegabytes) {
  for (const char* unit : {"a",
                           "answer ",
                           "answer-",
                           "[",
                           "1.",
                           "\\boxed{",
                           "```",
                           "\xE2\x80",
                           " \t",
                           "twenty-",
                           "\n- no",
                           "五",
                           "'a",
                           "不",
                           "\uFDFA",
                           "\u0951\u0952",
                           "\u1109\u1165",
                           "答案是",
                           "a\u0323",
                           "No. 1",
                           "٣",
                           "\n答",
                           "\U0001F600",
                           "-5 ",
                           "\\frac{",
                           "1億",
                           "9^9",
                           "√",
                           "1/",
                           "2e999 ",
                           "10:",
                           "C++",
                           "1 234 ",
                           "1.1.",
                           "a.",
                           "\\sqrt{\\frac{1}",
                           "5'",
                           "1-1-",
                           "X "}) {
    const std::string text = Repeated(unit);
    ExpectSane(MeasureAgreement(text, Panel({text, text + "x", "y" + text})));
  }
}

TEST(AgreementProperty, SaneForHostileResults) {
  const std::string digits(300, '9'), zeros = "1" + std::string(300, '0');
  for (const std::string& text : std::vector<std::string>{digits,
                                                          digits + "^" + digits,
                                                          zeros + "/" + zeros,
                                                          "10^999",
                                                          "-1e-999",
                                                          "1/0",
                                                          "\\frac{1",
                                                          "\\boxed{\\frac{1}{2}",
                                                          "\\frac",
                                                          "\\",
                                                          "2x10^",
                                                          "√",
                                                          "√(",
                                                          "99:99:99",
                                                          "99/99/9999",
                                                          "1-",
                                                          "9999-99-99",
                                                          "1年",
                                                          "1億9兆",
                                                          "C+",
                                                          "<",
                                                          ">=",
                                                          "5'",
                                                          "\xC2",
                                                          "1\xE5\x84"}) {
    ExpectSane(MeasureAgreement(text, Panel({text, "\\boxed{" + text + "}", "1" + text})));
  }
}

/// Of three runs, the shortest: others use the machine too.
double MillisecondsOf(const std::vector<PanelAnswer>& panel, const std::string& prompt) {
  double least = 1e9;
  for (int run = 0; run < 3; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    MeasureAgreement(prompt, panel);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    least = std::min(least, took.count());
  }
  return least;
}

TEST(AgreementProperty, TakesNoLongerThanATenthOfASecondForMegabytes) {
#ifndef NDEBUG
  GTEST_SKIP() << "times mean nothing in a debug build";
#endif
  Generator generator(9);
  Texts texts = {"", "", ""};
  while (texts[0]->size() < kMebibyte) {
    for (auto& text : texts) *text += generator.Word() + ' ';
  }
  EXPECT_LT(MillisecondsOf(Panel(texts), *texts[0]), 100);
  for (auto& text : texts) text = generator.Characters(kMebibyte);
  EXPECT_LT(MillisecondsOf(Panel(texts), *texts[0]), 100);
}

TEST(AgreementProperty, SaneForAnyCharactersAndAnyPanel) {
  Generator generator(10);
  for (int i = 0; i < kRounds; ++i) {
    Texts texts;
    for (std::size_t left = generator.Below(kMaxPanel + 1); left > 0; --left) {
      texts.push_back(generator.Characters(generator.Below(200)));
    }
    ExpectSane(MeasureAgreement(generator.Characters(50), Panel(texts)));
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
    Texts texts = generator.Answers(3 + generator.Below(kMaxPanel - 2));
    const Agreement given = MeasureAgreement(prompt, Panel(texts));
    generator.Shuffle(texts);
    const Agreement shuffled = MeasureAgreement(prompt, Panel(texts));
    EXPECT_EQ(shuffled.usable, given.usable);
    EXPECT_EQ(shuffled.evidence, given.evidence);
    EXPECT_NEAR(shuffled.confidence, given.confidence, 0.0011);
    EXPECT_NEAR(shuffled.score.value_or(-1), given.score.value_or(-1), 1e-5);
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

/// Of the last member and another.
double ScoreBetween(const Agreement& agreement, std::size_t member) {
  for (const PairScore& pair : agreement.pairs) {
    if (pair.first == member && pair.second + 1 == agreement.status.size()) return pair.score;
  }
  return 0;
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
    Texts texts = generator.Answers(2 + generator.Below(kMaxPanel - 2));
    const Agreement before = MeasureAgreement(prompt, Panel(texts));
    if (before.usable < 2) continue;
    const bool is_same = generator.Below(2) == 0;
    texts.push_back(*texts[*before.picked] + (is_same ? "" : generator.Word()));
    const Agreement after = MeasureAgreement(prompt, Panel(texts));
    const bool agrees = !after.pairs.empty() && ScoreBetween(after, *before.picked) >= 0.5;
    if (agrees) {
      EXPECT_GE(Support(after), Support(before) - 1e-9);
    }
  }
}

TEST(AgreementProperty, ACopyOfTheWinnerNeverLowersItsConfidence) {
  Generator generator(8);
  for (int i = 0; i < kRounds; ++i) {
    const std::string prompt = generator.Answer();
    Texts texts = generator.Answers(3);
    const Agreement before = MeasureAgreement(prompt, Panel(texts));
    if (before.usable < 3) continue;
    texts.push_back(texts[*before.picked]);
    const Agreement after = MeasureAgreement(prompt, Panel(texts));
    if (after.evidence == before.evidence && after.code == before.code) {
      EXPECT_GE(after.confidence, before.confidence);
    }
  }
}

TEST(AgreementProperty, GroupsAreAPartitionOfTheUsable) {
  Generator generator(7);
  for (int i = 0; i < kRounds; ++i) {
    const Texts texts = generator.Answers(generator.Below(kMaxPanel + 1));
    const Agreement agreement = MeasureAgreement(generator.Answer(), Panel(texts));
    std::vector<int> seen(texts.size(), 0);
    for (const Group& group : agreement.groups) {
      for (const std::size_t member : group) ++seen[member];
    }
    for (std::size_t k = 0; k < texts.size(); ++k) {
      EXPECT_EQ(seen[k], IsUsable(agreement.status[k]) ? 1 : 0);
    }
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
