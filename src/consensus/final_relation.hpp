#pragma once

#include <string_view>

#include "consensus/lexicon.hpp"

namespace byok {

/// How a result stands to its number or date.
enum class Relation {
  kPlain,  ///< nothing is said
  kEqual,
  kNot,
  kBelow,   ///< "less than", "before", "<"
  kAtMost,  ///< "at most", "up to", "≤"
  kAtLeast,
  kAbove,
};

/// "not", "below", "at_most", "at_least", "above"; empty where it is the number itself.
std::string_view RelationName(Relation relation);

/// What the words before the number and the signs of a result say.
Relation ReadRelation(std::string_view plain, const Key& key, const Lexicon& lexicon);

/// Whether a word says how a result stands to its number, and nothing of what is counted.
bool IsRelationWord(std::string_view word);

/// Whether both cannot be said of one number: "at least 5" and "at most 5", "not 5" and "5".
bool AreInConflict(Relation a, Relation b);

}  // namespace byok
