#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace byok {

/// The token of a number: "#42", "#0.75", "#1.5e+20". Whole values below 10^15 have no point, all
/// others ten significant digits.
std::string NumberToken(double value);

/// "07" of 7; of a number from 0 to 99.
std::string TwoDigits(int number);

/// Where the longest run of digits, and of `,` and `.` before a digit, that begins at `at` ends.
std::size_t EndOfDigitRun(std::string_view text, std::size_t at);

/// What a run of digits and separators says: "1,234.5", "1.234,5" and "12,34,567" are one
/// number, "1.2.3" is three. Never empty for a run with a digit.
std::vector<double> ReadDigitRun(std::string_view run);

/// A value and where its text ends.
struct Measured {
  double value = 0;
  std::size_t end = 0;
};
/// "3/4" at `at`, whose numerator ends at `slash`: a proper fraction up to thousandths. 22/7 and
/// dates like 3/4/2020 are none.
std::optional<Measured> ReadFraction(std::string_view text, std::size_t at, std::size_t slash);

/// The number whose digits end at `number.end`, with what may follow them directly: st nd rd th
/// change nothing, bn and B are 10⁹, tn and T 10¹², k 10³, M 10⁶, 万 10⁴ and 億 10⁸; "1億2000万" is
/// one number.
Measured ReadScale(std::string_view text, Measured number);

/// Behind "[12]" or "[^12]" at `at`, a reference to a source; `at` itself when it is none.
std::size_t EndOfCitation(std::string_view text, std::size_t at);

/// Whether "hundred", "million" … come at `at`, so that a "one" or "a" before is a number; behind
/// an article "dozen", too.
bool IsCountedAt(std::string_view text, std::size_t at, bool follows_article);

}  // namespace byok
