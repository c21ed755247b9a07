#pragma once

#include <optional>
#include <string_view>

#include "consensus/final_value.hpp"
#include "consensus/lexicon.hpp"

namespace byok {

/// The date that a plain result (plain_result.hpp) of nothing else states. "3/4/2020" has two
/// values, "2020-04-03|2020-03-04".
std::optional<FinalAnswer> AsDate(std::string_view plain, Lexicon& lexicon);

}  // namespace byok
