#include "cost.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "consensus/agreement.hpp"

#include "outcomes.hpp"

namespace byok::eval {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double MedianTime(const std::string& prompt, const std::vector<PanelAnswer>& panel) {
  constexpr std::size_t kRounds = 41;
  std::vector<double> times;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto begin = Clock::now();
    MeasureAgreement(prompt, panel);
    times.push_back(MillisecondsSince(begin));
  }
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

/// Words of our own, for where the data is absent.
std::string MadeUpProse(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::string text;
  while (text.size() < size) {
    for (auto letters = 2 + engine() % 8; letters > 0; --letters) {
      text += static_cast<char>('a' + engine() % 26);
    }
    text += engine() % 12 == 0 ? ". " : " ";
  }
  return text.substr(0, size);
}

/// Answers to open questions of `triads` one after the other, `size` bytes of them.
std::string Prose(const std::vector<Triad>& triads, std::size_t slot, std::size_t size) {
  std::string text;
  for (const Triad& triad : triads) {
    if (text.size() >= size) break;
    if (triad.stratum != "open_on_topic" || !triad.answers[slot]) continue;
    text += *triad.answers[slot] + "\n";
  }
  if (text.size() < size) return MadeUpProse(size, static_cast<std::uint32_t>(slot));
  return text.substr(0, size);
}

std::vector<PanelAnswer> PanelOfTexts(std::vector<std::string> texts) {
  std::vector<PanelAnswer> panel;
  for (std::string& text : texts) panel.push_back({"", std::move(text), false});
  return panel;
}

Cost CostOfProse(const std::vector<Triad>& triads, const std::string& what, std::size_t size) {
  const auto panel =
      PanelOfTexts({Prose(triads, 0, size), Prose(triads, 1, size), Prose(triads, 2, size)});
  return {"prose, " + what, MedianTime("Explain the matter.", panel)};
}

/// Words that all begin alike and differ in their ends: each is tried against many.
std::string AlikeWords(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::string text;
  while (text.size() < size) text += "a" + std::to_string(engine() % 1'000'000'000) + "b ";
  for (char& c : text) c = '0' <= c && c <= '9' ? static_cast<char>(c - '0' + 'k') : c;
  return text;
}

}  // namespace

std::vector<Cost> MeasureCosts(const std::vector<Triad>& triads) {
  constexpr std::size_t kKiB = 1024;
  std::vector<Cost> costs;
  for (const std::size_t size : {std::size_t{100}, std::size_t{400}}) {
    costs.push_back(CostOfProse(triads, std::to_string(size) + " B", size));
  }
  for (const std::size_t kib : {1, 2, 4, 8, 16, 32}) {
    costs.push_back(CostOfProse(triads, std::to_string(kib) + " KiB", kib * kKiB));
  }
  for (const std::size_t kib : {8, 32, 1024}) {
    const std::size_t size = kib * kKiB;
    costs.push_back(
        {"words all alike, " + std::to_string(kib) + " KiB",
         MedianTime(AlikeWords(size, 0), PanelOfTexts({AlikeWords(size, 1), AlikeWords(size, 2),
                                                       AlikeWords(size, 3)}))});
  }
  return costs;
}

double MeanCost(const std::vector<Triad>& triads) {
  const auto begin = Clock::now();
  for (const Triad& triad : triads) MeasureAgreement(triad.question, PanelOf(triad));
  return MillisecondsSince(begin) / static_cast<double>(triads.size());
}

}  // namespace byok::eval
