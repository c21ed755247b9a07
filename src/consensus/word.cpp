#include "consensus/word.hpp"

#include <algorithm>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

/// The ASCII letters from `at` on, most of every text.
std::string_view AsciiLettersAt(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  return {rest.begin(), std::find_if_not(rest.begin(), rest.end(), IsAsciiLetter)};
}

void NoteAsciiLetters(std::string_view letters, Word& word) {
  if (letters.empty()) return;
  const auto is_capital = [](char c) { return c <= 'Z'; };
  if (word.letters == 0) word.is_first_capital = is_capital(letters.front());
  word.is_all_capital =
      word.is_all_capital && std::all_of(letters.begin(), letters.end(), is_capital);
  word.letters += letters.size();
}

void NoteLetter(char32_t letter, Word& word) {
  const bool is_capital = ToLower(letter) != letter;
  if (word.letters == 0) word.is_first_capital = is_capital;
  word.is_all_capital = word.is_all_capital && is_capital;
  word.is_unspaced = word.is_unspaced || IsOfUnspacedScript(letter);
  ++word.letters;
}

/// The letter, with an apostrophe before it or not, by which a word goes on behind `end`.
struct Continuation {
  char32_t letter = 0;  // none
  bool has_apostrophe = false;
  std::size_t end = 0;
};

Continuation ContinuationAt(std::string_view text, std::size_t end) {
  if (end >= text.size()) return {};
  const bool has_apostrophe = text[end] == '\'';
  const std::size_t next = end + (has_apostrophe ? 1 : 0);
  if (next >= text.size()) return {};
  const CodePoint letter = DecodeAt(text, next);
  if (!IsLetter(letter.value)) return {};
  return {letter.value, has_apostrophe, next + letter.size};
}

}  // namespace

Word ScanWord(std::string_view text, std::string_view low, std::size_t at, std::string& storage) {
  Word word;
  std::string_view letters = AsciiLettersAt(text, at);
  NoteAsciiLetters(letters, word);
  word.end = at + letters.size();
  word.text = low.substr(at, letters.size());
  Continuation next = ContinuationAt(text, word.end);
  if (next.letter == 0) return word;
  storage = word.text;
  while (next.letter != 0) {
    if (next.has_apostrophe) storage += '\'';
    word.has_apostrophe = word.has_apostrophe || next.has_apostrophe;
    NoteLetter(next.letter, word);
    AppendUtf8(ToLower(next.letter), storage);
    letters = AsciiLettersAt(text, next.end);
    NoteAsciiLetters(letters, word);
    storage.append(low.substr(next.end, letters.size()));
    word.end = next.end + letters.size();
    next = ContinuationAt(text, word.end);
  }
  word.text = storage;
  return word;
}

std::string_view WithoutApostrophes(std::string& word) {
  const std::size_t first = word.find('\'');
  const std::string_view ending = std::string_view(word).substr(first + 1);
  for (const std::string_view clitic : {"s", "re", "ve", "ll", "d", "m"}) {
    if (ending == clitic) return std::string_view(word).substr(0, first);
  }
  word.erase(std::remove(word.begin(), word.end(), '\''), word.end());
  return word;
}

}  // namespace byok
