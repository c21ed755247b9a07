#pragma once

#include <string>
#include <string_view>

namespace byok {

/// A folded result in plain characters: LaTeX as it would be typed ("\frac{1}{2}" is "1/2", "{,}"
/// is
/// ","), superscripts as powers ("10⁶" is "10^6"), "a.m." without points, "°C", "km/h" and 5'10" in
/// words. What is not understood stays or loses its markup.
std::string PlainResult(std::string_view span);

/// The same for a formula: fractions, roots and powers of LaTeX keep together what they hold, and
/// nothing is put in words.
std::string PlainFormula(std::string_view span);

}  // namespace byok
