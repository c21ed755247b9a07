#pragma once

#include <optional>
#include <string_view>

#include "consensus/final_value.hpp"

namespace byok {

/// The time of day that a plain result (plain_result.hpp) of nothing else states, as "22:30" or
/// "22:30:15": "10:30 pm", "10 PM", "22:30", "noon". "?10:30" where the half of the day is not
/// said.
std::optional<FinalAnswer> AsTime(std::string_view plain);

}  // namespace byok
