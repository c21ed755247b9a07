#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace byok {

/// A sign that belongs to a word of a short answer, and that its words do not have.
struct Mark {
  std::string word;      ///< in lower case; empty: none stands before it; blank: the whole text
  std::string sign;      ///< "++", "#", "<", "€", "^2"; of the whole text: "h2o"
  bool is_soft = false;  ///< others leave it out: "F-16" and "F16", "$5 to 6" and "5 to 6"
};

/// The signs of a short text that say something: "C++", "O-", "x<2", "€", the letter of "Vitamin
/// C", and how one word with digits or joints inside is written. Hyphens inside of words, bullets,
/// arrows and emphasis say nothing.
std::vector<Mark> ReadMarks(std::string_view text);

/// Whether one word has different signs: "O+" and "O-". Between texts of the same words, "C" and
/// "C++", a sign against none counts, too. Symmetric.
bool AreMarksInConflict(const std::vector<Mark>& a, const std::vector<Mark>& b,
                        bool are_same_words);

}  // namespace byok
