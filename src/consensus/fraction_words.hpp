#pragma once

#include <string>
#include <string_view>

namespace byok {

/// A result whose fractions in words are written in digits, so that what follows is read as ever:
/// "one and a half hours" is "1.5 hours", "two-thirds" "0.6666666667", "half a mile" "0.5 mile".
/// Neither "a third party" nor "the first half" is a fraction.
std::string WithFractions(std::string_view text);

}  // namespace byok
