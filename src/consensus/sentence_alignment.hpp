#pragma once

#include "consensus/answer_profile.hpp"

namespace byok {

/// Contradictions between the sentences of two answers that speak of the same thing, as shares in
/// [0, 1] of what could be aligned.
struct Conflicts {
  double negation = 0;  ///< one denies what the other says
  double number = 0;    ///< both bring numbers of their own, and not the same
};
/// Symmetric.
Conflicts FindConflicts(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon);

}  // namespace byok
