#include "consensus/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "consensus/code_points.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

bool IsDigitAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsAsciiDigit(text[at]);
}

bool IsLetterAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsLetter(DecodeAt(text, at).value);
}

std::size_t CountDigits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (IsDigitAt(text, end)) ++end;
  return end - at;
}

/// Decimal text, at most one point. A value that no double holds is infinite.
double ToDouble(std::string_view digits) {
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc::result_out_of_range ? std::numeric_limits<double>::infinity()
                                                   : value;
}

/// Whether `separator` groups thousands: first after 1–3 characters, and from there three digits
/// after each, up to the end or to the other separator.
bool IsGroupedBy(char separator, std::string_view run) {
  std::size_t at = run.find(separator);
  if (at == std::string_view::npos || at < 1 || at > 3) return false;
  if (run.front() == '0') return false;  // "0,125"
  while (at < run.size() && run[at] == separator) {
    if (CountDigits(run, at + 1) != 3) return false;
    at += 4;
  }
  return true;
}

/// "12,34,567": groups of two before the last one of three.
bool IsGroupedAsInIndia(std::string_view run) {
  constexpr std::size_t kPair = 2, kLast = 3;
  std::size_t digits = CountDigits(run, 0), at = digits;
  if (digits == 0 || digits > kPair || run.front() == '0') return false;
  while (at < run.size() && run[at] == ',' && digits <= kPair) {
    digits = CountDigits(run, at + 1);
    if (digits != kPair && digits != kLast) return false;
    at += 1 + digits;
  }
  return digits == kLast && (at == run.size() || run[at] == '.');
}

std::string Without(std::string_view run, char separator) {
  std::string kept(run);
  kept.erase(std::remove(kept.begin(), kept.end(), separator), kept.end());
  return kept;
}

std::string WithDecimalPoint(std::string run) {
  std::replace(run.begin(), run.end(), ',', '.');
  return run;
}

/// The run as from_chars reads it; nothing when it is not one number.
std::optional<std::string> SpellAsOne(std::string_view run) {
  const auto commas = std::count(run.begin(), run.end(), ',');
  const auto points = std::count(run.begin(), run.end(), '.');
  if (commas == 0 && points <= 1) return std::string(run);
  if (points <= 1 && (IsGroupedBy(',', run) || IsGroupedAsInIndia(run))) return Without(run, ',');
  const bool has_both = points == 1 && commas == 1;  // "1.234,56"
  if ((points >= 2 || has_both) && commas <= 1 && IsGroupedBy('.', run)) {
    return WithDecimalPoint(Without(run, '.'));
  }
  const bool is_decimal_comma =
      commas == 1 && points == 0 && (run.size() - run.find(',') <= 3 || run.starts_with("0,"));
  return is_decimal_comma ? std::optional(WithDecimalPoint(std::string(run))) : std::nullopt;
}

constexpr std::size_t kMyriadSize = 3;  // bytes of each sign

/// What a sign for a power of ten thousand at `at` stands for; 0 for anything else.
double MyriadAt(std::string_view text, std::size_t at) {
  struct Myriad {
    std::string_view sign;
    double value;
  };
  constexpr Myriad kMyriads[] = {{"万", 1e4}, {"萬", 1e4}, {"만", 1e4},  {"亿", 1e8},
                                 {"億", 1e8}, {"억", 1e8}, {"兆", 1e12}, {"조", 1e12}};
  if (at >= text.size()) return 0;
  const auto* const found =
      std::find_if(std::begin(kMyriads), std::end(kMyriads),
                   [&](const Myriad& m) { return text.substr(at).starts_with(m.sign); });
  return found == std::end(kMyriads) ? 0 : found->value;
}

/// "1億2000万": the parts behind the first, which fall. The first part ends at `number.end`.
Measured SumMyriads(std::string_view text, Measured number) {
  double last = MyriadAt(text, number.end);
  number = {number.value * last, number.end + kMyriadSize};
  while (IsDigitAt(text, number.end)) {
    const std::size_t end = EndOfDigitRun(text, number.end);
    const auto values = ReadDigitRun(text.substr(number.end, end - number.end));
    const double myriad = MyriadAt(text, end);
    if (values.size() != 1 || myriad >= last) break;
    number.value += values.front() * std::max(myriad, 1.0);
    number.end = end + (myriad > 0 ? kMyriadSize : 0);
    last = myriad;
  }
  return number;
}

/// The factor and the end of a suffix.
Measured ReadSuffix(std::string_view text, std::size_t at) {
  const auto low = [&](std::size_t i) {
    return at + i < text.size() ? ToAsciiLower(text[at + i]) : '\0';
  };
  if (const char pair[] = {low(0), low(1)}; !IsLetterAt(text, at + 2)) {
    const std::string_view suffix(pair, 2);
    if (suffix == "st" || suffix == "nd" || suffix == "rd" || suffix == "th") return {1, at + 2};
    if (suffix == "bn") return {1e9, at + 2};
    if (suffix == "tn") return {1e12, at + 2};
  }
  if (IsLetterAt(text, at + 1) || IsDigitAt(text, at + 1)) return {1, at};
  if (low(0) == 'k') return {1e3, at + 1};
  if (low(0) == 'm' && text[at] == 'M') return {1e6, at + 1};
  if (low(0) == 'b' && text[at] == 'B') return {1e9, at + 1};
  if (low(0) == 't' && text[at] == 'T') return {1e12, at + 1};
  return {1, at};
}

}  // namespace

std::string NumberToken(double value) {
  std::array<char, 32> text{};
  const bool is_whole = value == std::floor(value) && std::abs(value) < 1e15;
  const auto format = is_whole ? std::chars_format::fixed : std::chars_format::general;
  const auto done =
      std::to_chars(text.data(), text.data() + text.size(), value, format, is_whole ? 0 : 10);
  return "#" + std::string(text.data(), done.ptr);
}

std::size_t EndOfDigitRun(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const bool is_separator = (text[at] == ',' || text[at] == '.') && IsDigitAt(text, at + 1);
    if (!is_separator && !IsAsciiDigit(text[at])) break;
    ++at;
  }
  return at;
}

std::vector<double> ReadDigitRun(std::string_view run) {
  if (const auto one = SpellAsOne(run)) return {ToDouble(*one)};
  std::vector<double> values;
  for (std::size_t at = 0; at < run.size(); ++at) {
    const std::size_t digits = CountDigits(run, at);
    if (digits > 0) values.push_back(ToDouble(run.substr(at, digits)));
    at += digits;
  }
  return values;
}

std::optional<Measured> ReadFraction(std::string_view text, std::size_t at, std::size_t slash) {
  constexpr double kMaxDenominator = 1000;
  if (CountDigits(text, at) != slash - at || slash >= text.size() || text[slash] != '/') return {};
  const std::size_t digits = CountDigits(text, slash + 1);
  const std::size_t end = slash + 1 + digits;
  if (digits == 0 || (end < text.size() && (text[end] == '/' || text[end] == ','))) return {};
  const double numerator = ToDouble(text.substr(at, slash - at));
  const double denominator = ToDouble(text.substr(slash + 1, digits));
  if (numerator <= 0 || numerator >= denominator || denominator > kMaxDenominator) return {};
  return Measured{numerator / denominator, end};
}

Measured ReadScale(std::string_view text, Measured number) {
  if (MyriadAt(text, number.end) > 0) return SumMyriads(text, number);
  const Measured suffix = ReadSuffix(text, number.end);
  return {number.value * suffix.value, suffix.end};
}

std::string TwoDigits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::size_t EndOfCitation(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  if (end < text.size() && text[end] == '^') ++end;
  const std::size_t digits = end;
  while (end < text.size() && IsAsciiDigit(text[end])) ++end;
  return end == digits || end == text.size() || text[end] != ']' ? at : end + 1;
}

bool IsCountedAt(std::string_view text, std::size_t at, bool follows_article) {
  constexpr std::size_t kLongest = 8;  // "thousand"
  const std::size_t next = text.find_first_not_of(" -", at);
  if (next == std::string_view::npos) return false;
  std::string head(text.substr(next, kLongest));
  for (char& c : head) c = ToAsciiLower(c);
  if (follows_article && head.starts_with("dozen")) return true;
  return std::any_of(std::begin(words::kCountable), std::end(words::kCountable),
                     [&head](std::string_view word) { return head.starts_with(word); });
}

}  // namespace byok
