#pragma once

#include <cstddef>
#include <string_view>

#include "consensus/word.hpp"

namespace byok {

/// Behind "U.S.", "U.S.A." or "U S" whose first letter stands at `at`: the points end no sentence.
/// `at` itself when it is none.
std::size_t EndOfCountry(std::string_view text, std::size_t at);

/// The name that a stop word is when it is written so: "US", "WHO", the letter of "Vitamin D".
/// Empty for other words. `begin`: where the word stands in `text`; `follows_name`: one blank
/// behind a word with a capital.
std::string_view NameOfStopWord(std::string_view text, const Word& word, std::size_t begin,
                                bool follows_name);

}  // namespace byok
