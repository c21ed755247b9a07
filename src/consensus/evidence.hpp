#pragma once

#include <cstddef>
#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// What an agreement stands on. `sizes`: tokens by panel member, 0 for unusable ones.
Evidence EvidenceOf(const std::vector<FinalAnswer>& finals, std::vector<std::size_t> sizes);

}  // namespace byok
