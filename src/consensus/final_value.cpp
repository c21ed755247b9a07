#include "consensus/final_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "consensus/measure_unit.hpp"
#include "consensus/number_text.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// The digits behind the point; nothing without a point or with an exponent.
std::optional<int> CountDecimals(std::string_view number) {
  const std::size_t point = number.find('.');
  if (point == kNone || number.find('e') != kNone) return {};
  return static_cast<int>(number.size() - point - 1);
}

/// Whether the words of one unit stand together in the other; each word has a blank behind.
bool HasUnit(std::string_view unit, std::string_view part) {
  return unit.starts_with(part) || unit.find(" " + std::string(part)) != kNone;
}

/// Both have a unit, and neither contains the other: 5 apples and 5 pears, 60 W and 60 kW.
bool AreUnitsInConflict(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && !HasUnit(a, b) && !HasUnit(b, a);
}

/// Whether one is the other as far as its last place goes: "3.1 million" and 3,123,456.
bool IsRoundedTo(const FinalAnswer& a, const FinalAnswer& b) {
  const double grain = std::max(a.grain, b.grain);
  constexpr double kRounding = 1e-9;
  return std::abs(ValueOfNumber(a.value) - ValueOfNumber(b.value)) <= 0.5 * grain * (1 + kRounding);
}

bool AreSameValues(const FinalAnswer& a, const FinalAnswer& b) {
  return IsSameNumber(a.value, b.value) || IsRoundedTo(a, b);
}

Verdict SameIf(bool is_same) {
  return is_same ? Verdict::kSame : Verdict::kDifferent;
}

Verdict CompareAmounts(const FinalAnswer& a, const MeasureUnit& unit_a, const FinalAnswer& b,
                       const MeasureUnit& unit_b) {
  if (unit_a.quantity != unit_b.quantity) return Verdict::kDifferent;
  if (unit_a.factor == unit_b.factor && unit_a.offset == unit_b.offset) {
    return SameIf(AreSameValues(a, b));
  }
  return SameIf(IsSameAmount(ValueOfNumber(a.value), unit_a, ValueOfNumber(b.value), unit_b));
}

/// 50 % is 0.5, and not 50.
bool IsSameRatio(const FinalAnswer& percentage, const FinalAnswer& number) {
  return IsSameNumber(NumberToken(ValueOfNumber(percentage.value) / 100), number.value);
}

bool IsRatio(const std::optional<MeasureUnit>& unit) {
  return unit && unit->quantity == Quantity::kRatio;
}

/// "3x", "5a": a number of something, whatever that is.
bool IsTerm(const FinalAnswer& answer) {
  if (!answer.formula || answer.formula->IsList()) return false;
  const auto& sides = answer.formula->parts.front().sides;
  return sides.size() == 1 && !sides.front().is_constant;
}

std::string_view LastWord(std::string_view unit) {
  unit = unit.substr(0, unit.find_last_not_of(' ') + 1);
  return unit.substr(unit.rfind(' ') + 1);
}

/// n, s, e or w where a unit ends with a direction, "miles north", "degree n"; 0 for others.
char DirectionOf(std::string_view unit) {
  static constexpr std::string_view kDirections[] = {"north", "south", "east", "west"};
  const std::string_view word = LastWord(unit);
  const bool is_letter = word.size() == 1 && unit.find("degree") != kNone;
  const auto* const found =
      std::find_if(std::begin(kDirections), std::end(kDirections), [&](std::string_view direction) {
        return word == direction || (is_letter && word.front() == direction.front());
      });
  return found == std::end(kDirections) ? '\0' : found->front();
}

bool AreDirectionsInConflict(const FinalAnswer& a, const FinalAnswer& b) {
  const char direction = DirectionOf(a.unit), other = DirectionOf(b.unit);
  return direction != '\0' && other != '\0' && direction != other;
}

/// "3x" is not "3"; "3x" and "3 times" are left to their units.
bool IsOneTermAlone(const FinalAnswer& a, const FinalAnswer& b) {
  return (IsTerm(a) && !IsTerm(b) && b.unit.empty()) || (IsTerm(b) && !IsTerm(a) && a.unit.empty());
}

/// "2 kg of salt": the unit of measure before a thing, and the thing.
struct Portion {
  std::optional<MeasureUnit> unit;
  std::string_view thing;
};

Portion PortionOf(std::string_view unit) {
  const std::size_t end = unit.find(' ');
  if (end == kNone || end + 1 == unit.size()) return {};
  return {FindMeasureUnit(unit.substr(0, end)), unit.substr(end + 1)};
}

/// Of different units: "1 tsp of salt" and "1 tbsp of salt" are compared, 5 apples and 5 pears are
/// left to their words.
Verdict ComparePortions(const FinalAnswer& a, const FinalAnswer& b) {
  const Portion portion_a = PortionOf(a.unit), portion_b = PortionOf(b.unit);
  const bool are_of_one = portion_a.unit && portion_b.unit && portion_a.thing == portion_b.thing;
  if (are_of_one) return CompareAmounts(a, *portion_a.unit, b, *portion_b.unit);
  if (!AreSameValues(a, b)) return Verdict::kDifferent;
  return AreUnitsInConflict(a.unit, b.unit) ? Verdict::kUnknown : Verdict::kSame;
}

Verdict CompareNumbers(const FinalAnswer& a, const FinalAnswer& b) {
  if (IsOneTermAlone(a, b) || AreDirectionsInConflict(a, b)) return Verdict::kDifferent;
  if (IsTerm(a) && IsTerm(b)) return Verdict::kUnknown;  // their letters may mean the same
  const auto unit_a = FindMeasureUnit(a.unit), unit_b = FindMeasureUnit(b.unit);
  if (unit_a && unit_b) return CompareAmounts(a, *unit_a, b, *unit_b);
  if (IsRatio(unit_a) && b.unit.empty()) return SameIf(IsSameRatio(a, b));
  if (IsRatio(unit_b) && a.unit.empty()) return SameIf(IsSameRatio(b, a));
  return ComparePortions(a, b);
}

/// Letters before different names, "A. Einstein" and "A. Lincoln", may be no letters of options.
Verdict CompareChoices(const FinalAnswer& a, const FinalAnswer& b) {
  if (a.value != b.value) return Verdict::kDifferent;
  const bool may_be_names = a.option.find(b.option) == kNone && b.option.find(a.option) == kNone;
  return may_be_names ? Verdict::kUnknown : Verdict::kSame;
}

/// "1974" and "??74", and what is not said, may be the same.
bool IsSamePart(std::string_view a, std::string_view b) {
  if (a == b || a == "?" || b == "?") return true;
  const bool is_short = a.starts_with("??") || b.starts_with("??");
  return is_short && a.size() == b.size() && a.substr(2) == b.substr(2);
}

/// "1945-09-02" and "1945-09-?" agree as far as the second goes: their words decide.
Verdict CompareReadings(std::string_view a, std::string_view b) {
  Verdict verdict = Verdict::kSame;
  while (!a.empty() && !b.empty()) {
    const std::string_view part_a = a.substr(0, a.find('-')), part_b = b.substr(0, b.find('-'));
    if (!IsSamePart(part_a, part_b)) return Verdict::kDifferent;
    if ((part_a == "?") != (part_b == "?")) verdict = Verdict::kUnknown;
    a.remove_prefix(std::min(part_a.size() + 1, a.size()));
    b.remove_prefix(std::min(part_b.size() + 1, b.size()));
  }
  return verdict;
}

/// Of dates that may be read in two ways, different are those of which no readings are the same.
Verdict CompareDates(std::string_view a, std::string_view b) {
  if (a == b) return Verdict::kSame;
  const bool is_certain = a.find('|') == kNone && b.find('|') == kNone;
  if (is_certain) return CompareReadings(a, b);
  for (std::string_view rest_a = a; !rest_a.empty();) {
    const std::string_view one_a = rest_a.substr(0, rest_a.find('|'));
    rest_a.remove_prefix(std::min(one_a.size() + 1, rest_a.size()));
    for (std::string_view rest_b = b; !rest_b.empty();) {
      const std::string_view one_b = rest_b.substr(0, rest_b.find('|'));
      rest_b.remove_prefix(std::min(one_b.size() + 1, rest_b.size()));
      if (CompareReadings(one_a, one_b) != Verdict::kDifferent) return Verdict::kUnknown;
    }
  }
  return Verdict::kDifferent;
}

/// "?10:30" is 10:30, or may be 22:30.
Verdict CompareTimes(std::string_view a, std::string_view b) {
  const bool is_open_a = a.starts_with('?'), is_open_b = b.starts_with('?');
  if (is_open_a) a.remove_prefix(1);
  if (is_open_b) b.remove_prefix(1);
  if (a == b) return Verdict::kSame;
  const auto hour = [](std::string_view time) { return (time[0] - '0') * 10 + (time[1] - '0'); };
  const bool may_be_same = (is_open_a || is_open_b) && hour(a) % 12 == hour(b) % 12;
  return may_be_same && a.substr(2) == b.substr(2) ? Verdict::kUnknown : Verdict::kDifferent;
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
    case FinalType::kTime:
      return "time";
    case FinalType::kFormula:
      return "formula";
    case FinalType::kNone:
    case FinalType::kText:
      return "";
  }
  return "";
}

namespace {

/// "2 and 3" is not "2".
bool IsListOfNumbers(const FinalAnswer& answer) {
  if (!answer.formula || !answer.formula->IsList()) return false;
  const auto& parts = answer.formula->parts;
  return std::all_of(parts.begin(), parts.end(), [](const Relations& part) {
    return part.sides.size() <= 2 && part.sides.back().is_constant;
  });
}

Verdict CompareByFormulas(const FinalAnswer& a, const FinalAnswer& b) {
  if (!a.formula || !b.formula) return Verdict::kUnknown;
  switch (CompareFormulas(*a.formula, *b.formula)) {
    case Likening::kSame:
      return Verdict::kSame;
    case Likening::kDifferent:
      return Verdict::kDifferent;
    case Likening::kUnknown:
      break;
  }
  return Verdict::kUnknown;
}

/// A time of day is no amount of anything: "5 am" and "5 m".
Verdict CompareAcrossTypes(const FinalAnswer& a, const FinalAnswer& b) {
  const bool has_number = a.type == FinalType::kNumber || b.type == FinalType::kNumber;
  if (has_number && IsListOfNumbers(a) != IsListOfNumbers(b)) return Verdict::kDifferent;
  const FinalAnswer& number = a.type == FinalType::kNumber ? a : b;
  const FinalAnswer& time = a.type == FinalType::kNumber ? b : a;
  const bool is_known = number.type == FinalType::kNumber && time.type == FinalType::kTime &&
                        FindMeasureUnit(number.unit);
  return is_known ? Verdict::kDifferent : Verdict::kUnknown;
}

}  // namespace

Verdict CompareFinals(const FinalAnswer& a, const FinalAnswer& b) {
  const Verdict by_formulas = CompareByFormulas(a, b);
  if (by_formulas != Verdict::kUnknown) return by_formulas;
  if (a.type != b.type) return CompareAcrossTypes(a, b);
  if (!IsComparable(a.type) || a.type == FinalType::kFormula) return Verdict::kUnknown;
  if (AreInConflict(a.relation, b.relation)) return Verdict::kDifferent;
  if (a.type == FinalType::kChoice) return CompareChoices(a, b);
  if (a.type == FinalType::kNumber) return CompareNumbers(a, b);
  if (a.type == FinalType::kDate) return CompareDates(a.value, b.value);
  if (a.type == FinalType::kTime) return CompareTimes(a.value, b.value);
  return a.value == b.value ? Verdict::kSame : Verdict::kDifferent;
}

double ValueOfNumber(std::string_view number_token) {
  double value = 0;
  std::from_chars(number_token.data() + 1, number_token.data() + number_token.size(), value);
  return value;
}

bool IsSameNumber(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto decimals_a = CountDecimals(a);
  const auto decimals_b = CountDecimals(b);
  if (!decimals_a || !decimals_b) return false;
  constexpr double kRounding =
      1e-9;  // of binary fractions: 3.145 is within half a hundredth of 3.14
  const double half_unit = 0.5 * std::pow(10.0, -std::min(*decimals_a, *decimals_b));
  return std::abs(ValueOfNumber(a) - ValueOfNumber(b)) <= half_unit * (1 + kRounding);
}

}  // namespace byok
