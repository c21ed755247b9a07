#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace byok {

/// A run of letters and of apostrophes between letters, before it is looked up.
struct Word {
  std::string_view text;  ///< in lower case
  std::size_t end = 0;    ///< behind it, in the text it was read from
  std::size_t letters = 0;
  bool is_first_capital = false;
  bool is_all_capital = true;
  bool has_apostrophe = false;
  bool is_unspaced = false;  ///< has a letter of a script without blanks between words

  /// "don't", "can't": the negation is all that counts.
  [[nodiscard]] bool IsNegatedVerb() const {
    return has_apostrophe && text.size() > 3 && text.ends_with("n't");
  }
};

/// The word whose first letter stands at `at`. `low`: the text with ASCII lowered, which keeps the
/// word, or `storage` does.
Word ScanWord(std::string_view text, std::string_view low, std::size_t at, std::string& storage);

/// "paris's" → "paris", "o'clock" → "oclock". Changes the word.
std::string_view WithoutApostrophes(std::string& word);

}  // namespace byok
