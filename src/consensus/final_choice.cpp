#include "consensus/final_choice.hpp"

#include <algorithm>
#include <iterator>

#include "consensus/code_points.hpp"
#include "consensus/fold.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

void SkipAny(std::string_view characters, std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

char ToUpper(char c) {
  return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool BeginsWithWord(std::string_view text, std::string_view low_word) {
  if (text.size() < low_word.size()) return false;
  const bool is_equal = std::equal(low_word.begin(), low_word.end(), text.begin(),
                                   [](char a, char b) { return a == ToAsciiLower(b); });
  return is_equal && (text.size() == low_word.size() || !IsAsciiLetter(text[low_word.size()]));
}

template <std::size_t kSize>
bool BeginsWithAny(std::string_view text, const std::string_view (&low_words)[kSize]) {
  return std::any_of(std::begin(low_words), std::end(low_words),
                     [text](std::string_view word) { return BeginsWithWord(text, word); });
}

/// "option B", "choice: B".
void SkipName(std::string_view& span) {
  for (const std::string_view name : {"option", "choice", "letter", "opcion"}) {
    if (!BeginsWithWord(span, name)) continue;
    span.remove_prefix(name.size());
    return SkipAny(" :*", span);
  }
}

/// A letter, and what stands behind it.
struct Letter {
  char letter = 'A';
  bool is_bracketed = false;  // "(B)"
  bool is_small = false;
  std::string_view rest;
};

std::optional<Letter> ReadLetter(std::string_view span) {
  SkipName(span);
  Letter read;
  read.is_bracketed = span.starts_with('(') || span.starts_with('[');
  if (read.is_bracketed) span.remove_prefix(1);
  SkipAny("* ", span);
  if (span.empty() || !IsChoiceLetter(ToUpper(span.front()))) return {};
  read.letter = ToUpper(span.front());
  read.is_small = read.letter != span.front();
  span.remove_prefix(1);
  SkipAny("*", span);
  const bool closes = span.starts_with(')') || span.starts_with(']');
  if (read.is_bracketed && !closes) return {};
  read.rest = span;
  return read;
}

/// "J. K. Rowling": the first of two initials.
bool IsInitial(std::string_view rest) {
  if (!rest.starts_with('.')) return false;
  rest.remove_prefix(1);
  SkipAny(" ", rest);
  return rest.size() >= 2 && IsAsciiLetter(rest[0]) && rest[1] == '.';
}

/// What stands behind "B. ": of an option, or of a name, as "B. Russell".
std::string OptionIn(std::string_view rest) {
  if (!rest.starts_with(". ")) return "";
  SkipAny(". *", rest);
  return ToAsciiLower(rest);
}

/// ", because …", " since …", but not ", B and C". Behind a bare A only what is said of no noun: "A
/// for loop" and "A due date" are no letters.
bool GivesReason(const Letter& read) {
  static constexpr std::string_view kReasons[] = {"since", "as", "due", "for"};
  static constexpr std::string_view kBecause[] = {"because", "porque"};
  std::string_view rest = read.rest;
  const bool may_be_article = read.letter == 'A' && rest.starts_with(' ');
  SkipAny(", -*", rest);
  return BeginsWithAny(rest, kBecause) || (!may_be_article && BeginsWithAny(rest, kReasons));
}

FinalAnswer Choice(char letter) {
  return FinalAnswer{FinalType::kChoice, std::string(1, letter), ""};
}

/// " is right", " - Paris", ", …": what may follow a letter where letters are asked for.
bool FollowsLetter(std::string_view rest) {
  static constexpr std::string_view kVerbs[] = {"is", "would", "seems"};
  if (rest.empty() || std::string_view(").:]").find(rest.front()) != kNone) return true;
  const bool is_list = rest.size() > 2 && rest.front() == ',' && IsChoiceLetter(rest[2]) &&
                       (rest.size() == 3 || !IsAsciiLetter(rest[3]));
  if (rest.front() == ',') return !is_list;
  if (rest.front() == '\n' || rest.starts_with(" - ") || rest.starts_with(" (")) return true;
  SkipAny(" ", rest);
  return BeginsWithAny(rest, kVerbs);
}

}  // namespace

std::optional<FinalAnswer> AsChoice(std::string_view span) {
  const auto read = ReadLetter(span);
  if (!read || (read->is_small && !read->is_bracketed) || IsInitial(read->rest)) return {};
  const bool ends =
      read->rest.empty() || std::string_view(")].:").find(read->rest.front()) != kNone;
  if (!ends && !GivesReason(*read)) return {};
  FinalAnswer choice = Choice(read->letter);
  choice.option = OptionIn(read->rest);
  return choice;
}

std::optional<FinalAnswer> LeadingChoice(std::string_view folded, std::string_view letters) {
  SkipAny(" \t\r\n*_#", folded);
  const auto read = ReadLetter(folded);
  if (!read) return {};
  const bool is_option = letters.find(read->letter) != kNone;
  if (read->is_small && !read->is_bracketed) {
    return is_option && read->rest.empty() ? std::optional(Choice(read->letter)) : std::nullopt;
  }
  if (read->is_bracketed) return Choice(read->letter);
  if (is_option && FollowsLetter(read->rest)) return Choice(read->letter);
  const bool is_pronoun = read->letter == 'I';
  const bool is_told = read->rest.starts_with(") ") || GivesReason(*read);
  return is_told && !is_pronoun ? std::optional(Choice(read->letter)) : std::nullopt;
}

std::optional<char> OnlyBracketedLetter(std::string_view text) {
  constexpr std::size_t kTail = 160;
  text.remove_prefix(text.size() - std::min(text.size(), kTail));
  std::optional<char> only;
  for (std::size_t at = text.find('('); at != kNone; at = text.find('(', at + 1)) {
    if (at + 2 >= text.size() || text[at + 2] != ')' || !IsChoiceLetter(text[at + 1])) continue;
    if (only && *only != text[at + 1]) return {};
    only = text[at + 1];
  }
  return only;
}

}  // namespace byok
