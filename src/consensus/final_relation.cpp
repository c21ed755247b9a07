#include "consensus/final_relation.hpp"

#include <algorithm>
#include <iterator>

namespace byok {
namespace {

struct Sign {
  std::string_view text;
  Relation relation;
};
constexpr Sign kSigns[] = {
    {"<=", Relation::kAtMost}, {">=", Relation::kAtLeast}, {"≤", Relation::kAtMost},
    {"≥", Relation::kAtLeast}, {"≠", Relation::kNot},      {"<", Relation::kBelow},
    {">", Relation::kAbove},   {"=", Relation::kEqual},
};
constexpr Sign kWords[] = {
    {"least", Relation::kAtLeast}, {"minimum", Relation::kAtLeast}, {"more", Relation::kAbove},
    {"over", Relation::kAbove},    {"above", Relation::kAbove},     {"exceeding", Relation::kAbove},
    {"greater", Relation::kAbove}, {"most", Relation::kAtMost},     {"maximum", Relation::kAtMost},
    {"less", Relation::kBelow},    {"fewer", Relation::kBelow},     {"under", Relation::kBelow},
    {"below", Relation::kBelow},   {"up", Relation::kAtMost},       {"before", Relation::kBelow},
    {"prior", Relation::kBelow},   {"until", Relation::kAtMost},    {"after", Relation::kAbove},
    {"since", Relation::kAtLeast},
};

/// The first sign of the text that is no part of an arrow.
Relation ReadSign(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const auto& [sign, relation] : kSigns) {
      if (!text.substr(at).starts_with(sign)) continue;
      const std::size_t end = at + sign.size();
      const bool is_arrow = (at > 0 && (text[at - 1] == '-' || text[at - 1] == '=')) ||
                            (end < text.size() && text[end] == '>');
      return is_arrow ? Relation::kPlain : relation;
    }
  }
  return Relation::kPlain;
}

Relation RelationOf(std::string_view word) {
  const auto* const found = std::find_if(std::begin(kWords), std::end(kWords),
                                         [word](const Sign& s) { return s.text == word; });
  return found == std::end(kWords) ? Relation::kPlain : found->relation;
}

/// "5 or more".
Relation Weaken(Relation relation) {
  if (relation == Relation::kAbove) return Relation::kAtLeast;
  return relation == Relation::kBelow ? Relation::kAtMost : relation;
}

/// "no more than": what "not" makes of it.
Relation Negate(Relation relation) {
  switch (relation) {
    case Relation::kPlain:
    case Relation::kEqual:
      return Relation::kNot;
    case Relation::kNot:
      return Relation::kEqual;
    case Relation::kBelow:
      return Relation::kAtLeast;
    case Relation::kAtMost:
      return Relation::kAbove;
    case Relation::kAtLeast:
      return Relation::kBelow;
    case Relation::kAbove:
      return Relation::kAtMost;
  }
  return relation;
}

/// What the words say, the negations left aside.
Relation ReadWords(const Key& key, const Lexicon& lexicon) {
  bool is_behind = false;  // a number was seen
  std::string_view before;
  for (const TokenId id : key) {
    const Lexicon::Entry& word = lexicon[id];
    is_behind = is_behind || word.is_number();
    const Relation relation = RelationOf(word.text);
    if (relation != Relation::kPlain && before == "or") return Weaken(relation);
    if (relation != Relation::kPlain && !is_behind) return relation;
    before = word.text;
  }
  return Relation::kPlain;
}

bool IsNegated(std::string_view plain, const Key& key, const Lexicon& lexicon) {
  // "404 Not Found" denies nothing of the number.
  const auto number =
      std::find_if(key.begin(), key.end(), [&](TokenId id) { return lexicon[id].is_number(); });
  const auto negators =
      std::count_if(key.begin(), number, [&](TokenId id) { return lexicon[id].facts.is_negator; });
  // "No, 42" denies something else.
  const bool denies_before = !key.empty() && lexicon[key.front()].facts.is_no &&
                             plain.find(',') <= lexicon[key.front()].text.size();
  return (negators - (denies_before ? 1 : 0)) % 2 != 0;
}

}  // namespace

std::string_view RelationName(Relation relation) {
  switch (relation) {
    case Relation::kNot:
      return "not";
    case Relation::kBelow:
      return "below";
    case Relation::kAtMost:
      return "at_most";
    case Relation::kAtLeast:
      return "at_least";
    case Relation::kAbove:
      return "above";
    case Relation::kPlain:
    case Relation::kEqual:
      break;
  }
  return "";
}

Relation ReadRelation(std::string_view plain, const Key& key, const Lexicon& lexicon) {
  const Relation sign = ReadSign(plain);
  const Relation relation = sign == Relation::kPlain ? ReadWords(key, lexicon) : sign;
  return IsNegated(plain, key, lexicon) ? Negate(relation) : relation;
}

bool IsRelationWord(std::string_view word) {
  return RelationOf(word) != Relation::kPlain;
}

bool AreInConflict(Relation a, Relation b) {
  if (a == b) return false;
  if (a == Relation::kNot || b == Relation::kNot) return true;
  return a != Relation::kPlain && b != Relation::kPlain;
}

}  // namespace byok
