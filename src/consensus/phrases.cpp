#include "consensus/phrases.hpp"

#include <algorithm>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr char kBreak = '|';  // no phrase goes over it

bool IsWordCharacter(char32_t character) {
  return IsLetter(character) || (U'0' <= character && character <= U'9');
}
bool HasWordCharacterAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsWordCharacter(DecodeAt(text, at).value);
}
bool HasWordCharacterBefore(std::string_view text, std::size_t at) {
  return at > 0 && IsWordCharacter(DecodeBefore(text, at).value);
}
/// "don't", "d'accord"
bool IsApostrophe(std::string_view text, std::size_t at) {
  return text[at] == '\'' && HasWordCharacterBefore(text, at) && HasWordCharacterAt(text, at + 1);
}

// --- quotations --------------------------------------------------------------------------------

/// Behind the single quotes that begin at `at`: at a word, not inside of one.
std::size_t EndOfSingleQuotes(std::string_view text, std::size_t at) {
  if (HasWordCharacterBefore(text, at) || !HasWordCharacterAt(text, at + 1)) return kNone;
  for (std::size_t end = text.find('\'', at + 1); end != kNone; end = text.find('\'', end + 1)) {
    if (!IsApostrophe(text, end)) return end + 1;
  }
  return kNone;
}

/// Behind the quotation that begins at `at`; kNone when none does, or when it does not end.
std::size_t EndOfQuotation(std::string_view text, std::size_t at) {
  struct Marks {
    std::string_view open, close;
  };
  static constexpr Marks kMarks[] = {
      {"\"", "\""}, {"「", "」"}, {"『", "』"}, {"《", "》"}, {"„", "\""}};
  if (text[at] == '\'') return EndOfSingleQuotes(text, at);
  if (text[at] != '"' && IsAscii(text[at])) return kNone;
  for (const auto& [open, close] : kMarks) {
    if (!text.substr(at).starts_with(open)) continue;
    const std::size_t end = text.find(close, at + open.size());
    return end == kNone ? kNone : end + close.size();
  }
  return kNone;
}

bool HasWord(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at += DecodeAt(text, at).size) {
    if (HasWordCharacterAt(text, at)) return true;
  }
  return false;
}

/// Ends the word; ends the phrase where a sentence or a part of one may end.
void AppendMark(char mark, std::string& words) {
  static constexpr std::string_view kBreaks = ".!?;:|";
  if (words.back() != ' ') words += ' ';
  if (kBreaks.find(mark) != kNone && !words.ends_with("| ")) words.append({kBreak, ' '});
}

bool IsUnspaced(std::string_view phrase) {
  for (std::size_t at = 0; at < phrase.size();) {
    const CodePoint character = DecodeAt(phrase, at);
    if (IsOfUnspacedScript(character.value)) return true;
    at += character.size;
  }
  return false;
}

/// Whether a character is far enough from ASCII to be of such a script.
bool MayBeUnspaced(std::string_view words) {
  return std::any_of(words.begin(), words.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
}

std::string_view FirstWord(std::string_view words) {
  return words.substr(0, words.find(' '));
}

}  // namespace

std::string WithoutQuotations(std::string_view folded) {
  std::string rest(folded);
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const std::size_t end = EndOfQuotation(folded, at);
    if (end == kNone) continue;
    std::fill(rest.begin() + static_cast<std::ptrdiff_t>(at),
              rest.begin() + static_cast<std::ptrdiff_t>(end), kBreak);
    at = end - 1;
  }
  return HasWord(rest) ? rest : std::string(folded);
}

std::string WordsOf(std::string_view folded) {
  std::string words = " ";
  for (std::size_t at = 0; at < folded.size();) {
    const CodePoint character = DecodeAt(folded, at);
    if (IsWordCharacter(character.value)) {
      AppendUtf8(ToLower(character.value), words);
    } else if (IsApostrophe(folded, at)) {
      words += '\'';
    } else {
      AppendMark(folded[at], words);
    }
    at += character.size;
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

PhraseList::PhraseList(std::span<const std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (IsUnspaced(phrase)) {
      unspaced_.push_back(phrase);
    } else {
      by_first_word_[FirstWord(phrase)].push_back(phrase);
    }
  }
}

bool PhraseList::IsIn(std::string_view words) const {
  const auto is_part = [words](std::string_view phrase) { return words.find(phrase) != kNone; };
  if (MayBeUnspaced(words) && std::any_of(unspaced_.begin(), unspaced_.end(), is_part)) return true;
  for (std::size_t at = 1; at < words.size(); at += FirstWord(words.substr(at)).size() + 1) {
    const std::string_view rest = words.substr(at);
    const auto found = by_first_word_.find(FirstWord(rest));
    if (found == by_first_word_.end()) continue;
    const auto begins = [rest](std::string_view phrase) {
      return rest.starts_with(phrase) && rest.substr(phrase.size()).starts_with(' ');
    };
    if (std::any_of(found->second.begin(), found->second.end(), begins)) return true;
  }
  return false;
}

}  // namespace byok
