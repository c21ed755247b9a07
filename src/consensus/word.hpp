#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace byok {

/// A run of letters and of apostrophes between letters, before it is looked up.
struct Word {
  std::string text;     ///< in lower case
  std::size_t end = 0;  ///< behind it, in the text it was read from
  std::size_t letters = 0;
  bool is_first_capital = false;
  bool is_all_capital = true;
  bool has_apostrophe = false;
  bool is_unspaced = false;  ///< has a letter of a script without blanks between words

  /// "don't", "can't": the negation is all that counts.
  [[nodiscard]] bool IsNegatedVerb() const { return text.size() > 3 && text.ends_with("n't"); }
};

/// The word whose first letter stands at `at`.
Word ScanWord(std::string_view text, std::size_t at);

/// "paris's" → "paris", "o'clock" → "oclock".
void DropApostrophes(std::string& word);

}  // namespace byok
