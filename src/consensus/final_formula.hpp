#pragma once

#include <string_view>

#include "consensus/final_value.hpp"

namespace byok {

/// Reads a result that was taken for words or for a number as a formula, if it is one: "2x" gets a
/// formula beside its number, "√3/2" and "48 + 24 = 72" become numbers, "(1, 2)" and "x^2 - 1"
/// become formulas. `plain` is of PlainFormula (plain_result.hpp).
void TakeAsFormula(std::string_view plain, FinalAnswer& answer);

}  // namespace byok
