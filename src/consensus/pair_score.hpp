#pragma once

#include "consensus/answer_profile.hpp"

namespace byok {

/// How near two answers are, each in [0, 1], 1 for equal keys.
struct Likeness {
  double score = 0;     ///< that they say the same
  double likeness = 0;  ///< that they say it in like words and at like length
};

/// Symmetric. Results of one type decide; without them weighted words do, corrected for yes and no,
/// negation and numbers.
Likeness ScorePair(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon);

}  // namespace byok
