#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "consensus/lexicon.hpp"

namespace byok {

struct Token {
  TokenId id = 0;
  std::uint32_t sentence = 0;  ///< grows along the text, may skip values
  bool is_capital = false;     ///< written like a name: not only because a sentence begins here
  bool is_upper = false;       ///< begins with a capital, for whatever reason
};

/// Of one text; the rest of the text is not read.
constexpr std::size_t kMaxTokensOfText = 4'000;

/// The words and numbers of a folded text (docs/consensus.md has the rules). Every spelling of a
/// number becomes one token: "3.5M", "3,500,000" and "three million five hundred thousand" are all
/// "#3500000". Words are in lower case, without possessives, aliases replaced.
std::vector<Token> Tokenize(std::string_view folded, Lexicon& lexicon);
/// The same of a text whose lower case is known: `low` is `folded` with ASCII lowered.
std::vector<Token> Tokenize(std::string_view folded, std::string_view low, Lexicon& lexicon);

Key KeyOf(const std::vector<Token>& tokens);

}  // namespace byok
