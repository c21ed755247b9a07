#include "consensus/numeric_date.hpp"

#include "consensus/code_points.hpp"

namespace byok {
namespace {

/// Digits of a date: up to four, by their number and value.
struct Field {
  int value = 0;
  std::size_t digits = 0;
  std::size_t end = 0;

  [[nodiscard]] bool IsYear() const { return digits == 4; }
  [[nodiscard]] bool IsShort() const { return digits == 1 || digits == 2; }
  [[nodiscard]] bool IsMonth() const { return IsShort() && 1 <= value && value <= 12; }
  [[nodiscard]] bool IsDay() const { return IsShort() && 1 <= value && value <= 31; }
};

bool IsDigitAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsAsciiDigit(text[at]);
}

Field ReadField(std::string_view text, std::size_t at) {
  constexpr std::size_t kMostDigits = 5;  // one more than a year has
  Field field;
  field.end = at;
  for (; IsDigitAt(text, field.end) && field.digits < kMostDigits; ++field.end, ++field.digits) {
    field.value = field.value * 10 + (text[field.end] - '0');
  }
  return field;
}

std::string YearOf(const Field& field) {
  std::string digits = std::to_string(field.value);
  digits.insert(0, field.digits - digits.size(), '0');
  return field.digits == 2 ? "??" + digits : digits;
}

bool HasText(std::string_view text, std::size_t at, std::string_view part) {
  return at <= text.size() && text.substr(at).starts_with(part);
}

/// "1945年9月2日" whose year was read; the day may be missing.
std::optional<NumericDate> ReadHanDate(std::string_view text, const Field& year) {
  constexpr std::string_view kYear = "年", kMonth = "月", kDay = "日";
  if (!year.IsYear() || !HasText(text, year.end, kYear)) return {};
  const Field month = ReadField(text, year.end + kYear.size());
  if (!month.IsMonth() || !HasText(text, month.end, kMonth)) return {};
  const std::size_t end = month.end + kMonth.size();
  const Field day = ReadField(text, end);
  if (!day.IsDay() || !HasText(text, day.end, kDay)) {
    return NumericDate{YearOf(year), month.value, 0, end};
  }
  return NumericDate{YearOf(year), month.value, day.value, day.end + kDay.size()};
}

/// Three fields between two separators, or two when only a year and a month are said.
struct Fields {
  Field first, second, third;
  char separator = '-';
  [[nodiscard]] std::size_t end() const { return third.digits > 0 ? third.end : second.end; }
};

bool IsSeparator(char c) {
  return c == '-' || c == '/' || c == '.';
}

std::optional<Fields> ReadFields(std::string_view text, const Field& first) {
  if (first.end >= text.size() || !IsSeparator(text[first.end])) return {};
  Fields fields{first, ReadField(text, first.end + 1), {}, text[first.end]};
  if (fields.second.digits == 0) return {};
  const std::size_t end = fields.second.end;
  const bool has_third = end < text.size() && text[end] == fields.separator;
  if (has_third) fields.third = ReadField(text, end + 1);
  const std::size_t behind = fields.end();
  const bool goes_on =
      IsDigitAt(text, behind) ||
      (behind < text.size() && IsSeparator(text[behind]) && IsDigitAt(text, behind + 1));
  return goes_on ? std::nullopt : std::optional(fields);
}

NumericDate DateOf(const Field& year, const Field& month, const Field& day, std::size_t end) {
  return {YearOf(year), month.value, day.value, end};
}

/// "2013-03-01", "2013/3"; with a point only whole ones, as "2013.3" is a number.
std::vector<NumericDate> ReadYearFirst(const Fields& f) {
  if (!f.second.IsMonth()) return {};
  if (f.third.digits > 0) {
    if (!f.third.IsDay()) return {};
    return {DateOf(f.first, f.second, f.third, f.end())};
  }
  const bool is_month = f.separator != '.' && f.second.digits == 2;
  if (!is_month) return {};
  return {DateOf(f.first, f.second, Field(), f.end())};
}

std::vector<NumericDate> ReadYearLast(const Fields& f) {
  const NumericDate day_first = DateOf(f.third, f.second, f.first, f.end());
  const NumericDate month_first = DateOf(f.third, f.first, f.second, f.end());
  const bool may_begin_with_day = f.first.IsDay() && f.second.IsMonth();
  const bool may_begin_with_month = f.separator != '.' && f.first.IsMonth() && f.second.IsDay();
  std::vector<NumericDate> readings;
  if (may_begin_with_day) readings.push_back(day_first);
  const bool is_other = !may_begin_with_day || f.first.value != f.second.value;
  if (may_begin_with_month && is_other) readings.push_back(month_first);
  return readings;
}

}  // namespace

std::vector<NumericDate> ReadNumericDate(std::string_view text, std::size_t at) {
  const Field first = ReadField(text, at);
  if (first.digits == 0) return {};
  if (auto date = ReadHanDate(text, first)) return {*std::move(date)};
  const auto fields = ReadFields(text, first);
  if (!fields) return {};
  if (first.IsYear()) return ReadYearFirst(*fields);
  const bool has_year = fields->third.IsYear() || fields->third.digits == 2;
  return has_year ? ReadYearLast(*fields) : std::vector<NumericDate>();
}

std::optional<NumericDate> ReadIsoDate(std::string_view text, std::size_t at) {
  constexpr std::size_t kSize = 10, kYearSize = 4;
  if (text.size() - at < kSize || text[at + kYearSize] != '-') return {};
  auto readings = ReadNumericDate(text, at);
  if (readings.size() != 1 || readings[0].day == 0 || readings[0].end != at + kSize) return {};
  return std::move(readings[0]);
}

}  // namespace byok
