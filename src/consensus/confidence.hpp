#pragma once

#include <optional>

#include "consensus/agreement.hpp"

namespace byok {

/// The chance that the returned answer is right, as far as agreement shows it (docs/consensus.md
/// has the table). `score`: mean support of the pick, absent below two usable answers. Rounded to 3
/// decimals.
double ConfidenceOf(std::size_t usable, std::optional<double> score, Evidence evidence,
                    bool is_code);

}  // namespace byok
