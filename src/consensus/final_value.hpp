#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/final_marks.hpp"
#include "consensus/final_relation.hpp"
#include "consensus/formula.hpp"

namespace byok {

enum class FinalType {
  kNone,  ///< the text states no result
  kText,
  kChoice,
  kYesNo,
  kNumber,
  kDate,
  kTime,
  kFormula,
};
std::string_view FinalTypeName(FinalType type);  ///< "choice", "yes_no", "number", "date", "time",
                                                 ///< "formula"; empty for the others

/// Results of these types are compared for certain, whatever stands around them.
constexpr bool IsComparable(FinalType type) {
  return type != FinalType::kNone && type != FinalType::kText;
}

/// The result a text states.
struct FinalAnswer {
  FinalType type = FinalType::kNone;
  /// "B", "yes" or "no", "#42" or "#-42", "1945-09-02" with "?" for what is not said, "22:30",
  /// "2x+3"; empty for kNone and kText.
  std::string value;
  std::string unit;  ///< of a number: its other words, each with a blank behind, without stop words
  Relation relation = Relation::kPlain;  ///< to the number or date
  double grain = 0;  ///< of a number with a scale: its last place, 10⁵ for "3.1 million"; or 0
  std::optional<std::vector<Mark>> marks =
      std::nullopt;  ///< the signs of a short result; nothing: not read
  /// Of a letter, where no options are known: what stands behind "B. ", in lower case.
  std::string option = {};
  /// Of a formula, and of a number with letters that may be one: "2x", "x < 5".
  std::optional<Formula> formula = std::nullopt;
};

enum class Verdict { kSame, kDifferent, kUnknown };
/// What two results alone say about their answers; kUnknown leaves it to the words.
Verdict CompareFinals(const FinalAnswer& a, const FinalAnswer& b);

/// What the token of a number says.
double ValueOfNumber(std::string_view number_token);

/// Whether two number tokens are the same number: 3.14 and 3.14159 are, as far as the shorter goes.
bool IsSameNumber(std::string_view a, std::string_view b);

}  // namespace byok
