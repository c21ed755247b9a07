#pragma once

#include <string>
#include <string_view>

#include "consensus/lexicon.hpp"

namespace byok {

/// A short answer as initials in lower case: of a name of several words, or of one word of
/// capitals.
struct Initials {
  std::string letters;          ///< "who", "wwii", "usa"; empty for other answers
  bool is_abbreviated = false;  ///< "WHO", "WW2", "U.S."
};

/// "World Health Organization" and "the WHO" have the same. `folded` is the answer.
Initials ReadInitials(std::string_view folded, Lexicon& lexicon);

/// Whether one is the abbreviation of the other, or both are the same: "UK" and "U.K.".
bool IsInitialismOf(const Initials& a, const Initials& b);

}  // namespace byok
