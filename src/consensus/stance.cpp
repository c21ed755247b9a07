#include "consensus/stance.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "consensus/code_points.hpp"
#include "consensus/phrases.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

constexpr std::size_t kRefusalWithin = 250;  // bytes
constexpr std::size_t kRefusalBelow = 800;   // a longer text says more than that it declines

/// How a text declines to answer.
struct Declining {
  bool refuses = false, doubts = false;

  [[nodiscard]] bool SaysNothing() const { return !refuses && !doubts; }
};

Declining ReadBeginning(std::string_view text) {
  static const PhraseList kRefusals(words::kRefusals), kDoubts(words::kDoubts);
  const std::string words = WordsOf(text.substr(0, kRefusalWithin));
  return {kRefusals.IsIn(words), kDoubts.IsIn(words)};
}

/// Whether the text then says something after all.
bool GoesOn(std::string_view text, const Declining& declining) {
  static const PhraseList kHedges(words::kHedges), kGuesses(words::kGuesses);
  const std::string words = WordsOf(text);
  return kHedges.IsIn(words) || (!declining.refuses && kGuesses.IsIn(words));
}

/// Without what stands before the first letter or digit.
std::string_view FromFirstWord(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && !IsAsciiDigit(text[at])) {
    const CodePoint character = DecodeAt(text, at);
    if (IsLetter(character.value)) break;
    at += character.size;
  }
  return text.substr(at);
}

/// Whether the text begins with one of the words and a mark or the end after it.
template <std::size_t kSize>
bool LeadsWith(std::string_view text, const std::string_view (&words)[kSize]) {
  static constexpr std::string_view kMarks = ",.!;:-)*\n";
  return std::any_of(std::begin(words), std::end(words), [text](std::string_view word) {
    if (!text.starts_with(word)) return false;
    return text.size() == word.size() || kMarks.find(text[word.size()]) != std::string_view::npos;
  });
}

}  // namespace

AnswerStatus StatusOfText(std::string_view low) {
  if (low.size() >= kRefusalBelow) return AnswerStatus::kUsable;
  // Most texts have none of the phrases: quotations are looked for in the others only.
  if (ReadBeginning(low).SaysNothing()) return AnswerStatus::kUsable;
  const std::string said = WithoutQuotations(low);
  const Declining declining = ReadBeginning(said);
  if (declining.SaysNothing()) return AnswerStatus::kUsable;
  return GoesOn(said, declining) ? AnswerStatus::kHedged : AnswerStatus::kRefused;
}

int LeadingYesNo(std::string_view low) {
  std::string_view text = FromFirstWord(low);
  if (text.starts_with("a:")) {
    text.remove_prefix(2);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  if (LeadsWith(text, words::kYes)) return 1;
  return LeadsWith(text, words::kNo) ? -1 : 0;
}

}  // namespace byok
