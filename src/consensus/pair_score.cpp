#include "consensus/pair_score.hpp"

#include <algorithm>
#include <cmath>

#include "consensus/sentence_alignment.hpp"
#include "consensus/token_match.hpp"

namespace byok {
namespace {

/// Moves a score towards 1 by a share of what is missing.
double Raise(double score, double share) {
  return score + share * (1 - score);
}

/// Cosine and containment of the words. Long texts have words in common by chance and agree at
/// lower cosines, so both ends are moved by the length of the shorter one.
double WordScore(const AnswerProfile& a, const AnswerProfile& b, const TokenMatch& match) {
  constexpr std::size_t kLongEnough = 400;  // tokens
  constexpr double kChance = 0.02, kRelief = 0.5;
  const std::size_t shorter = std::min({a.key.size(), b.key.size(), kLongEnough});
  const double x = std::max(0.0, std::log1p(static_cast<double>(shorter)) - 3);
  const double chance = kChance * x;
  const double raw = 0.75 * match.cosine + 0.25 * match.containment;
  return std::clamp((raw - chance) / (1 - chance) * (1 + kRelief * x), 0.0, 1.0);
}

enum class Verdict { kSame, kDifferent, kUnknown };

/// Both have a unit, and neither contains the other: 5 km and 5 miles.
bool AreUnitsInConflict(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a.find(b) == std::string_view::npos &&
         b.find(a) == std::string_view::npos;
}

/// What the results alone say.
Verdict CompareFinals(const FinalAnswer& a, const FinalAnswer& b) {
  if (a.type != b.type) return Verdict::kUnknown;
  switch (a.type) {
    case FinalType::kNone:
    case FinalType::kText:
      return Verdict::kUnknown;
    case FinalType::kChoice:
    case FinalType::kYesNo:
      return a.value == b.value ? Verdict::kSame : Verdict::kDifferent;
    case FinalType::kNumber:
      if (!IsSameNumber(a.value, b.value)) return Verdict::kDifferent;
      return AreUnitsInConflict(a.unit, b.unit) ? Verdict::kUnknown : Verdict::kSame;
  }
  return Verdict::kUnknown;
}

double ApplyYesNo(double score, const AnswerProfile& a, const AnswerProfile& b) {
  if (a.leading_yes_no == 0 || b.leading_yes_no == 0) return score;
  return a.leading_yes_no == b.leading_yes_no ? Raise(score, 0.5) : score * 0.1;
}

/// Exactly one short answer has a negator, and the rest is much the same.
bool IsOneNegated(const AnswerProfile& a, const AnswerProfile& b, double cosine) {
  constexpr std::size_t kShort = 60;  // tokens
  return (a.negators == 0) != (b.negators == 0) && std::max(a.key.size(), b.key.size()) <= kShort &&
         cosine >= 0.3;
}

double ApplyConflicts(double score, const AnswerProfile& a, const AnswerProfile& b, double cosine,
                      const Lexicon& lexicon) {
  constexpr double kPenalty = 0.4;
  const Conflicts conflicts = FindConflicts(a, b, lexicon);
  const double one_negated = IsOneNegated(a, b, cosine) ? 1 : 0;
  for (const double share : {conflicts.negation, one_negated, conflicts.number}) {
    score *= 1 - kPenalty * share;
  }
  return score;
}

/// Whether `answer`, which announces no result, ends with the number that is the other's result.
bool EndsWithResult(const AnswerProfile& answer, const AnswerProfile& other,
                    const Lexicon& lexicon) {
  return other.final.type == FinalType::kNumber && answer.final.type == FinalType::kNone &&
         answer.last_number && lexicon[*answer.last_number].text == other.final.value;
}

double ScoreUntyped(double score, const AnswerProfile& a, const AnswerProfile& b, double cosine,
                    const Lexicon& lexicon) {
  score = ApplyYesNo(score, a, b);
  score = ApplyConflicts(score, a, b, cosine, lexicon);
  const bool ends_with_result = EndsWithResult(a, b, lexicon) || EndsWithResult(b, a, lexicon);
  return ends_with_result ? Raise(score, 0.6) : score;
}

}  // namespace

double ScorePair(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  if (a.key == b.key) return 1;
  const Verdict verdict = CompareFinals(a.final, b.final);
  if (verdict == Verdict::kDifferent) return 0;
  const TokenMatch match = MatchTokens(a, b, lexicon);
  const double words = WordScore(a, b, match);
  return verdict == Verdict::kSame ? 0.95 + 0.05 * words
                                   : ScoreUntyped(words, a, b, match.cosine, lexicon);
}

}  // namespace byok
