#include "consensus/measure_unit.hpp"

#include <algorithm>
#include <iterator>

namespace byok {
namespace {

struct NamedUnit {
  std::string_view name;
  MeasureUnit unit;
};
/// Names as tokens have them: folded, lower case, aliases replaced ("km" is "kilometer").
constexpr NamedUnit kUnits[] = {
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
    {"second_", {Quantity::kTime, 1}},
    {"minute", {Quantity::kTime, 60}},
    {"hour", {Quantity::kTime, 3600}},
    {"day", {Quantity::kTime, 86'400}},
    {"week", {Quantity::kTime, 604'800}},
    {"month", {Quantity::kCalendarTime, 1}},
    {"year", {Quantity::kCalendarTime, 12}},
    {"milliliter", {Quantity::kVolume, 1e-3}},
    {"millilitre", {Quantity::kVolume, 1e-3}},
    {"ml", {Quantity::kVolume, 1e-3}},
    {"centiliter", {Quantity::kVolume, 1e-2}},
    {"centilitre", {Quantity::kVolume, 1e-2}},
    {"cl", {Quantity::kVolume, 1e-2}},
    {"liter", {Quantity::kVolume, 1}},
    {"litre", {Quantity::kVolume, 1}},
    {"l", {Quantity::kVolume, 1}},
};

}  // namespace

std::optional<MeasureUnit> FindMeasureUnit(std::string_view word) {
  if (word.ends_with(' ')) word.remove_suffix(1);
  const std::string_view singular =
      word.size() > 2 && word.ends_with('s') ? word.substr(0, word.size() - 1) : word;
  const auto* const found = std::find_if(
      std::begin(kUnits), std::end(kUnits),
      [&](const NamedUnit& unit) { return unit.name == word || unit.name == singular; });
  return found == std::end(kUnits) ? std::nullopt : std::optional(found->unit);
}

}  // namespace byok
