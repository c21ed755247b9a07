#pragma once

#include <cstdint>
#include <optional>

namespace byok {

/// lower <= value < upper; a bound that is not set does not bound.
inline bool InRange(std::int64_t value, std::optional<std::int64_t> lower,
                    std::optional<std::int64_t> upper) {
  return (!lower || *lower <= value) && (!upper || value < *upper);
}

}  // namespace byok
