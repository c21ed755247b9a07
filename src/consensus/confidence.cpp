#include "consensus/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace byok {
namespace {

struct Knot {
  double score, confidence;
};
constexpr Knot kThreeUsable[] = {{0, .18},   {.10, .40}, {.30, .62}, {.50, .68},
                                 {.70, .79}, {.85, .88}, {1, .92}};
constexpr Knot kTwoUsable[] = {{0, .30}, {.10, .45}, {.30, .60}, {.50, .74}, {.80, .82}, {1, .84}};
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

double FromTable(std::size_t usable, std::optional<double> score) {
  if (usable == 0) return 0;
  if (usable == 1 || !score) return kOneUsable;
  return usable == 2 ? Interpolate(kTwoUsable, *score) : Interpolate(kThreeUsable, *score);
}

double RoundTo3Decimals(double value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

double ConfidenceOf(std::size_t usable, std::optional<double> score, bool is_code) {
  const double confidence = FromTable(usable, score);
  return RoundTo3Decimals(is_code ? std::min(confidence, kMostForCode) : confidence);
}

}  // namespace byok
