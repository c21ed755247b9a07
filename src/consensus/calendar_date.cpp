#include "consensus/calendar_date.hpp"

#include <algorithm>
#include <string_view>

#include "consensus/word_lists.hpp"

namespace byok {
namespace {

/// From 1; 0 for other words.
std::size_t MonthOf(std::string_view word) {
  const auto* const found = std::find(words::kMonths.begin(), words::kMonths.end(), word);
  return found == words::kMonths.end()
             ? 0
             : static_cast<std::size_t>(found - words::kMonths.begin()) + 1;
}

std::string TwoDigits(std::string_view number) {
  return number.size() == 1 ? "0" + std::string(number) : std::string(number);
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
  constexpr std::size_t kMaxWords = 6;  // "on the 2nd of September 1945"
  if (key.size() > kMaxWords) return {};
  Parts parts;
  for (const TokenId id : key) {
    const Lexicon::Entry& token = lexicon[id];
    const bool is_taken = token.is_number() ? parts.TakeNumber(token.text.substr(1))
                                            : parts.TakeMonth(MonthOf(token.text));
    if (!is_taken && (token.is_number() || !token.facts.is_stop)) return {};
  }
  if (parts.month == "?" || (parts.year == "?" && parts.day == "?")) return {};
  return parts.year + "-" + parts.month + "-" + parts.day;
}

}  // namespace byok
