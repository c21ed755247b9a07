#include "consensus/final_answer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "consensus/code_points.hpp"
#include "consensus/final_span.hpp"
#include "consensus/tokens.hpp"

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

std::optional<FinalAnswer> AsYesNo(std::string_view span, bool is_whole) {
  struct Word {
    std::string_view word, value;
  };
  constexpr Word kWords[] = {{"yes", "yes"}, {"true", "yes"}, {"no", "no"}, {"false", "no"}};
  const auto is_word = [span](std::string_view word) {
    return span.size() >= word.size() &&
           std::equal(word.begin(), word.end(), span.begin(),
                      [](char a, char b) { return a == ToAsciiLower(b); });
  };
  for (const auto& [word, value] : kWords) {
    if (!is_word(word)) continue;
    const std::string_view rest = span.substr(word.size());
    if (!rest.empty() && IsAsciiLetter(rest.front())) continue;
    if (is_whole && rest.size() > 1) continue;
    return FinalAnswer{FinalType::kYesNo, std::string(value), ""};
  }
  return {};
}

std::optional<FinalAnswer> AsNumber(const Key& key, const Lexicon& lexicon) {
  constexpr std::size_t kMaxWords = 8;
  if (key.size() > kMaxWords) return {};
  FinalAnswer answer{FinalType::kNumber, "", ""};
  for (const TokenId id : key) {
    const Lexicon::Entry& token = lexicon[id];
    if (token.is_number()) {
      if (!answer.value.empty()) return {};
      answer.value = token.text;
    } else if (!token.facts.is_stop) {
      answer.unit.append(token.text).append(" ");
    }
  }
  return answer.value.empty() ? std::nullopt : std::optional(std::move(answer));
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
  if (auto number = AsNumber(key, lexicon)) return {*std::move(number), {}};
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

/// The digits behind the point; nothing without a point or with an exponent.
std::optional<int> CountDecimals(std::string_view number) {
  const std::size_t point = number.find('.');
  if (point == kNone || number.find('e') != kNone) return {};
  return static_cast<int>(number.size() - point - 1);
}

double ValueOf(std::string_view number_token) {
  double value = 0;
  std::from_chars(number_token.data() + 1, number_token.data() + number_token.size(), value);
  return value;
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

bool IsSameNumber(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto decimals_a = CountDecimals(a);
  const auto decimals_b = CountDecimals(b);
  if (!decimals_a || !decimals_b) return false;
  constexpr double kRounding =
      1e-9;  // of binary fractions: 3.145 is within half a hundredth of 3.14
  const double half_unit = 0.5 * std::pow(10.0, -std::min(*decimals_a, *decimals_b));
  return std::abs(ValueOf(a) - ValueOf(b)) <= half_unit * (1 + kRounding);
}

}  // namespace byok
