#include "consensus/fraction_words.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "consensus/code_points.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/number_text.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

/// A word or a run of digits in lower case.
struct Item {
  std::string text;
  std::size_t begin = 0, end = 0;
};

bool IsItemCharacter(char c) {
  return IsAsciiLetter(c) || IsAsciiDigit(c);
}

/// The next one behind blanks and hyphens; empty when something else stands there.
Item NextItem(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
  Item item{"", at, at};
  while (item.end < text.size() && IsItemCharacter(text[item.end])) {
    item.text += ToAsciiLower(text[item.end++]);
  }
  const bool goes_on = item.end < text.size() && !IsAscii(text[item.end]);
  return goes_on ? Item{"", at, at} : item;
}

/// The value of "a", "one", "two" … or of digits; 0 for others.
double CountOf(const Item& item) {
  if (item.text == "a" || item.text == "an" || item.text == "one") return 1;
  const auto* const found =
      std::find_if(std::begin(words::kCardinals), std::end(words::kCardinals),
                   [&](const words::NumberWord& word) { return word.word == item.text; });
  if (found != std::end(words::kCardinals)) return found->value;
  constexpr std::size_t kMostDigits = 4;
  const bool is_number = !item.text.empty() && item.text.size() <= kMostDigits &&
                         std::all_of(item.text.begin(), item.text.end(), IsAsciiDigit);
  return is_number ? ReadDigitRun(item.text).front() : 0;
}

/// 3 for "third" and "thirds"; 0 for other words. Of more than one the plural is meant.
double DenominatorOf(const Item& item, bool is_plural) {
  struct Part {
    std::string_view one, many;
    double value;
  };
  constexpr Part kParts[] = {
      {"half", "halves", 2},      {"third", "thirds", 3},          {"quarter", "quarters", 4},
      {"fourth", "fourths", 4},   {"fifth", "fifths", 5},          {"sixth", "sixths", 6},
      {"seventh", "sevenths", 7}, {"eighth", "eighths", 8},        {"ninth", "ninths", 9},
      {"tenth", "tenths", 10},    {"hundredth", "hundredths", 100}};
  const auto* const found = std::find_if(std::begin(kParts), std::end(kParts), [&](const Part& p) {
    return item.text == (is_plural ? p.many : p.one);
  });
  return found == std::end(kParts) ? 0 : found->value;
}

struct Fraction {
  double value = 0;
  std::size_t end = 0;
};

/// "a half", "two thirds" whose numerator is `item`.
std::optional<Fraction> ReadParts(std::string_view text, const Item& item) {
  const double count = CountOf(item);
  if (count == 0) return {};
  const Item part = NextItem(text, item.end);
  const double denominator = DenominatorOf(part, count > 1);
  if (denominator == 0) return {};
  return Fraction{count / denominator, part.end};
}

/// "a half", or "half" alone.
std::optional<Fraction> ReadLastPart(std::string_view text, const Item& item) {
  const double denominator = DenominatorOf(item, false);
  const bool is_bare = denominator == 2 || item.text == "quarter";
  return is_bare ? Fraction{1 / denominator, item.end} : ReadParts(text, item);
}

/// "two and a half", "two and half".
std::optional<Fraction> ReadMixed(std::string_view text, const Item& whole) {
  const double count = CountOf(whole);
  if (count == 0 || whole.text.front() == 'a') return {};
  const Item conjunction = NextItem(text, whole.end);
  if (conjunction.text != "and") return {};
  const auto parts = ReadLastPart(text, NextItem(text, conjunction.end));
  if (!parts) return {};
  return Fraction{count + parts->value, parts->end};
}

/// "half" alone, "half an hour", "half day", where nothing but words of measure and minus stand
/// before it.
std::optional<Fraction> ReadHalf(std::string_view text, const Item& item) {
  static constexpr std::string_view kBefore[] = {"",        "about",  "nearly",       "almost",
                                                 "roughly", "around", "minus",        "negative",
                                                 "exactly", "only",   "approximately"};
  if (item.text != "half") return {};
  const std::size_t last = text.substr(0, item.begin).find_last_not_of(' ');
  const Item before = last == std::string_view::npos ? Item() : NextItem(text, 0);
  const bool is_first = last == std::string_view::npos || before.end == last + 1;
  if (!is_first ||
      std::find(std::begin(kBefore), std::end(kBefore), before.text) == std::end(kBefore)) {
    return {};
  }
  const Item next = NextItem(text, item.end);
  const bool ends = text.find_first_not_of(" .!", item.end) == std::string_view::npos;
  const bool is_of =
      next.text == "a" || next.text == "an" || next.text == "of" || FindMeasureUnit(next.text);
  return ends || is_of ? std::optional(Fraction{0.5, item.end}) : std::nullopt;
}

/// "of an hour", "an hour": what is left out behind a fraction.
std::size_t SkipArticle(std::string_view text, std::size_t at) {
  Item next = NextItem(text, at);
  if (next.text == "of") {
    at = next.end;
    next = NextItem(text, at);
  }
  return next.text == "a" || next.text == "an" || next.text == "the" ? next.end : at;
}

/// The fraction whose first word is `item`. A third that something stands behind is an ordinal.
std::optional<Fraction> ReadFractionAt(std::string_view text, const Item& item) {
  if (auto half = ReadHalf(text, item)) return half;
  if (auto mixed = ReadMixed(text, item)) return mixed;
  auto parts = ReadParts(text, item);
  if (!parts) return {};
  const Item next = NextItem(text, parts->end);
  const bool is_ordinal =
      CountOf(item) == 1 && parts->value < 0.5 && !next.text.empty() && next.text != "of";
  return is_ordinal ? std::nullopt : parts;
}

/// Whether the fraction would be the rest of a number: "twenty-one and a half", "2.5 thirds".
bool IsInsideNumber(std::string_view text, std::size_t begin) {
  if (begin == 0) return false;
  const char before = text[begin - 1];
  return before != ' ' && !(begin == 1 && before == '-');
}

}  // namespace

std::string WithFractions(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const Item item = IsItemCharacter(text[at]) ? NextItem(text, at) : Item{"", at, at};
    const auto fraction = item.text.empty() || IsInsideNumber(text, at)
                              ? std::optional<Fraction>()
                              : ReadFractionAt(text, item);
    const std::size_t end =
        fraction ? SkipArticle(text, fraction->end) : std::max(item.end, at + 1);
    plain += fraction ? NumberToken(fraction->value).substr(1) : text.substr(at, end - at);
    at = end;
  }
  return plain;
}

}  // namespace byok
