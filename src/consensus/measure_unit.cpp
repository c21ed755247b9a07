#include "consensus/measure_unit.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace byok {
namespace {

struct NamedUnit {
  std::string_view name;
  MeasureUnit unit;
};
/// Names as tokens have them: folded, lower case, aliases replaced ("km" is "kilometer").
constexpr NamedUnit kUnits[] = {
    {"nanometer", {Quantity::kLength, 1e-9}},
    {"nm", {Quantity::kLength, 1e-9}},
    {"micrometer", {Quantity::kLength, 1e-6}},
    {"micron", {Quantity::kLength, 1e-6}},
    {"millimeter", {Quantity::kLength, 1e-3}},
    {"millimetre", {Quantity::kLength, 1e-3}},
    {"centimeter", {Quantity::kLength, 1e-2}},
    {"centimetre", {Quantity::kLength, 1e-2}},
    {"meter", {Quantity::kLength, 1}},
    {"metre", {Quantity::kLength, 1}},
    {"m", {Quantity::kLength, 1}},
    {"kilometer", {Quantity::kLength, 1e3}},
    {"kilometre", {Quantity::kLength, 1e3}},
    {"inch", {Quantity::kLength, 0.0254}},
    {"inche", {Quantity::kLength, 0.0254}},
    {"in", {Quantity::kLength, 0.0254}},
    {"foot", {Quantity::kLength, 0.3048}},
    {"yard", {Quantity::kLength, 0.9144}},
    {"mile", {Quantity::kLength, 1609.344}},
    {"milligram", {Quantity::kMass, 1e-3}},
    {"mg", {Quantity::kMass, 1e-3}},
    {"gram", {Quantity::kMass, 1}},
    {"g", {Quantity::kMass, 1}},
    {"kilogram", {Quantity::kMass, 1e3}},
    {"tonne", {Quantity::kMass, 1e6}},
    {"ounce", {Quantity::kMass, 28.349523}},
    {"oz", {Quantity::kMass, 28.349523}},
    {"pound", {Quantity::kMass, 453.59237}},
    {"nanosecond", {Quantity::kTime, 1e-9}},
    {"ns", {Quantity::kTime, 1e-9}},
    {"microsecond", {Quantity::kTime, 1e-6}},
    {"millisecond", {Quantity::kTime, 1e-3}},
    {"ms", {Quantity::kTime, 1e-3}},
    {"second_", {Quantity::kTime, 1}},
    {"sec", {Quantity::kTime, 1}},
    {"s", {Quantity::kTime, 1}},
    {"minute", {Quantity::kTime, 60}},
    {"hour", {Quantity::kTime, 3600}},
    {"h", {Quantity::kTime, 3600}},
    {"day", {Quantity::kTime, 86'400}},
    {"week", {Quantity::kTime, 604'800}},
    {"month", {Quantity::kCalendarTime, 1}},
    {"year", {Quantity::kCalendarTime, 12}},
    {"decade", {Quantity::kCalendarTime, 120}},
    {"century", {Quantity::kCalendarTime, 1200}},
    {"centurie", {Quantity::kCalendarTime, 1200}},
    {"milliliter", {Quantity::kVolume, 1e-3}},
    {"millilitre", {Quantity::kVolume, 1e-3}},
    {"ml", {Quantity::kVolume, 1e-3}},
    {"centiliter", {Quantity::kVolume, 1e-2}},
    {"centilitre", {Quantity::kVolume, 1e-2}},
    {"cl", {Quantity::kVolume, 1e-2}},
    {"liter", {Quantity::kVolume, 1}},
    {"litre", {Quantity::kVolume, 1}},
    {"l", {Quantity::kVolume, 1}},
    {"teaspoon", {Quantity::kVolume, 4.92892159375e-3}},
    {"tsp", {Quantity::kVolume, 4.92892159375e-3}},
    {"tablespoon", {Quantity::kVolume, 14.78676478125e-3}},
    {"tbsp", {Quantity::kVolume, 14.78676478125e-3}},
    {"hectare", {Quantity::kArea, 1e4}},
    {"ha", {Quantity::kArea, 1e4}},
    {"acre", {Quantity::kArea, 4046.8564}},
    {"celsius", {Quantity::kTemperature, 1, 273.15}},
    {"centigrade", {Quantity::kTemperature, 1, 273.15}},
    {"fahrenheit", {Quantity::kTemperature, 5.0 / 9, 459.67 * 5 / 9}},
    {"kelvin", {Quantity::kTemperature, 1}},
    {"k", {Quantity::kTemperature, 1}},
    {"byte", {Quantity::kData, 1}},
    {"kb", {Quantity::kData, 1e3}},
    {"kilobyte", {Quantity::kData, 1e3}},
    {"mb", {Quantity::kData, 1e6}},
    {"megabyte", {Quantity::kData, 1e6}},
    {"gb", {Quantity::kData, 1e9}},
    {"gigabyte", {Quantity::kData, 1e9}},
    {"tb", {Quantity::kData, 1e12}},
    {"terabyte", {Quantity::kData, 1e12}},
    {"wh", {Quantity::kEnergy, 3600}},
    {"kwh", {Quantity::kEnergy, 3.6e6}},
    {"mwh", {Quantity::kEnergy, 3.6e9}},
    {"gwh", {Quantity::kEnergy, 3.6e12}},
    {"kilowatt hour", {Quantity::kEnergy, 3.6e6}},
    {"calorie", {Quantity::kEnergy, 4.184}},
    {"cal", {Quantity::kEnergy, 4.184}},
    {"kcal", {Quantity::kEnergy, 4184}},
    {"kilocalorie", {Quantity::kEnergy, 4184}},
    {"horsepower", {Quantity::kPower, 745.7}},
    {"hp", {Quantity::kPower, 745.7}},
    {"atm", {Quantity::kPressure, 101'325}},
    {"atmosphere", {Quantity::kPressure, 101'325}},
    {"bar", {Quantity::kPressure, 1e5}},
    {"mbar", {Quantity::kPressure, 100}},
    {"psi", {Quantity::kPressure, 6894.757}},
    {"amp", {Quantity::kCurrent, 1}},
    {"%", {Quantity::kRatio, 0.01}},
    {"bc", {Quantity::kEra, -1}},
    {"bce", {Quantity::kEra, -1}},
    {"ad", {Quantity::kEra, 1}},
    {"ce", {Quantity::kEra, 1}},
    {"dollar", {Quantity::kDollar, 1}},
    {"cent", {Quantity::kDollar, 0.01}},
    {"euro", {Quantity::kEuro, 1}},
    {"yen", {Quantity::kYen, 1}},
    {"yuan", {Quantity::kYuan, 1}},
    {"rupee", {Quantity::kRupee, 1}},
    {"won", {Quantity::kWon, 1}},
    {"ruble", {Quantity::kRuble, 1}},
};

/// A unit that takes prefixes. In lower case "m" is milli and mega: what people mean by it.
struct PrefixedUnit {
  std::string_view symbol, name;
  Quantity quantity;
  double m;
};
constexpr double kMilli = 1e-3, kMega = 1e6;
constexpr PrefixedUnit kPrefixedUnits[] = {
    {"n", "newton", Quantity::kForce, kMega},      {"j", "joule", Quantity::kEnergy, kMega},
    {"w", "watt", Quantity::kPower, kMega},        {"pa", "pascal", Quantity::kPressure, kMega},
    {"hz", "hertz", Quantity::kFrequency, kMega},  {"v", "volt", Quantity::kVoltage, kMilli},
    {"a", "ampere", Quantity::kCurrent, kMilli},   {"ω", "ohm", Quantity::kResistance, kMega},
    {"mol", "mole", Quantity::kSubstance, kMilli},
};

struct Prefix {
  std::string_view symbol, name;
  double factor;
};
constexpr Prefix kPrefixes[] = {{"", "", 1},          {"n", "nano", 1e-9}, {"μ", "micro", 1e-6},
                                {"u", "micro", 1e-6}, {"m", "milli", 0},   {"", "mega", 1e6},
                                {"k", "kilo", 1e3},   {"g", "giga", 1e9},  {"t", "tera", 1e12}};

/// "kw", "kilowatt", "mpa".
std::optional<MeasureUnit> FindPrefixed(std::string_view word) {
  for (const Prefix& prefix : kPrefixes) {
    for (const PrefixedUnit& unit : kPrefixedUnits) {
      const auto is = [word](std::string_view head, std::string_view tail) {
        return word.size() == head.size() + tail.size() && word.starts_with(head) &&
               word.ends_with(tail);
      };
      if (is(prefix.name, unit.name)) {
        return MeasureUnit{unit.quantity, prefix.factor == 0 ? kMilli : prefix.factor};
      }
      const bool has_symbol = !prefix.symbol.empty() || prefix.factor == 1;
      if (has_symbol && is(prefix.symbol, unit.symbol)) {
        return MeasureUnit{unit.quantity, prefix.factor == 0 ? unit.m : prefix.factor};
      }
    }
  }
  return {};
}

std::optional<MeasureUnit> FindWord(std::string_view word) {
  const std::string_view singular =
      word.size() > 2 && word.ends_with('s') ? word.substr(0, word.size() - 1) : word;
  const auto* const found = std::find_if(
      std::begin(kUnits), std::end(kUnits),
      [&](const NamedUnit& unit) { return unit.name == word || unit.name == singular; });
  if (found != std::end(kUnits)) return found->unit;
  const auto prefixed = FindPrefixed(word);
  return prefixed ? prefixed : FindPrefixed(singular);
}

/// Whether the text begins or ends with one of the words, which it then loses.
bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}
bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

/// The square or the cube of a length.
std::optional<MeasureUnit> PowerOf(std::string_view word, int exponent) {
  const auto length = FindWord(word);
  if (!length || length->quantity != Quantity::kLength) return {};
  constexpr double kLitres = 1e3;  // of a cubic metre
  if (exponent == 2) return MeasureUnit{Quantity::kArea, length->factor * length->factor};
  return MeasureUnit{Quantity::kVolume, std::pow(length->factor, 3) * kLitres};
}

/// A speed, or an acceleration if the time is squared.
std::optional<MeasureUnit> FindSpeed(std::string_view length, std::string_view time) {
  const bool is_acceleration = TakeSuffix(time, " squared");
  const auto way = FindWord(length), duration = FindWord(time);
  if (!way || !duration || way->quantity != Quantity::kLength ||
      duration->quantity != Quantity::kTime) {
    return {};
  }
  const double speed = way->factor / duration->factor;
  if (is_acceleration) return MeasureUnit{Quantity::kAcceleration, speed / duration->factor};
  return MeasureUnit{Quantity::kSpeed, speed};
}

double BaseOf(double value, const MeasureUnit& unit) {
  return value * unit.factor + unit.offset;
}

/// Of two amounts in base units, by the quantity.
double ToleranceOf(double a, double b, Quantity quantity) {
  constexpr double kDegrees = 0.6;
  constexpr double kUsual = 0.02, kBinary = 0.1;  // 1 GB has 1000 or 1024 MB
  if (quantity == Quantity::kTemperature) return kDegrees;
  return (quantity == Quantity::kData ? kBinary : kUsual) * std::max(std::abs(a), std::abs(b));
}

}  // namespace

std::optional<MeasureUnit> FindMeasureUnit(std::string_view text) {
  constexpr std::string_view kPer = " per ";
  TakeSuffix(text, " ");
  if (TakePrefix(text, "degrees ") || TakePrefix(text, "degree ")) {
    const auto unit = FindWord(text);
    return unit && unit->quantity == Quantity::kTemperature ? unit : std::nullopt;
  }
  if (const std::size_t per = text.find(kPer); per != std::string_view::npos) {
    return FindSpeed(text.substr(0, per), text.substr(per + kPer.size()));
  }
  if (TakePrefix(text, "square ") || TakePrefix(text, "sq ") || TakeSuffix(text, " squared")) {
    return PowerOf(text, 2);
  }
  if (TakePrefix(text, "cubic ") || TakeSuffix(text, " cubed")) return PowerOf(text, 3);
  return FindWord(text);
}

bool IsSameAmount(double a, const MeasureUnit& unit_a, double b, const MeasureUnit& unit_b) {
  const double base_a = BaseOf(a, unit_a), base_b = BaseOf(b, unit_b);
  return std::abs(base_a - base_b) <= ToleranceOf(base_a, base_b, unit_a.quantity);
}

}  // namespace byok
