#pragma once

#include <string_view>

#include "consensus/agreement.hpp"

namespace byok {

/// How a text that has tokens answers: kRefused when it is short and declines at its beginning,
/// kHedged when it declines and goes on ("I don't know. However, …"), else kUsable. `low` is the
/// folded text with ASCII lowered.
AnswerStatus StatusOfText(std::string_view low);

/// Whether the text begins with a plain yes (+1) or no (-1); "Yes it is" and "No one" say neither.
int LeadingYesNo(std::string_view low);

}  // namespace byok
