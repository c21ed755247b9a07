#pragma once

#include <string>
#include <string_view>

namespace byok {

/// What becomes of the braces of fractions, roots and powers.
enum class LatexGroups { kBare, kBracketed };

/// LaTeX as it would be typed on one line: "\frac{1}{2}" is "1/2" or, bracketed, "(1)/(2)",
/// "\sqrt{2}" is "√2", "{,}" is ",", "\text{cm}" is "cm". Other braces and commands for looks go,
/// their contents stay, whether or not they are closed; other commands leave their names. A text
/// without LaTeX comes back as it is.
std::string PlainLatex(std::string_view text, LatexGroups groups = LatexGroups::kBare);

}  // namespace byok
