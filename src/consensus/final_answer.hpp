#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/lexicon.hpp"

namespace byok {

/// One line "(A) red" of a multiple-choice question.
struct ChoiceOption {
  char letter = 'A';
  Key key;  ///< of its text
};

/// The options of a folded question; none unless it has at least two.
std::vector<ChoiceOption> ReadOptions(std::string_view question, Lexicon& lexicon);

enum class FinalType {
  kNone,  ///< the text states no result
  kText,
  kChoice,
  kYesNo,
  kNumber,
};

/// The result a text states. Two results of one type other than kNone and kText can be compared for
/// certain, whatever stands around them.
struct FinalAnswer {
  FinalType type = FinalType::kNone;
  std::string value;  ///< "B", "yes" or "no", "#42"; empty for kNone and kText
  std::string unit;  ///< of a number: its other words, each with a blank behind, without stop words
};

/// `low` is `folded` with ASCII lowered, `key` that of the whole text.
FinalAnswer ReadFinalAnswer(std::string_view folded, std::string_view low, const Key& key,
                            const std::vector<ChoiceOption>& options, Lexicon& lexicon);

/// Whether two number tokens are the same number: 3.14 and 3.14159 are, as far as the shorter goes.
bool IsSameNumber(std::string_view a, std::string_view b);

}  // namespace byok
