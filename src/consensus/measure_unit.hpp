#pragma once

#include <optional>
#include <string_view>

namespace byok {

enum class Quantity {
  kLength,
  kArea,
  kVolume,
  kMass,
  kTime,
  kCalendarTime,
  kSpeed,
  kAcceleration,
  kForce,
  kEnergy,
  kPower,
  kPressure,
  kFrequency,
  kVoltage,
  kCurrent,
  kResistance,
  kSubstance,
  kTemperature,
  kData,
  kRatio,  ///< per cent
  kEra,    ///< years before and after the beginning of ours
  kDollar,
  kEuro,
  kYen,
  kYuan,
  kRupee,
  kWon,
  kRuble,
};

struct MeasureUnit {
  Quantity quantity = Quantity::kLength;
  double factor = 1;  ///< in metres, square metres, litres, grams, seconds, months, metres per
                      ///< second, newtons, joules …, kelvins, bytes, ones, years, dollars …
  double offset = 0;  ///< of its zero: 273.15 for degrees Celsius
};

/// The unit that a text names: "km", "miles", "kilometer per hour", "square feet", "degrees
/// celsius", a blank behind it allowed; nothing for other texts.
std::optional<MeasureUnit> FindMeasureUnit(std::string_view text);

/// Whether two amounts in units of one quantity are the same, as far as people round when they
/// convert.
bool IsSameAmount(double a, const MeasureUnit& unit_a, double b, const MeasureUnit& unit_b);

}  // namespace byok
