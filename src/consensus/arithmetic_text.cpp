#include "consensus/arithmetic_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

#include "consensus/code_points.hpp"
#include "consensus/number_text.hpp"

namespace byok {
namespace {

char CharAt(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

bool IsDigitAt(std::string_view text, std::size_t at) {
  return IsAsciiDigit(CharAt(text, at));
}

std::size_t EndOfDigits(std::string_view text, std::size_t at) {
  while (IsDigitAt(text, at)) ++at;
  return at;
}

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  while (CharAt(text, at) == ' ') ++at;
  return at;
}

/// A number without a sign, as far as it was read.
struct Operand {
  double value = 0;
  std::size_t end = 0;
  bool is_whole = true;      // digits only
  bool is_computed = false;  // not what its first digits say
};

/// Where thousands in groups of three end that begin with the digits from `begin` to `end`.
std::size_t EndOfGroups(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t kGroup = 3;
  if (end - begin > kGroup || text[begin] == '0') return end;
  while (CharAt(text, end) == ' ' && EndOfDigits(text, end + 1) == end + 1 + kGroup) {
    end += 1 + kGroup;
  }
  return end;
}

std::optional<Operand> ReadDigits(std::string_view text, std::size_t at) {
  if (!IsDigitAt(text, at)) return {};
  const std::size_t digits = EndOfDigits(text, at);
  const std::size_t groups = EndOfGroups(text, at, digits);
  const std::size_t end = EndOfDigitRun(text, groups);
  std::string run(text.substr(at, end - at));
  std::erase(run, ' ');
  const auto values = ReadDigitRun(run);
  if (values.size() != 1) return {};
  return Operand{values.front(), end, end == digits, groups != digits};
}

/// "√2", "sqrt(2)".
std::optional<Operand> ReadRoot(std::string_view text, std::size_t at) {
  constexpr std::string_view kSign = "√", kName = "sqrt";
  const std::string_view rest = text.substr(std::min(at, text.size()));
  const std::size_t size = rest.starts_with(kSign)   ? kSign.size()
                           : rest.starts_with(kName) ? kName.size()
                                                     : 0;
  if (size == 0) return {};
  std::size_t begin = SkipBlanks(text, at + size);
  const bool is_bracketed = CharAt(text, begin) == '(';
  if (is_bracketed) ++begin;
  const auto inner = ReadDigits(text, begin);
  if (!inner || (is_bracketed && CharAt(text, inner->end) != ')')) return {};
  return Operand{std::sqrt(inner->value), inner->end + (is_bracketed ? 1 : 0), false, true};
}

/// Up to three digits with or without a sign, not followed by a letter or more digits.
std::optional<Operand> ReadExponent(std::string_view text, std::size_t at) {
  constexpr std::size_t kMostDigits = 3;
  const bool is_negative = CharAt(text, at) == '-';
  if (is_negative || CharAt(text, at) == '+') ++at;
  const std::size_t end = EndOfDigits(text, at);
  if (end == at || end - at > kMostDigits || IsAsciiLetter(CharAt(text, end))) return {};
  const double value = ReadDigitRun(text.substr(at, end - at)).front();
  return Operand{is_negative ? -value : value, end, true, true};
}

/// "10^6": the power whose base was read.
bool TakePower(std::string_view text, Operand& base) {
  if (CharAt(text, base.end) != '^') return false;
  std::size_t begin = base.end + 1;
  const bool is_bracketed = CharAt(text, begin) == '(';
  const auto exponent = ReadExponent(text, begin + (is_bracketed ? 1 : 0));
  if (!exponent || (is_bracketed && CharAt(text, exponent->end) != ')')) return false;
  base = {std::pow(base.value, exponent->value), exponent->end + (is_bracketed ? 1 : 0), false,
          true};
  return true;
}

/// "x10^6", "* 10^6", "e6" behind a number.
bool TakeScale(std::string_view text, Operand& number) {
  if (ToAsciiLower(CharAt(text, number.end)) == 'e') {
    const auto exponent = ReadExponent(text, number.end + 1);
    if (!exponent) return false;
    number = {number.value * std::pow(10, exponent->value), exponent->end, false, true};
    return true;
  }
  std::size_t at = SkipBlanks(text, number.end);
  const std::string_view rest = text.substr(at);
  constexpr std::string_view kDot = "·";
  const bool is_sign =
      !rest.empty() && std::string_view("xX*").find(rest.front()) != std::string_view::npos;
  if (!is_sign && !rest.starts_with(kDot)) return false;
  at = SkipBlanks(text, at + (is_sign ? 1 : kDot.size()));
  if (!text.substr(at).starts_with("10^")) return false;
  Operand power{10, at + 2, true, false};
  if (!TakePower(text, power)) return false;
  number = {number.value * power.value, power.end, false, true};
  return true;
}

/// "3/2" from the end of its numerator on; no date.
std::optional<Operand> ReadDenominator(std::string_view text, std::size_t slash) {
  if (CharAt(text, slash) != '/' || !IsDigitAt(text, slash + 1)) return {};
  const auto denominator = ReadDigits(text, slash + 1);
  if (!denominator || !denominator->is_whole || denominator->is_computed) return {};
  if (denominator->value <= 0 || CharAt(text, denominator->end) == '/') return {};
  return denominator;
}

/// Behind "π" or "pi" at `at`; `at` itself when it is none. A letter behind it makes it another.
std::size_t EndOfPi(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  for (const std::string_view name : {"π", "pi"}) {
    if (!rest.starts_with(name)) continue;
    const std::size_t end = at + name.size();
    const bool is_whole =
        end >= text.size() || !(IsLetter(DecodeAt(text, end).value) || CharAt(text, end) == '^');
    return is_whole ? end : at;
  }
  return at;
}

/// The π, and the whole number it is divided by, behind a factor that ends at `at`.
std::optional<Operand> ReadPi(std::string_view text, std::size_t at, double factor) {
  constexpr double kPi = 3.14159265358979323846;
  const std::size_t begin = SkipBlanks(text, CharAt(text, at) == '*' ? at + 1 : at);
  const std::size_t end = EndOfPi(text, begin);
  if (end == begin) return {};
  Operand pi{factor * kPi, end, false, true};
  if (CharAt(text, end) != '/') return pi;
  const auto denominator = ReadDigits(text, end + 1);
  if (!denominator || !denominator->is_whole || denominator->value <= 0) return {};
  return Operand{pi.value / denominator->value, denominator->end, false, true};
}

bool TakeFraction(std::string_view text, Operand& number) {
  if (!number.is_whole || number.is_computed) return false;
  if (const auto denominator = ReadDenominator(text, number.end)) {
    number = {number.value / denominator->value, denominator->end, false, true};
    return true;
  }
  const std::size_t at = SkipBlanks(text, number.end);
  if (at == number.end || !IsDigitAt(text, at)) return false;
  const std::size_t slash = EndOfDigits(text, at);
  const auto denominator = ReadDenominator(text, slash);
  if (!denominator) return false;
  const double numerator = ReadDigitRun(text.substr(at, slash - at)).front();
  if (numerator <= 0 || numerator >= denominator->value) return false;
  number = {number.value + numerator / denominator->value, denominator->end, false, true};
  return true;
}

std::optional<Operand> ReadExpression(std::string_view text, std::size_t at) {
  if (auto root = ReadRoot(text, at)) return root;
  const bool is_alone = text.substr(0, at).find_first_not_of(" -=") == std::string_view::npos;
  if (is_alone) {
    if (auto pi = ReadPi(text, at, 1)) return pi;
  }
  auto number = ReadDigits(text, at);
  if (!number) return {};
  if (const auto pi = ReadPi(text, number->end, number->value)) return pi;
  if (TakeFraction(text, *number) || TakePower(text, *number)) return number;
  if (const auto root = ReadRoot(text, number->end)) {
    return Operand{number->value * root->value, root->end, false, true};
  }
  TakeScale(text, *number);
  return number;
}

/// Whether a number here belongs to what stands before it: "x2", "^2", "3/4/2020", "1.2.3".
bool IsJoinedBefore(std::string_view text, std::size_t at) {
  if (at == 0) return false;
  constexpr std::string_view kJoining = "^/.,:";
  const CodePoint before = DecodeBefore(text, at);
  return IsLetter(before.value) || kJoining.find(text[at - 1]) != std::string_view::npos;
}

std::optional<std::string> Spell(double value) {
  std::array<char, 400> text{};
  if (!std::isfinite(value)) return {};
  const auto done =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (done.ec != std::errc()) return {};
  return std::string(text.data(), done.ptr);
}

}  // namespace

std::string WithDecimals(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto found =
        IsJoinedBefore(text, at) ? std::optional<Operand>() : ReadExpression(text, at);
    const auto decimal = found && found->is_computed ? Spell(found->value) : std::nullopt;
    const std::size_t size = decimal               ? found->end - at
                             : IsDigitAt(text, at) ? EndOfDigitRun(text, at) - at
                                                   : 1;
    plain += decimal ? *decimal : text.substr(at, size);
    at += size;
  }
  return plain;
}

}  // namespace byok
