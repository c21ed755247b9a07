#pragma once

#include "consensus/answer_profile.hpp"

namespace byok {

/// How far the words of two answers are the same, or nearly ("computer", "computers").
struct TokenMatch {
  double cosine = 0;       ///< of the weighted words, in [0, 1]
  double rest_cosine = 0;  ///< the same without numbers
  double containment = 0;  ///< the greater share of one answer that is found in the other
};
TokenMatch MatchTokens(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon);

/// Whether two different words read as one: a beginning in common, or one letter apart. Of two
/// names only a usual ending may be added, and short ones are not read as one: "Java" and
/// "JavaScript". Symmetric.
bool IsNearlySame(const Lexicon::Entry& a, const Lexicon::Entry& b, bool are_names);

}  // namespace byok
