#pragma once

#include <optional>
#include <string>

#include "consensus/lexicon.hpp"

namespace byok {

/// The date that a text of nothing but a month, a day and a year names, in any order: "1945-09-02",
/// with "?" for a day or year that is not said. Nothing without a month.
std::optional<std::string> ReadCalendarDate(const Key& key, const Lexicon& lexicon);

}  // namespace byok
