#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "consensus/final_value.hpp"
#include "consensus/lexicon.hpp"

namespace byok {

/// The one number, date or time that a short text states in a sentence: "The bridge was opened in
/// 1937." Nothing if it states others that the question has not. `novel_numbers`: those of the
/// folded text that are not in the question, sorted by id.
std::optional<FinalAnswer> StatedAmount(std::string_view folded,
                                        const std::vector<TokenId>& novel_numbers,
                                        Lexicon& lexicon);

}  // namespace byok
