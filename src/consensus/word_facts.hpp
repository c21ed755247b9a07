#pragma once

#include <cstdint>
#include <string_view>

namespace byok {

/// What a word does when numbers are spelled out: "two hundred and twenty-first".
enum class NumberRole : std::uint8_t {
  kNone,
  kCardinal,    ///< two … nineteen, twenty … ninety, zero
  kOrdinal,     ///< first … twentieth, thirtieth
  kMultiplier,  ///< hundred, dozen: multiplies what is being read
  kScale,       ///< thousand, million …: multiplies and closes it
  kOne,
  kArticle,  ///< a
  kAnd,
};

/// What the word lists say about a word.
struct WordFacts {
  bool is_stop = false;
  bool is_negator = false;
  bool is_no = false;  ///< denies a question alone
  NumberRole role = NumberRole::kNone;
  double value = 0;        ///< of a number word
  std::string_view alias;  ///< the word it is read as; empty: itself
};

/// The facts of a folded, lower-case word; those of no list for any other text.
const WordFacts& FactsOf(std::string_view word);

}  // namespace byok
