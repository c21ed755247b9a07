#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace byok {

/// A text that a model wrote out of the answers.
struct Synthesis {
  std::string_view text;
  std::string_view prompt;
  std::string_view pick;                 ///< the answer it would stand for
  const std::vector<std::string>& seen;  ///< all that its writer was shown, the question too
};

/// Why it may not be returned in place of the pick; "" when it may:
/// - "unusable_answer": it is blank or a refusal;
/// - "too_long": it cannot be read as a whole, so nothing is known of its rest;
/// - "differs_from_pick": it says something else, its pair score with the pick is below 0.35;
/// - "new_number", "new_link": it has a number, or a link, of which its writer was shown none.
///
/// A writer that follows an order hidden in an answer, or makes up facts, is caught by these.
std::string_view FaultOf(const Synthesis& synthesis);

}  // namespace byok
