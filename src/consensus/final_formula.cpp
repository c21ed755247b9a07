#include "consensus/final_formula.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "consensus/code_points.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/number_text.hpp"

namespace byok {
namespace {

std::string WithoutBlanks(std::string_view text) {
  std::string kept(text);
  std::erase(kept, ' ');
  return kept;
}

/// "√3/2", which is no number in digits, and "ln 2", whose first word is no unit.
bool IsBetterAsNumber(const FinalAnswer& answer, const Formula& formula) {
  return answer.type == FinalType::kText || formula.has_function;
}

/// "5a": a letter that would be a stop word elsewhere.
bool EndsWithGluedLetter(std::string_view plain) {
  return plain.size() >= 2 && IsAsciiLetter(plain.back()) && IsAsciiDigit(plain[plain.size() - 2]);
}

/// Whether the letters are a unit: "5m", "v = 25 m/s", but not of "O(n)" and "2^n".
bool IsAmount(std::string_view plain, const FinalAnswer& answer) {
  if (answer.unit.empty()) return !EndsWithGluedLetter(plain);
  const std::size_t power = plain.find('^');
  const bool is_power =
      power != std::string_view::npos && power > 0 && IsAsciiDigit(plain[power - 1]);
  return FindMeasureUnit(answer.unit) && !is_power &&
         plain.find_first_of("(+") == std::string_view::npos;
}

/// "x < 2" and "2x" are numbers of x; "5 m" is an amount, and "(1,2)" is no 1.2.
void AddToNumber(std::string_view plain, Formula formula, FinalAnswer& answer) {
  if (formula.opening != '\0') {
    answer = {FinalType::kFormula, WithoutBlanks(plain), ""};
    answer.formula = std::move(formula);
  } else if (formula.has_letter && !IsAmount(plain, answer)) {
    answer.formula = std::move(formula);
  }
}

}  // namespace

void TakeAsFormula(std::string_view plain, FinalAnswer& answer) {
  if (answer.type != FinalType::kText && answer.type != FinalType::kNumber) return;
  auto formula = ReadFormula(plain);
  if (!formula) return;
  const auto constant = ConstantOf(*formula);
  if (constant && IsBetterAsNumber(answer, *formula)) {
    answer = {FinalType::kNumber, NumberToken(*constant), ""};
  } else if (answer.type == FinalType::kNumber) {
    AddToNumber(plain, *std::move(formula), answer);
  } else {
    answer = {FinalType::kFormula, WithoutBlanks(plain), ""};
    answer.formula = std::move(formula);
  }
}

}  // namespace byok
