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

constexpr double kUsualShare = 0.25;  // of containment beside the cosine

/// How much containment counts beside the cosine. A terse answer inside a long one says the same,
/// though the long one says more.
double ContainmentShare(const AnswerProfile& a, const AnswerProfile& b) {
  constexpr double kTerseShare = 0.5, kTerseWords = 6;
  const auto words = static_cast<double>(std::min(a.content.size(), b.content.size()));
  const double terseness = std::clamp(2 - words / kTerseWords, 0.0, 1.0);
  return kUsualShare + (kTerseShare - kUsualShare) * terseness;
}

/// Cosine and containment of the words. Long texts have words in common by chance and agree at
/// lower cosines, so both ends are moved by the length of the shorter one.
double WordScore(const AnswerProfile& a, const AnswerProfile& b, const TokenMatch& match,
                 double containment_share) {
  constexpr std::size_t kLongEnough = 400;  // tokens
  constexpr double kChance = 0.02, kRelief = 0.5;
  const std::size_t shorter = std::min({a.key.size(), b.key.size(), kLongEnough});
  const double x = std::max(0.0, std::log1p(static_cast<double>(shorter)) - 3);
  const double chance = kChance * x;
  const double raw = (1 - containment_share) * match.cosine + containment_share * match.containment;
  return std::clamp((raw - chance) / (1 - chance) * (1 + kRelief * x), 0.0, 1.0);
}

double ApplyYesNo(double score, const AnswerProfile& a, const AnswerProfile& b) {
  if (a.leading_yes_no == 0 || b.leading_yes_no == 0) return score;
  return a.leading_yes_no == b.leading_yes_no ? Raise(score, 0.5) : score * 0.1;
}

constexpr std::size_t kShort = 60;  // tokens

/// Exactly one short answer has a negator, and the rest is much the same.
bool IsOneNegated(const AnswerProfile& a, const AnswerProfile& b, double cosine) {
  return (a.negators == 0) != (b.negators == 0) && std::max(a.key.size(), b.key.size()) <= kShort &&
         cosine >= 0.3;
}

constexpr double kPenalty = 0.4;  // of a conflict

/// What a conflict takes: the more two texts are alike otherwise, the more it is all that counts.
double PenaltyFor(double cosine) {
  constexpr double kAlikeFrom = 0.6;
  const double alike = std::clamp((cosine - kAlikeFrom) / (1 - kAlikeFrom), 0.0, 1.0);
  return kPenalty + (1 - kPenalty) * alike;
}

/// By kind of conflict.
struct Penalties {
  double negation = kPenalty;
  double number = kPenalty;
};

/// Code negates and counts for other reasons; of long texts a number is a detail.
Penalties PenaltiesFor(const AnswerProfile& a, const AnswerProfile& b, const TokenMatch& match) {
  if (a.is_code && b.is_code) return {};
  const bool is_short = std::max(a.key.size(), b.key.size()) <= kShort;
  return {PenaltyFor(match.cosine), is_short ? PenaltyFor(match.rest_cosine) : kPenalty};
}

/// Whether `answer`, which announces no result, ends with the number that is the other's result.
bool EndsWithResult(const AnswerProfile& answer, const AnswerProfile& other,
                    const Lexicon& lexicon) {
  return other.final.type == FinalType::kNumber && answer.final.type == FinalType::kNone &&
         answer.last_number && lexicon[*answer.last_number].text == other.final.value;
}

/// What the one amount of a sentence and a result, or of two sentences, say. A number without a
/// unit is left to the conflicts of numbers.
Verdict CompareStated(const AnswerProfile& a, const AnswerProfile& b) {
  if ((!a.stated && !b.stated) || a.is_code || b.is_code) return Verdict::kUnknown;
  const FinalAnswer& left = a.stated ? *a.stated : a.final;
  const FinalAnswer& right = b.stated ? *b.stated : b.final;
  if (left.type != right.type) return Verdict::kUnknown;
  const bool has_bare_number =
      left.type == FinalType::kNumber && (left.unit.empty() || right.unit.empty());
  return has_bare_number ? Verdict::kUnknown : CompareFinals(left, right);
}

/// What the verdict makes of the score. Where one answer is nothing but its result, that it is the
/// same is enough.
double ApplyStated(double score, Verdict verdict, bool are_both_sentences) {
  constexpr double kLeft = 0.3, kLeastOfSame = 0.8;
  if (verdict == Verdict::kDifferent) return score * kLeft;
  const bool is_same = verdict == Verdict::kSame && !are_both_sentences;
  return is_same ? std::max(score, kLeastOfSame) : score;
}

/// What stands beside the words of two answers without results to compare.
struct Signs {
  Conflicts conflicts;
  bool is_one_negated = false;
  bool ends_with_result = false;
};

double ApplySigns(double score, const Signs& signs, const Penalties& penalties) {
  score *= 1 - penalties.negation * signs.conflicts.negation;
  if (signs.is_one_negated) score *= 1 - penalties.negation;
  score *= 1 - penalties.number * signs.conflicts.number;
  return signs.ends_with_result ? Raise(score, 0.6) : score;
}

/// "The statement is false." and "No, the statement is false." deny the same, though once in words.
bool IsSameYesNo(const AnswerProfile& a, const AnswerProfile& b) {
  const bool has_result = a.final.type == FinalType::kYesNo || b.final.type == FinalType::kYesNo;
  return has_result && a.leading_yes_no != 0 && a.leading_yes_no == b.leading_yes_no;
}

Signs ReadSigns(const AnswerProfile& a, const AnswerProfile& b, const TokenMatch& match,
                const Lexicon& lexicon) {
  Signs signs = {FindConflicts(a, b, lexicon), IsOneNegated(a, b, match.cosine),
                 EndsWithResult(a, b, lexicon) || EndsWithResult(b, a, lexicon)};
  if (!IsSameYesNo(a, b)) return signs;
  signs.conflicts.negation = 0;
  signs.is_one_negated = false;
  return signs;
}

Likeness ScoreUntyped(const AnswerProfile& a, const AnswerProfile& b, const TokenMatch& match,
                      const Lexicon& lexicon) {
  const Signs signs = ReadSigns(a, b, match, lexicon);
  const double share = a.is_code && b.is_code ? kUsualShare : ContainmentShare(a, b);
  const auto score = [&](double containment_share, const Penalties& penalties) {
    const double words = WordScore(a, b, match, containment_share);
    return ApplySigns(ApplyYesNo(words, a, b), signs, penalties);
  };
  const Verdict stated = CompareStated(a, b);
  const double said = score(share, PenaltiesFor(a, b, match));
  const double likeness = score(kUsualShare, Penalties());
  return {ApplyStated(said, stated, a.stated && b.stated), likeness};
}

/// Whether short answers have words in common whose signs differ: "C++" and "C#", "O+" and "O-".
bool DifferBySigns(const AnswerProfile& a, const AnswerProfile& b) {
  return a.final.marks && b.final.marks &&
         AreMarksInConflict(*a.final.marks, *b.final.marks, a.key == b.key);
}

}  // namespace

Likeness ScorePair(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  const Verdict verdict = CompareFinals(a.final, b.final);
  if (verdict == Verdict::kDifferent) return {0, 0};
  if (verdict == Verdict::kUnknown && DifferBySigns(a, b)) return {0, 0};
  if (a.key == b.key) return {1, 1};
  const TokenMatch match = MatchTokens(a, b, lexicon);
  if (verdict == Verdict::kUnknown) {
    constexpr double kLeastOfInitialism = 0.9;
    const Likeness untyped = ScoreUntyped(a, b, match, lexicon);
    if (!IsInitialismOf(a.initials, b.initials)) return untyped;
    return {std::max(untyped.score, kLeastOfInitialism), untyped.likeness};
  }
  const double same = 0.95 + 0.05 * WordScore(a, b, match, kUsualShare);
  return {same, same};
}

}  // namespace byok
