#pragma once

#include <functional>
#include <vector>

#include "consensus/agreement.hpp"

#include "triads.hpp"

namespace byok::eval {

/// What one measure said about one triad.
struct Outcome {
  std::optional<std::size_t> pick;
  double confidence = 0;  ///< that the pick is right
  double closeness = 0;   ///< that all three agree: half the least, half the mean pair score
  double support = 0;     ///< of the engine's pick
  std::optional<Evidence> evidence;  ///< of the engine, where three were usable
};

/// Half the least and half the mean of the three scores, 0 for a pair that was not compared.
double Closeness(const std::vector<double>& pairs);

/// A claim and whether it was true.
struct Claim {
  double confidence = 0;
  bool is_true = false;
};
/// The chance that a true claim was given more confidence than a false one; NaN without both.
double Auroc(const std::vector<Claim>& claims);

/// A tenth of the scale.
struct Bin {
  std::size_t count = 0;
  double confidence = 0, share_true = 0;  ///< means
};
constexpr std::size_t kBins = 10;
std::vector<Bin> BinsOf(const std::vector<Claim>& claims);
/// The mean distance of confidence and share true over the bins, by their size.
double CalibrationError(const std::vector<Claim>& claims);

using Filter = std::function<bool(const Triad&)>;
using Outcomes = std::vector<Outcome>;  ///< by row of the triads

/// Claims "the pick is right", over natural triads whose pick has a label.
std::vector<Claim> ClaimsOfRight(const std::vector<Triad>& triads, const Outcomes& outcomes,
                                 const Filter& filter);

struct Figures {
  std::size_t majority_count = 0, agree_count = 0, right_count = 0;  ///< triads behind each figure
  double majority_pick = 0;  ///< share of 2-against-1 triads whose pick is one of the two
  double auroc_agree = 0;    ///< of closeness, for "all agree"
  double auroc_right = 0;    ///< of confidence, for "the pick is right"
  double calibration_error = 0;
  double share_right = 0;
};
Figures FiguresOf(const std::vector<Triad>& triads, const Outcomes& outcomes, const Filter& filter);

}  // namespace byok::eval
