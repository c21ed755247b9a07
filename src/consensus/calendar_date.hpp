#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "consensus/lexicon.hpp"

namespace byok {

/// The date that a text of nothing but a month, a day, a year and a day of the week names, in any
/// order: "1945-09-02", with "?" for a day or year that is not said, and "??45" for a year of two
/// digits. Nothing without a month.
std::optional<std::string> ReadCalendarDate(const Key& key, const Lexicon& lexicon);

/// "january" …, not "jan".
bool IsMonth(std::string_view word);

/// Whether a text begins with the name of a month: "Juli", "August".
bool BeginsWithMonth(std::string_view text);

/// "monday", "tues", "sun" …; "sat" and "wed" too.
bool IsWeekday(std::string_view word);

}  // namespace byok
