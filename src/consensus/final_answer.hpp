#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/final_value.hpp"
#include "consensus/lexicon.hpp"

namespace byok {

/// One line "(A) red" of a multiple-choice question.
struct ChoiceOption {
  char letter = 'A';
  Key key;  ///< of its text
};

/// The options of a folded question; none unless it has at least two.
std::vector<ChoiceOption> ReadOptions(std::string_view question, Lexicon& lexicon);

/// `low` is `folded` with ASCII lowered, `key` that of the whole text.
FinalAnswer ReadFinalAnswer(std::string_view folded, std::string_view low, const Key& key,
                            const std::vector<ChoiceOption>& options, Lexicon& lexicon);

}  // namespace byok
