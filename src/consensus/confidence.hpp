#pragma once

#include <cstddef>
#include <optional>

namespace byok {

/// The chance that the picked answer is right, as far as agreement shows it; rounded to 3 decimals.
/// Version 1 (kConfidenceVersion): piecewise linear, fitted to the share of right answers in
/// labelled triads. `score` is the mean support of the pick, set from two usable answers on; more
/// than three are read like three. Code is capped: its similarity carries no signal.
double ConfidenceOf(std::size_t usable, std::optional<double> score, bool is_code);

}  // namespace byok
