#pragma once

#include <optional>
#include <string_view>

#include "consensus/final_value.hpp"

namespace byok {

/// The letter A to J that a result is: "C", "(c)", "C. red", "option C", "C, because …".
std::optional<FinalAnswer> AsChoice(std::string_view span);

/// The letter that an answer begins with: "(B) Paris", "B, because …". `letters`: those of the
/// question's options, so that "B is right", "B - Paris" and a small letter alone are some, too.
std::optional<FinalAnswer> LeadingChoice(std::string_view folded, std::string_view letters);

/// The X of "(X)" when the end of the text has one such letter and no other.
std::optional<char> OnlyBracketedLetter(std::string_view text);

constexpr bool IsChoiceLetter(char c) {
  return 'A' <= c && c <= 'J';
}

}  // namespace byok
