#include "consensus/word.hpp"

#include <algorithm>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

void AppendLetter(char32_t letter, Word& word) {
  const char32_t low = ToLower(letter);
  const bool is_capital = low != letter;
  if (word.letters == 0) word.is_first_capital = is_capital;
  word.is_all_capital = word.is_all_capital && is_capital;
  word.is_unspaced = word.is_unspaced || IsOfUnspacedScript(letter);
  ++word.letters;
  AppendUtf8(low, word.text);
}

/// Takes the ASCII letters from `at` on, most of every text, and says where they end.
std::size_t TakeAsciiLetters(std::string_view text, std::size_t at, Word& word) {
  const std::size_t begin = at;
  bool is_all_capital = true;
  for (; at < text.size() && IsAsciiLetter(text[at]); ++at) {
    const char low = ToAsciiLower(text[at]);
    is_all_capital = is_all_capital && low != text[at];
    word.text += low;
  }
  if (at == begin) return at;
  if (word.letters == 0) word.is_first_capital = ToAsciiLower(text[begin]) != text[begin];
  word.is_all_capital = word.is_all_capital && is_all_capital;
  word.letters += at - begin;
  return at;
}

}  // namespace

Word ScanWord(std::string_view text, std::size_t at) {
  Word word;
  for (word.end = at; word.end < text.size();) {
    word.end = TakeAsciiLetters(text, word.end, word);
    if (word.end >= text.size()) break;
    const bool is_apostrophe = text[word.end] == '\'' && word.letters > 0;
    const std::size_t next = word.end + (is_apostrophe ? 1 : 0);
    if (next >= text.size()) break;
    const CodePoint letter = DecodeAt(text, next);
    if (!IsLetter(letter.value)) break;
    if (is_apostrophe) word.text += '\'';
    word.has_apostrophe = word.has_apostrophe || is_apostrophe;
    AppendLetter(letter.value, word);
    word.end = next + letter.size;
  }
  return word;
}

void DropApostrophes(std::string& word) {
  const std::size_t first = word.find('\'');
  const std::string_view ending = std::string_view(word).substr(first + 1);
  for (const std::string_view clitic : {"s", "re", "ve", "ll", "d", "m"}) {
    if (ending == clitic) return word.resize(first);
  }
  word.erase(std::remove(word.begin(), word.end(), '\''), word.end());
}

}  // namespace byok
