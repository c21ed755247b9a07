#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace byok {

/// A date of digits alone, and where its text ends.
struct NumericDate {
  std::string year = "?";  ///< four digits, "??74" where two are said
  int month = 1;           ///< 1–12
  int day = 0;             ///< 1–31; 0: not said
  std::size_t end = 0;
};

/// What the digits at `at` may be as a date. Two readings, the day first and the month first, where
/// both are possible ("3/4/2020"); one for ISO 8601 ("2013-03-01", "2013-3", "2013/3/1"), for
/// points (day first: "31.10.1974") and for "1945年9月2日"; none for other numbers.
std::vector<NumericDate> ReadNumericDate(std::string_view text, std::size_t at);

/// "2013-03-01" at `at`, with all its zeros.
std::optional<NumericDate> ReadIsoDate(std::string_view text, std::size_t at);

}  // namespace byok
