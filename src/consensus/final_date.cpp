#include "consensus/final_date.hpp"

#include "consensus/calendar_date.hpp"
#include "consensus/code_points.hpp"
#include "consensus/number_text.hpp"
#include "consensus/numeric_date.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

std::string Show(const NumericDate& date) {
  return date.year + "-" + TwoDigits(date.month) + "-" +
         (date.day == 0 ? "?" : TwoDigits(date.day));
}

/// Whether no other word than stop words and days of the week, and no number, is in the text.
bool SaysNothing(std::string_view text, Lexicon& lexicon) {
  for (const Token& token : Tokenize(text, lexicon)) {
    const Lexicon::Entry& word = lexicon[token.id];
    if (word.is_number() || !(word.facts.is_stop || IsWeekday(word.text))) return false;
  }
  return true;
}

/// The readings of a date in digits, joined by "|".
std::optional<std::string> ReadDigitalDate(std::string_view text, Lexicon& lexicon) {
  const std::size_t at = text.find_first_of("0123456789");
  if (at == std::string_view::npos) return {};
  if (at > 0 && text[at - 1] == '-') return {};
  const auto readings = ReadNumericDate(text, at);
  if (readings.empty()) return {};
  if (!SaysNothing(text.substr(0, at), lexicon)) return {};
  if (!SaysNothing(text.substr(readings.front().end), lexicon)) return {};
  std::string value;
  for (const NumericDate& date : readings) value += (value.empty() ? "" : "|") + Show(date);
  return value;
}

}  // namespace

std::optional<FinalAnswer> AsDate(std::string_view plain, Lexicon& lexicon) {
  const Key key = KeyOf(Tokenize(plain, lexicon));
  auto value = ReadDigitalDate(plain, lexicon);
  if (!value) value = ReadCalendarDate(key, lexicon);
  if (!value) return {};
  FinalAnswer date{FinalType::kDate, *std::move(value), ""};
  date.relation = ReadRelation(plain, key, lexicon);
  return date;
}

}  // namespace byok
