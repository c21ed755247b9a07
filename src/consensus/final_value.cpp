#include "consensus/final_value.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include "consensus/measure_unit.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// The digits behind the point; nothing without a point or with an exponent.
std::optional<int> CountDecimals(std::string_view number) {
  const std::size_t point = number.find('.');
  if (point == kNone || number.find('e') != kNone) return {};
  return static_cast<int>(number.size() - point - 1);
}

double ValueOf(std::string_view number_token) {
  double value = 0;
  std::from_chars(number_token.data() + 1, number_token.data() + number_token.size(), value);
  return value;
}

/// Both have a unit, and neither contains the other: 5 apples and 5 pears.
bool AreUnitsInConflict(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a.find(b) == kNone && b.find(a) == kNone;
}

/// Amounts in different units of one kind: 2000 mg and 2 g, 8 miles and 12.9 km.
bool IsSameAmount(double a, double b) {
  constexpr double kRounding = 0.02;  // people round when they convert
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
}

Verdict CompareNumbers(const FinalAnswer& a, const FinalAnswer& b) {
  const auto unit_a = FindMeasureUnit(a.unit), unit_b = FindMeasureUnit(b.unit);
  if (unit_a && unit_b) {
    if (unit_a->quantity != unit_b->quantity) return Verdict::kDifferent;
    const bool is_same =
        unit_a->factor == unit_b->factor
            ? IsSameNumber(a.value, b.value)
            : IsSameAmount(ValueOf(a.value) * unit_a->factor, ValueOf(b.value) * unit_b->factor);
    return is_same ? Verdict::kSame : Verdict::kDifferent;
  }
  if (!IsSameNumber(a.value, b.value)) return Verdict::kDifferent;
  return AreUnitsInConflict(a.unit, b.unit) ? Verdict::kUnknown : Verdict::kSame;
}

/// "1945-09-02" and "1945-09-?" agree as far as the second goes: their words decide.
Verdict CompareDates(std::string_view a, std::string_view b) {
  if (a == b) return Verdict::kSame;
  while (!a.empty() && !b.empty()) {
    const std::string_view part_a = a.substr(0, a.find('-')), part_b = b.substr(0, b.find('-'));
    if (part_a != part_b && part_a != "?" && part_b != "?") return Verdict::kDifferent;
    a.remove_prefix(std::min(part_a.size() + 1, a.size()));
    b.remove_prefix(std::min(part_b.size() + 1, b.size()));
  }
  return Verdict::kUnknown;
}

}  // namespace

std::string_view FinalTypeName(FinalType type) {
  switch (type) {
    case FinalType::kChoice:
      return "choice";
    case FinalType::kYesNo:
      return "yes_no";
    case FinalType::kNumber:
      return "number";
    case FinalType::kDate:
      return "date";
    case FinalType::kNone:
    case FinalType::kText:
      return "";
  }
  return "";
}

Verdict CompareFinals(const FinalAnswer& a, const FinalAnswer& b) {
  if (a.type != b.type || !IsComparable(a.type)) return Verdict::kUnknown;
  if (a.type == FinalType::kNumber) return CompareNumbers(a, b);
  if (a.type == FinalType::kDate) return CompareDates(a.value, b.value);
  return a.value == b.value ? Verdict::kSame : Verdict::kDifferent;
}

bool IsSameNumber(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto decimals_a = CountDecimals(a);
  const auto decimals_b = CountDecimals(b);
  if (!decimals_a || !decimals_b) return false;
  constexpr double kRounding =
      1e-9;  // of binary fractions: 3.145 is within half a hundredth of 3.14
  const double half_unit = 0.5 * std::pow(10.0, -std::min(*decimals_a, *decimals_b));
  return std::abs(ValueOf(a) - ValueOf(b)) <= half_unit * (1 + kRounding);
}

}  // namespace byok
