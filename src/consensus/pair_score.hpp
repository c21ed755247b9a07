#pragma once

#include "consensus/answer_profile.hpp"

namespace byok {

/// How far two answers say the same, in [0, 1]; symmetric; 1 for equal keys. Results of one type
/// decide; without them weighted words do, corrected for yes and no, negation and numbers.
double ScorePair(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon);

}  // namespace byok
