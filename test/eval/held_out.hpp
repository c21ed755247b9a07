#pragma once

#include <string>
#include <vector>

#include "figures.hpp"

namespace byok::eval {

/// Calibration errors on the natural triads of one source with three usable answers.
struct HeldOut {
  std::string source;
  std::size_t count = 0;
  double table = 0;        ///< of the engine's table, which was fitted on all sources
  double one_map = 0;      ///< of one map from support to confidence, fitted on the other sources
  double by_evidence = 0;  ///< of a map for each kind of evidence, fitted on the other sources
};
std::vector<HeldOut> MeasureHeldOut(const std::vector<Triad>& triads, const Outcomes& outcomes);

}  // namespace byok::eval
