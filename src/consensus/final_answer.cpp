#include "consensus/final_answer.hpp"

#include <algorithm>

#include "consensus/calendar_date.hpp"
#include "consensus/code_points.hpp"
#include "consensus/final_span.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/tokens.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool IsChoiceLetter(char c) {
  return 'A' <= c && c <= 'J';
}

void SkipAny(std::string_view characters, std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

bool SkipOneOf(std::string_view characters, std::string_view& text) {
  if (text.empty() || characters.find(text.front()) == kNone) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<ChoiceOption> ReadOption(std::string_view line, Lexicon& lexicon) {
  SkipAny(" *-", line);
  const bool is_bracketed = SkipOneOf("(", line);
  if (line.empty() || !IsChoiceLetter(line.front())) return {};
  const char letter = line.front();
  line.remove_prefix(1);
  if (!SkipOneOf(is_bracketed ? ")" : ").:", line) || !SkipOneOf(" ", line)) return {};
  Key key = KeyOf(Tokenize(line, lexicon));
  if (key.empty()) return {};
  return ChoiceOption{letter, std::move(key)};
}

// --- the types of a span -----------------------------------------------------------------------

std::string_view Strip(std::string_view span) {
  SkipAny(" \t*$_`\"'", span);
  return span.substr(0, span.find_last_not_of(" \t*$_`\"'.") + 1);
}

/// "C", "(C) red", "**C**", "C. red".
std::optional<FinalAnswer> AsChoice(std::string_view span) {
  const bool is_bracketed = SkipOneOf("([", span);
  SkipAny("* ", span);
  if (span.empty() || !IsChoiceLetter(span.front())) return {};
  const std::string letter(1, span.front());
  span.remove_prefix(1);
  SkipAny("*", span);
  if (!span.empty() && !SkipOneOf(is_bracketed ? ")]" : ")].:", span)) return {};
  return FinalAnswer{FinalType::kChoice, letter, ""};
}

bool BeginsWith(std::string_view text, std::string_view low_word) {
  return text.size() >= low_word.size() &&
         std::equal(low_word.begin(), low_word.end(), text.begin(),
                    [](char a, char b) { return a == ToAsciiLower(b); });
}

/// A word for yes or no in any language, and at most a full stop.
template <std::size_t kSize>
bool IsOneOf(std::string_view text, const std::string_view (&list)[kSize]) {
  return std::any_of(std::begin(list), std::end(list), [text](std::string_view word) {
    return text.size() <= word.size() + 1 && BeginsWith(text, word);
  });
}

std::optional<FinalAnswer> AsYesNo(std::string_view span, bool is_whole) {
  struct Word {
    std::string_view word, value;
  };
  constexpr Word kWords[] = {{"yes", "yes"}, {"true", "yes"}, {"no", "no"}, {"false", "no"}};
  for (const auto& [word, value] : kWords) {
    if (!BeginsWith(span, word)) continue;
    const std::string_view rest = span.substr(word.size());
    if (!rest.empty() && IsAsciiLetter(rest.front())) continue;
    if (is_whole && rest.size() > 1) continue;
    return FinalAnswer{FinalType::kYesNo, std::string(value), ""};
  }
  if (IsOneOf(span, words::kYes)) return FinalAnswer{FinalType::kYesNo, "yes", ""};
  if (IsOneOf(span, words::kNo)) return FinalAnswer{FinalType::kYesNo, "no", ""};
  return {};
}

/// Whether a minus stands right before the first digit: "-5", "-$5", but not "3-5".
bool HasMinusSign(std::string_view span) {
  const std::size_t digit = span.find_first_of("0123456789");
  if (digit == kNone) return false;
  const std::size_t sign = span.substr(0, digit).find_last_not_of(" .$");
  if (sign == kNone || span[sign] != '-') return false;
  return sign == 0 || !(IsAsciiDigit(span[sign - 1]) || IsAsciiLetter(span[sign - 1]) ||
                        !IsAscii(span[sign - 1]));
}

/// A number being read from a span, with the words around it.
struct SpanNumber {
  std::string_view token;  // empty: none yet
  std::string unit;
  bool is_negative = false;

  /// False when the word makes it more than one number.
  bool Take(const Lexicon::Entry& word) {
    if (word.is_number()) {
      if (!token.empty()) return false;
      token = word.text;
    } else if (word.text == "minus" || word.text == "negative") {
      is_negative = true;
    } else if (!word.facts.is_stop || FindMeasureUnit(word.text)) {
      unit.append(word.text).append(" ");
    }
    return true;
  }
};

/// "a litre": one of the unit.
bool IsOneUnit(const Key& key, const Lexicon& lexicon) {
  if (key.size() != 2 || !FindMeasureUnit(lexicon[key[1]].text)) return false;
  const std::string_view article = lexicon[key[0]].text;
  return article == "a" || article == "an" || article == "one";
}

std::optional<FinalAnswer> AsNumber(std::string_view span, const Key& key, const Lexicon& lexicon) {
  constexpr std::size_t kMaxWords = 8;
  if (key.size() > kMaxWords) return {};
  SpanNumber number;
  for (const TokenId id : key) {
    if (!number.Take(lexicon[id])) return {};
  }
  if (number.token.empty() && IsOneUnit(key, lexicon)) number.token = "#1";
  if (number.token.empty()) return {};
  const bool is_negative = number.is_negative || HasMinusSign(span);
  std::string value = (is_negative ? "#-" : "#") + std::string(number.token.substr(1));
  return FinalAnswer{FinalType::kNumber, std::move(value), std::move(number.unit)};
}

std::optional<FinalAnswer> AsDate(const Key& key, const Lexicon& lexicon) {
  auto date = ReadCalendarDate(key, lexicon);
  if (!date) return {};
  return FinalAnswer{FinalType::kDate, *std::move(date), ""};
}

/// A span's type, and its words when they are compared with the options.
struct TypedSpan {
  FinalAnswer answer;
  Key key;
};

TypedSpan ReadSpan(const FinalSpan& span, Lexicon& lexicon) {
  const std::string_view text = Strip(span.text);
  if (text.empty()) return {};
  if (auto choice = AsChoice(text)) return {*std::move(choice), {}};
  if (auto yes_no = AsYesNo(text, span.is_whole)) return {*std::move(yes_no), {}};
  Key key = KeyOf(Tokenize(text, lexicon));
  if (auto date = AsDate(key, lexicon)) return {*std::move(date), {}};
  if (auto number = AsNumber(text, key, lexicon)) return {*std::move(number), {}};
  return {{FinalType::kText, "", ""}, std::move(key)};
}

// --- the letter of an answer that states no letter
// -------------------------------------------------

/// The X of "(X)" when the end of the text has one such letter and no other.
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

std::optional<char> ChosenOption(const std::vector<ChoiceOption>& options, const Key& answer,
                                 const Key& span, std::string_view folded) {
  // Of options that read alike (128 and -128 do), version 1 takes the last.
  const auto option = std::find_if(options.rbegin(), options.rend(), [&](const ChoiceOption& o) {
    return o.key == answer || o.key == span;
  });
  return option != options.rend() ? std::optional(option->letter) : OnlyBracketedLetter(folded);
}

}  // namespace

std::vector<ChoiceOption> ReadOptions(std::string_view question, Lexicon& lexicon) {
  std::vector<ChoiceOption> options;
  while (!question.empty()) {
    const std::string_view line = question.substr(0, question.find('\n'));
    if (auto option = ReadOption(line, lexicon)) options.push_back(*std::move(option));
    question.remove_prefix(std::min(line.size() + 1, question.size()));
  }
  if (options.size() < 2) options.clear();
  return options;
}

FinalAnswer ReadFinalAnswer(std::string_view folded, std::string_view low, const Key& key,
                            const std::vector<ChoiceOption>& options, Lexicon& lexicon) {
  const std::optional<FinalSpan> span = FindFinalSpan(folded, low);
  TypedSpan read = span ? ReadSpan(*span, lexicon) : TypedSpan{};
  if (options.empty() || read.answer.type == FinalType::kChoice) return std::move(read.answer);
  if (const auto letter = ChosenOption(options, key, read.key, folded)) {
    return {FinalType::kChoice, std::string(1, *letter), ""};
  }
  return std::move(read.answer);
}

}  // namespace byok
