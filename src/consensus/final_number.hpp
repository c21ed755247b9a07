#pragma once

#include <optional>
#include <string_view>

#include "consensus/final_value.hpp"
#include "consensus/lexicon.hpp"

namespace byok {

/// The one number that a plain result (plain_result.hpp) of a few words states, with its unit and
/// how the result stands to it. "5 ft 10 in" is one number, of inches.
std::optional<FinalAnswer> AsNumber(std::string_view plain, Lexicon& lexicon);

}  // namespace byok
