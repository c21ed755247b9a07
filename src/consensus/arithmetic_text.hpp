#pragma once

#include <string>
#include <string_view>

namespace byok {

/// The text with what is computed from digits computed: fractions ("3/2", "1 1/2"), powers
/// ("10^6", "2x10^-3", "2e3"), square roots ("√2", "sqrt(2)") and thousands set apart by blanks
/// ("1 234 567") become plain decimals. Other numbers, dates and what no double holds stay.
std::string WithDecimals(std::string_view text);

}  // namespace byok
