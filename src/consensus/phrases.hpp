#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace byok {

/// The text with bars in place of what stands in quotation marks or title marks; the text itself
/// when nothing else is said. `folded`: its quotes are straight.
std::string WithoutQuotations(std::string_view folded);

/// The words of a folded text in lower case, a blank before and behind each, a bar where
/// a sentence or a part of one ends: " i'm sorry | goodbye ".
std::string WordsOf(std::string_view folded);

/// Phrases that are looked for as whole words; in scripts without blanks, as parts of the text.
class PhraseList {
 public:
  /// The phrases as WordsOf has them, without the outer blanks. The list keeps views of them.
  explicit PhraseList(std::span<const std::string_view> phrases);
  /// `words`: of WordsOf.
  [[nodiscard]] bool IsIn(std::string_view words) const;

 private:
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_first_word_;
  std::vector<std::string_view> unspaced_;
};

}  // namespace byok
