#include "consensus/proper_name.hpp"

#include "consensus/code_points.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

char CharAt(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

/// Behind the letter, a point and a blank before it or not; `at` when another one stands there.
std::size_t EndOfLetter(std::string_view text, std::size_t at, char letter) {
  std::size_t next = at;
  if (CharAt(text, next) == '.') ++next;
  if (CharAt(text, next) == ' ') ++next;
  const bool is_it = CharAt(text, next) == letter && !IsAsciiLetter(CharAt(text, next + 1));
  return is_it ? next + 1 : at;
}

}  // namespace

std::size_t EndOfCountry(std::string_view text, std::size_t at) {
  if (CharAt(text, at) != 'U') return at;
  const std::size_t states = EndOfLetter(text, at + 1, 'S');
  if (states == at + 1) return at;
  const std::size_t end = EndOfLetter(text, states, 'A');
  return CharAt(text, end) == '.' ? end + 1 : end;
}

std::string_view NameOfStopWord(std::string_view text, const Word& word, std::size_t begin,
                                bool follows_name) {
  if (!word.is_all_capital) return {};
  for (const auto& [stop, name] : words::kAcronyms) {
    if (word.text == stop) return name;
  }
  const char next = CharAt(text, word.end);
  const bool is_initial = next == '.' || next == '\'';  // "Harry S. Truman"
  if (word.letters != 1 || is_initial || word.text == "i" || !follows_name) return {};
  const bool is_title = word.text == "a" && next == ' ';  // "Once Upon A Time"
  return is_title ? std::string_view() : text.substr(begin, word.end - begin);
}

}  // namespace byok
