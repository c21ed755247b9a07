#pragma once

#include <string_view>

namespace byok {

/// Whether more than half of the text's bytes stand inside ``` fences: similarity of program text
/// says little about what it does. The text as it was given.
bool IsMostlyCode(std::string_view text);

}  // namespace byok
