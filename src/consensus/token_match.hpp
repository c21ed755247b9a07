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

/// What two words are: names, perhaps ones that are all that is said.
enum class Naming { kWords, kNames, kBareNames };
/// Whether two different words read as one: a beginning in common, or one letter apart. To a name
/// only a usual ending may be added: "Java" and "JavaScript" are two. Bare ones may differ by a
/// letter when they are long: "Mauritania" and "Mauritius" are two. Symmetric.
bool IsNearlySame(const Lexicon::Entry& a, const Lexicon::Entry& b, Naming naming);

}  // namespace byok
