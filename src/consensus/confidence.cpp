#include "consensus/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace byok {
namespace {

struct Knot {
  double score, confidence;
};
// Three usable answers and more, by what was compared.
constexpr Knot kResults[] = {{0, .14}, {.50, .61}, {.95, .91}, {1, .92}};
constexpr Knot kShortTexts[] = {{0, .30},   {.10, .44}, {.30, .65}, {.50, .78},
                                {.70, .88}, {.85, .91}, {1, .92}};
constexpr Knot kLongTexts[] = {{0, .08},   {.10, .16}, {.30, .32}, {.50, .50},
                               {.70, .65}, {.85, .82}, {1, .92}};
// Two usable answers.
constexpr Knot kTwoResults[] = {{0, .24}, {.95, .82}, {1, .84}};
constexpr Knot kTwoShortTexts[] = {{0, .30},   {.10, .45}, {.30, .60},
                                   {.50, .74}, {.80, .82}, {1, .84}};
constexpr Knot kTwoLongTexts[] = {{0, .12},   {.10, .20}, {.30, .36},
                                  {.50, .56}, {.80, .76}, {1, .84}};
constexpr double kOneUsable = 0.50;  // a cautious policy: .61 of such answers were right
constexpr double kMostForCode = 0.60;

/// Linear between the knots, flat outside.
double Interpolate(std::span<const Knot> knots, double score) {
  const auto above = std::find_if(knots.begin(), knots.end(),
                                  [score](const Knot& knot) { return knot.score >= score; });
  if (above == knots.begin()) return knots.front().confidence;
  if (above == knots.end()) return knots.back().confidence;
  const Knot& below = *(above - 1);
  const double share = (score - below.score) / (above->score - below.score);
  return below.confidence + share * (above->confidence - below.confidence);
}

std::span<const Knot> KnotsOf(Evidence evidence, bool are_two) {
  if (evidence == Evidence::kResults) {
    return are_two ? std::span<const Knot>(kTwoResults) : kResults;
  }
  if (evidence == Evidence::kShortTexts) {
    return are_two ? std::span<const Knot>(kTwoShortTexts) : kShortTexts;
  }
  return are_two ? std::span<const Knot>(kTwoLongTexts) : kLongTexts;
}

double FromTable(std::size_t usable, std::optional<double> score, Evidence evidence) {
  if (usable == 0) return 0;
  if (usable == 1 || !score) return kOneUsable;
  return Interpolate(KnotsOf(evidence, usable == 2), *score);
}

double RoundTo3Decimals(double value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

double ConfidenceOf(std::size_t usable, std::optional<double> score, Evidence evidence,
                    bool is_code) {
  const double confidence = FromTable(usable, score, evidence);
  return RoundTo3Decimals(is_code ? std::min(confidence, kMostForCode) : confidence);
}

}  // namespace byok
