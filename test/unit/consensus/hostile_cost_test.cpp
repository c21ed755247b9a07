// Nobody can make the comparison slow: it runs where all calls are made.
#include <algorithm>
#include <ctime>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/fold.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define BYOK_IS_SLOW_BUILD
#endif
#endif
#if defined(BYOK_IS_SLOW_BUILD) || defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
constexpr double kMostMs = 100 * 30;
#else
constexpr double kMostMs = 100;
#endif

using Maker = std::function<void(std::mt19937&, std::string&)>;

std::string TextOf(const Maker& append_part, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::string text;
  while (text.size() < kClipAbove) append_part(engine, text);
  return text.substr(0, kClipAbove);
}

std::string Letters(std::mt19937& engine, std::size_t count) {
  std::string letters;
  while (letters.size() < count) letters += static_cast<char>('a' + engine() % 26);
  return letters;
}

/// The processor's time, not that of a busy machine's clock; the best of some rounds, or the first
/// that is good enough.
double CostMs(const Maker& append_part, double enough) {
  constexpr int kRounds = 20;
  std::vector<std::optional<std::string>> texts;
  for (std::uint32_t seed = 0; seed < kMaxPanel; ++seed) {
    texts.emplace_back(TextOf(append_part, seed));
  }
  const std::string prompt = TextOf(append_part, kMaxPanel);
  const auto panel = Panel(std::move(texts));
  double best = 1e9;
  for (int round = 0; round < kRounds && best >= enough; ++round) {
    const std::clock_t begin = std::clock();
    MeasureAgreement(prompt, panel);
    best = std::min(best, 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return best;
}

struct Hostile {
  const char* name;
  Maker append_part;
};

class HostileCost : public testing::TestWithParam<Hostile> {};

/// Words as a text has them: of 2,000 different ones.
void AppendOrdinary(std::mt19937& engine, std::string& text) {
  std::mt19937 word(engine() % 2'000);
  text += Letters(word, 2 + word() % 8) + (engine() % 12 == 0 ? ". " : " ");
}

// On a slow machine ordinary texts take their time, too.
TEST_P(HostileCost, OfEightTextsIsBounded) {
  constexpr double kTimesOrdinary = 12;
  const double ms = CostMs(GetParam().append_part, kMostMs);
  RecordProperty("ms", std::to_string(ms));
  if (ms < kMostMs) return;
  EXPECT_LT(ms, kTimesOrdinary * CostMs(AppendOrdinary, 0));
}

INSTANTIATE_TEST_SUITE_P(
    Agreement, HostileCost,
    testing::Values(
        Hostile{"short_words_of_one_beginning",
                [](std::mt19937& e, std::string& t) { t += "a" + Letters(e, 5) + ". "; }},
        Hostile{"long_words_alike_at_both_ends",
                [](std::mt19937& e, std::string& t) { t += "a" + Letters(e, 9) + "b "; }},
        Hostile{"words_alike_but_for_the_beginning",
                [](std::mt19937& e, std::string& t) { t += "a" + Letters(e, 3) + "bbbb "; }},
        Hostile{"words_that_differ_at_the_end",
                [](std::mt19937& e, std::string& t) { t += "abcd" + Letters(e, 5) + " "; }},
        Hostile{"numbers",
                [](std::mt19937& e, std::string& t) { t += std::to_string(e() % 100'000) + ". "; }},
        Hostile{"ideographs",
                [](std::mt19937& e, std::string& t) {
                  t += "\xE4";
                  t += static_cast<char>(0xB8 + e() % 8);
                  t += static_cast<char>(0x80 + e() % 64);
                }},
        Hostile{"quotation_marks", [](std::mt19937&, std::string& t) { t += "'i can't \""; }},
        Hostile{"broken_bytes",
                [](std::mt19937& e, std::string& t) { t += static_cast<char>(e() % 256); }},
        Hostile{"cues", [](std::mt19937&, std::string& t) { t += "answer: \\boxed{ #### "; }},
        Hostile{"one_word", [](std::mt19937&, std::string& t) { t += "a"; }}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace byok
