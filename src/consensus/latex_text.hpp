#pragma once

#include <string>
#include <string_view>

namespace byok {

/// LaTeX as it would be typed on one line: "\frac{1}{2}" is "1/2", "\sqrt{2}" is "√2", "{,}" is
/// ",",
/// "\text{cm}" is "cm". Braces and unknown commands go, their contents stay, whether or not they
/// are closed. A text without LaTeX comes back as it is.
std::string PlainLatex(std::string_view text);

}  // namespace byok
