#pragma once

#include <string_view>

#include "consensus/agreement.hpp"

namespace byok {

/// How a text that has tokens answers: kRefused when it is short and declines, or says only that it
/// does not know, at its beginning; kHedged when it does so and goes on ("I don't know. However,
/// …", "I'm not sure, but …"); else kUsable. What it quotes does not count. `low` is the folded
/// text with ASCII lowered.
AnswerStatus StatusOfText(std::string_view low);

/// Whether the text begins with a plain yes (+1) or no (-1); "Yes it is" and "No one" say neither.
int LeadingYesNo(std::string_view low);

}  // namespace byok
