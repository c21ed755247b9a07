#pragma once

#include <optional>
#include <string_view>

namespace byok {

enum class Quantity { kLength, kMass, kTime, kCalendarTime, kVolume };

struct MeasureUnit {
  Quantity quantity = Quantity::kLength;
  double factor = 1;  ///< in metres, grams, seconds, months, litres
};

/// The unit that a single word names ("km", "miles", "litre"), a blank behind it allowed; nothing
/// for other texts.
std::optional<MeasureUnit> FindMeasureUnit(std::string_view word);

}  // namespace byok
