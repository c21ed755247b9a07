#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace byok::eval {
namespace {

/// Σ over groups of equal confidence of the mean rank times the true claims in it.
double SumRanksOfTrue(const std::vector<Claim>& sorted) {
  double sum = 0;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin, in_group = 0;
    while (end < sorted.size() && sorted[end].confidence == sorted[begin].confidence) {
      if (sorted[end++].is_true) ++in_group;
    }
    sum += static_cast<double>(begin + end + 1) / 2 * static_cast<double>(in_group);
    begin = end;
  }
  return sum;
}

double CountTrue(const std::vector<Claim>& claims) {
  return static_cast<double>(
      std::count_if(claims.begin(), claims.end(), [](const Claim& c) { return c.is_true; }));
}

double Share(double part, std::size_t whole) {
  return whole > 0 ? part / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

bool IsOfMajority(const Triad& triad, const Outcome& outcome) {
  return outcome.pick && std::find(triad.majority.begin(), triad.majority.end(), *outcome.pick) !=
                             triad.majority.end();
}

}  // namespace

double Closeness(const std::vector<double>& pairs) {
  if (pairs.empty()) return 0;
  const double least = *std::min_element(pairs.begin(), pairs.end());
  const double sum = std::accumulate(pairs.begin(), pairs.end(), 0.0);
  return 0.5 * least + 0.5 * sum / static_cast<double>(pairs.size());
}

double Auroc(const std::vector<Claim>& claims) {
  std::vector<Claim> sorted = claims;
  std::sort(sorted.begin(), sorted.end(),
            [](const Claim& a, const Claim& b) { return a.confidence < b.confidence; });
  const double is_true = CountTrue(claims);
  const double is_false = static_cast<double>(claims.size()) - is_true;
  if (is_true == 0 || is_false == 0) return std::numeric_limits<double>::quiet_NaN();
  return (SumRanksOfTrue(sorted) - is_true * (is_true + 1) / 2) / (is_true * is_false);
}

std::vector<Bin> BinsOf(const std::vector<Claim>& claims) {
  std::vector<Bin> bins(kBins);
  for (const Claim& claim : claims) {
    const auto at = static_cast<std::size_t>(claim.confidence * static_cast<double>(kBins));
    Bin& bin = bins[std::min(at, kBins - 1)];
    ++bin.count;
    bin.confidence += claim.confidence;
    bin.share_true += claim.is_true ? 1 : 0;
  }
  for (Bin& bin : bins) {
    if (bin.count == 0) continue;
    bin.confidence /= static_cast<double>(bin.count);
    bin.share_true /= static_cast<double>(bin.count);
  }
  return bins;
}

double CalibrationError(const std::vector<Claim>& claims) {
  double sum = 0;
  for (const Bin& bin : BinsOf(claims)) {
    sum += static_cast<double>(bin.count) * std::abs(bin.confidence - bin.share_true);
  }
  return Share(sum, claims.size());
}

std::vector<Claim> ClaimsOfRight(const std::vector<Triad>& triads, const Outcomes& outcomes,
                                 const Filter& filter) {
  std::vector<Claim> claims;
  for (std::size_t i = 0; i < triads.size(); ++i) {
    const auto& pick = outcomes[i].pick;
    if (!triads[i].is_natural() || !filter(triads[i]) || !pick) continue;
    if (const auto right = triads[i].right[*pick]) {
      claims.push_back({outcomes[i].confidence, *right});
    }
  }
  return claims;
}

Figures FiguresOf(const std::vector<Triad>& triads, const Outcomes& outcomes,
                  const Filter& filter) {
  Figures figures;
  double picked = 0;
  std::vector<Claim> agree;
  for (std::size_t i = 0; i < triads.size(); ++i) {
    if (!filter(triads[i])) continue;
    if (!triads[i].majority.empty()) {
      ++figures.majority_count;
      picked += IsOfMajority(triads[i], outcomes[i]) ? 1 : 0;
    }
    if (triads[i].all_agree) agree.push_back({outcomes[i].closeness, *triads[i].all_agree});
  }
  const std::vector<Claim> right = ClaimsOfRight(triads, outcomes, filter);
  figures.agree_count = agree.size();
  figures.right_count = right.size();
  figures.majority_pick = Share(picked, figures.majority_count);
  figures.auroc_agree = Auroc(agree);
  figures.auroc_right = Auroc(right);
  figures.calibration_error = CalibrationError(right);
  figures.share_right = Share(CountTrue(right), right.size());
  return figures;
}

}  // namespace byok::eval
