#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace byok {

/// Where a text states its result.
struct FinalSpan {
  std::string text;
  bool is_whole = false;  ///< the text is so short that all of it is the result
};

/// The part that states the result: the last \boxed{…}; else what follows the last "####", "A:" at
/// the beginning of a line or cue ("the answer is …"); else a text of at most 24 characters.
/// Nothing in a longer text without a cue. `low` is `folded` with ASCII lowered.
std::optional<FinalSpan> FindFinalSpan(std::string_view folded, std::string_view low);

}  // namespace byok
