#pragma once

#include <string_view>

namespace byok {

/// The value of a Roman numeral of i, v and x in small letters, up to 39, as behind the names of
/// kings, wars and popes; 0 for other words.
int ReadRomanNumeral(std::string_view word);

}  // namespace byok
