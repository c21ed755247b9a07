#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "triads.hpp"

namespace byok::eval {

/// The time of one comparison of three answers.
struct Cost {
  std::string what;
  double milliseconds = 0;  ///< the median of some rounds
};
/// Prose of several lengths, made of the long answers of `triads` (of words of our own where there
/// are none), and texts made to be slow.
std::vector<Cost> MeasureCosts(const std::vector<Triad>& triads);

/// The mean over all triads, in milliseconds.
double MeanCost(const std::vector<Triad>& triads);

}  // namespace byok::eval
