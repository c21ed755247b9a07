#include "consensus/roman_numeral.hpp"

#include <algorithm>
#include <iterator>

namespace byok {

int ReadRomanNumeral(std::string_view word) {
  static constexpr std::string_view kOnes[] = {"",  "i",  "ii",  "iii",  "iv",
                                               "v", "vi", "vii", "viii", "ix"};
  const std::size_t tens = std::min(word.find_first_not_of('x'), word.size());
  constexpr std::size_t kMostTens = 3;
  if (word.empty() || tens > kMostTens) return 0;
  // "ix" begins with no x; "xix" with one.
  const auto* const ones = std::find(std::begin(kOnes), std::end(kOnes), word.substr(tens));
  if (ones == std::end(kOnes)) return 0;
  return static_cast<int>(tens) * 10 + static_cast<int>(ones - std::begin(kOnes));
}

}  // namespace byok
