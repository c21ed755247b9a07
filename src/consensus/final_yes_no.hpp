#pragma once

#include <optional>
#include <string_view>

#include "consensus/final_value.hpp"

namespace byok {

/// The yes or no that a result says: "yes", "True, it is", "non". `is_whole`: the result is the
/// whole answer, of which nothing may follow but a mark.
std::optional<FinalAnswer> AsYesNo(std::string_view span, bool is_whole);

/// +1 or -1 for a text (folded, lower case) that begins with yes or no, true or false, correct or
/// incorrect, before a mark, a dash or a subject: "yes it is", "no - it is". 0 for "no one".
int BareYesNo(std::string_view low);

}  // namespace byok
