#include "consensus/calendar_date.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "consensus/code_points.hpp"
#include "consensus/final_relation.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

/// Whether a list of words, separated by blanks, has this one.
bool IsAmong(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos;
       at = list.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

/// From 1; 0 for other words.
std::size_t MonthOf(std::string_view word) {
  const auto* const found = std::find(words::kMonths.begin(), words::kMonths.end(), word);
  return found == words::kMonths.end()
             ? 0
             : static_cast<std::size_t>(found - words::kMonths.begin()) + 1;
}

/// As MonthOf, in Spanish, Portuguese, French, Italian, German and Dutch, too: between the numbers
/// of a date, where "mars" is no planet and "mayo" no sauce.
std::size_t MonthInAnyLanguage(std::string_view word) {
  const std::size_t month = MonthOf(word);
  if (month != 0) return month;
  for (std::size_t i = 0; i < words::kOtherMonths.size(); ++i) {
    if (IsAmong(words::kOtherMonths[i], word)) return i + 1;
  }
  return 0;
}

std::string TwoDigits(std::string_view number) {
  return number.size() == 1 ? "0" + std::string(number) : std::string(number);
}

/// "74" or, behind an apostrophe, the same: a year where the day is known already.
bool IsShortYear(std::string_view number) {
  return number.size() == 2 && number.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsYear(std::string_view number) {
  return number.size() == 4 && number.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsDay(std::string_view number) {
  if (number.empty() || number.size() > 2 || number.front() == '0') return false;
  return TwoDigits(number) <= "31" && number.find_first_not_of("0123456789") == std::string::npos;
}

struct Parts {
  std::string year = "?", month = "?", day = "?";

  /// False when the number is neither, or was there already.
  bool TakeNumber(std::string_view number) {
    if (day != "?" && year == "?" && IsShortYear(number)) {  // "31-Oct-74"
      year = "??" + std::string(number);
      return true;
    }
    std::string& part = IsYear(number) ? year : day;
    if (part != "?" || !(IsYear(number) || IsDay(number))) return false;
    part = TwoDigits(number);
    return true;
  }
  bool TakeMonth(std::size_t number) {
    if (number == 0 || month != "?") return false;
    month = TwoDigits(std::to_string(number));
    return true;
  }
};

}  // namespace

std::optional<std::string> ReadCalendarDate(const Key& key, const Lexicon& lexicon) {
  constexpr std::size_t kMaxWords = 7;  // "on Sunday the 2nd of September 1945"
  if (key.size() > kMaxWords) return {};
  Parts parts;
  for (const TokenId id : key) {
    const Lexicon::Entry& token = lexicon[id];
    const bool is_taken = token.is_number() ? parts.TakeNumber(token.text.substr(1))
                                            : parts.TakeMonth(MonthInAnyLanguage(token.text));
    const bool says_nothing =
        token.facts.is_stop || IsWeekday(token.text) || IsRelationWord(token.text);
    if (!is_taken && (token.is_number() || !says_nothing)) return {};
  }
  if (parts.month == "?" || (parts.year == "?" && parts.day == "?")) return {};
  return parts.year + "-" + parts.month + "-" + parts.day;
}

bool IsMonth(std::string_view word) {
  return MonthOf(word) != 0;
}

bool BeginsWithMonth(std::string_view text) {
  constexpr std::size_t kLongest = 9;  // "September"
  if (text.empty() || text.front() < 'A' || text.front() > 'Z') return false;
  std::string word;
  for (const char c : text.substr(0, kLongest + 1)) {
    if (!IsAsciiLetter(c)) break;
    word += ToAsciiLower(c);
  }
  return MonthInAnyLanguage(word) != 0;
}

bool IsWeekday(std::string_view word) {
  static constexpr std::string_view kDays[] = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue",
      "tues",   "wed",     "thu",       "thur",     "thurs",  "fri",      "sat",    "sun"};
  return std::find(std::begin(kDays), std::end(kDays), word) != std::end(kDays);
}

}  // namespace byok
