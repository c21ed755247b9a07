#include "base/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace byok {
namespace {

constexpr std::int64_t kMaxDigits = 38;  // 10^38 < 2^127

/// ±digits × 10^exponent, with neither leading nor trailing zeros in `digits`; no digits are zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

/// Takes the run of digits at the start of `text`.
std::string_view TakeDigits(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool TakeAnyOf(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "+3", "-12", "" is no exponent. Beyond 32 bits the sign alone matters: nothing fits any more.
std::optional<std::int64_t> TakeExponent(std::string_view& text) {
  const bool negative = text.starts_with('-');
  TakeAnyOf(text, "+-");
  const std::string_view digits = TakeDigits(text);
  if (digits.empty()) return std::nullopt;
  std::int32_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const std::int64_t bounded = read.ec == std::errc() ? size : std::int64_t{1} << 40;
  return negative ? -bounded : bounded;
}

void Normalize(Decimal& number) {
  const std::size_t last = number.digits.find_last_not_of('0');
  const std::size_t kept = last == std::string::npos ? 0 : last + 1;
  number.exponent += static_cast<std::int64_t>(number.digits.size() - kept);
  number.digits.resize(kept);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
}

std::optional<Decimal> Read(std::string_view text) {
  Decimal number;
  number.negative = TakeAnyOf(text, "-");
  number.digits = TakeDigits(text);
  if (number.digits.empty()) return std::nullopt;
  if (TakeAnyOf(text, ".")) {
    const std::string_view decimals = TakeDigits(text);
    if (decimals.empty()) return std::nullopt;
    number.digits += decimals;
    number.exponent = -static_cast<std::int64_t>(decimals.size());
  }
  if (TakeAnyOf(text, "eE")) {
    const auto exponent = TakeExponent(text);
    if (!exponent) return std::nullopt;
    number.exponent += *exponent;
  }
  if (!text.empty()) return std::nullopt;
  Normalize(number);
  return number;
}

}  // namespace

std::optional<__int128> ScaleDecimal(std::string_view decimal, int scale) {
  const auto number = Read(decimal);
  if (!number) return std::nullopt;
  if (number->digits.empty()) return 0;
  const std::int64_t zeros = number->exponent + scale;
  const auto length = static_cast<std::int64_t>(number->digits.size());
  if (zeros < 0 || zeros + length > kMaxDigits) return std::nullopt;
  __int128 units = 0;
  for (const char digit : number->digits) units = units * 10 + (digit - '0');
  for (std::int64_t i = 0; i < zeros; ++i) units *= 10;
  return number->negative ? -units : units;
}

std::string UnscaleDecimal(__int128 units, int scale) {
  // In unsigned arithmetic the most negative value has a magnitude too.
  using Magnitude = unsigned __int128;
  Magnitude left = units < 0 ? -static_cast<Magnitude>(units) : static_cast<Magnitude>(units);
  std::string reversed;
  for (int place = 0; left != 0 || place <= scale; ++place, left /= 10) {
    const char digit = static_cast<char>('0' + static_cast<int>(left % 10));
    if (place == scale && !reversed.empty()) reversed += '.';
    if (place < scale && reversed.empty() && digit == '0') continue;
    reversed += digit;
  }
  if (units < 0) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace byok
