#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace byok {

/// What an expression is worth where its letters have some values, the same for all formulas.
/// Expressions that are worth the same there are the same: "(x+1)(x+2)" and "x^2+3x+2".
using Worth = std::array<double, 3>;

/// An expression, or some with relations between them: "x^2 - 1", "y = 2x + 3", "-2 < x <= 5".
struct Relations {
  struct Side {
    Worth worth{};
    bool is_name = false;      ///< a letter alone, or "f(x)"
    bool is_function = false;  ///< "y" or "f(x)", whose name says nothing
    bool is_constant = false;  ///< has no letters
  };
  std::vector<Side> sides;
  std::vector<std::string_view> signs;  ///< between them: "=", "<", "<=" or "!="; ">" is turned
};

/// One or several, "x = 2 or x = 3", "(1, -2)", "[0, 1)".
struct Formula {
  std::vector<Relations> parts;
  char opening = '\0', closing = '\0';  ///< brackets around a list
  bool has_letter = false;
  bool has_function = false;  ///< "sin", "√", "e"

  [[nodiscard]] bool IsList() const { return parts.size() > 1; }
};

/// The formula that a text (plain_result.hpp) is; nothing for one with words in it, a plain number,
/// a range, or a name as "H2O" and "F-16".
std::optional<Formula> ReadFormula(std::string_view plain);

/// The value of one that has no letters, of "48 + 24 = 72" the last; nothing for others.
std::optional<double> ConstantOf(const Formula& formula);

enum class Likening { kSame, kDifferent, kUnknown };
/// Symmetric.
Likening CompareFormulas(const Formula& a, const Formula& b);

}  // namespace byok
