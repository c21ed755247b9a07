#include "consensus/agreement.hpp"

#include <algorithm>
#include <numeric>

#include "consensus/answer_groups.hpp"
#include "consensus/answer_profile.hpp"
#include "consensus/code_share.hpp"
#include "consensus/confidence.hpp"
#include "consensus/evidence.hpp"
#include "consensus/fold.hpp"
#include "consensus/medoid.hpp"
#include "consensus/pair_score.hpp"
#include "consensus/stance.hpp"

namespace byok {
namespace {

using Profiles = std::vector<std::optional<AnswerProfile>>;  // by panel member; usable ones only

// --- from texts to profiles
// ------------------------------------------------------------------------

std::string ClipAndFold(std::string_view text) {
  std::string storage;
  return Fold(Clip(text, storage));
}

/// The answer's status, and its profile when it is usable.
AnswerStatus ReadAnswer(const PanelAnswer& answer, const QuestionProfile& question,
                        Lexicon& lexicon, std::optional<AnswerProfile>& profile) {
  if (answer.refused) return AnswerStatus::kRefused;
  if (!answer.text) return AnswerStatus::kMissing;
  const std::string folded = ClipAndFold(*answer.text);
  const std::string low = ToAsciiLower(folded);
  const std::vector<Token> tokens = Tokenize(folded, low, lexicon);
  if (tokens.empty()) return AnswerStatus::kMissing;
  const AnswerStatus status = StatusOfText(low);
  if (!IsUsable(status)) return status;
  profile = ProfileAnswer(folded, low, tokens, question, lexicon);
  profile->is_code = IsMostlyCode(*answer.text);
  return status;
}

std::vector<PairScore> ScorePairs(const Profiles& profiles, const Lexicon& lexicon) {
  std::vector<PairScore> pairs;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    for (std::size_t j = i + 1; j < profiles.size(); ++j) {
      if (!profiles[i] || !profiles[j]) continue;
      const Likeness likeness = ScorePair(*profiles[i], *profiles[j], lexicon);
      pairs.push_back({i, j, likeness.score, likeness.likeness});
    }
  }
  return pairs;
}

// --- from scores to the pick
// ------------------------------------------------------------------------

/// The first member of this status.
std::optional<std::size_t> FirstOf(const Agreement& agreement, bool (*is_wanted)(AnswerStatus)) {
  const auto& status = agreement.status;
  const auto first = std::find_if(status.begin(), status.end(), is_wanted);
  if (first == status.end()) return {};
  return static_cast<std::size_t>(first - status.begin());
}

void PickAmongMany(Agreement& agreement, const Profiles& profiles) {
  const std::size_t pick = PickMedoid(agreement.status, agreement.pairs);
  Group all(profiles.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::size_t> sizes;
  for (const auto& profile : profiles) sizes.push_back(profile ? profile->key.size() : 0);
  agreement.method = ConsensusMethod::kMedoid;
  agreement.picked = pick;
  agreement.score = SumOf(&PairScore::score, pick, all, agreement.pairs) /
                    static_cast<double>(agreement.usable - 1);
  agreement.evidence = EvidenceOf(agreement.finals, std::move(sizes));
}

void Pick(Agreement& agreement, const Profiles& profiles) {
  if (agreement.usable >= 2) return PickAmongMany(agreement, profiles);
  if (agreement.usable == 1) {
    agreement.method = ConsensusMethod::kSingle;
    agreement.picked = FirstOf(agreement, IsUsable);
    return;
  }
  agreement.picked = FirstOf(agreement, [](AnswerStatus s) { return s == AnswerStatus::kRefused; });
  agreement.method = agreement.picked ? ConsensusMethod::kRefused : ConsensusMethod::kNone;
}

/// Whether two answers at least are mostly code.
bool IsAboutCode(const std::vector<PanelAnswer>& panel) {
  return std::count_if(panel.begin(), panel.end(), [](const PanelAnswer& answer) {
           return answer.text && IsMostlyCode(*answer.text);
         }) >= 2;
}

}  // namespace

std::string_view AnswerStatusName(AnswerStatus status) {
  switch (status) {
    case AnswerStatus::kUsable:
      return "usable";
    case AnswerStatus::kHedged:
      return "hedged";
    case AnswerStatus::kRefused:
      return "refused";
    case AnswerStatus::kMissing:
      return "missing";
  }
  return "";
}

std::string_view ConsensusMethodName(ConsensusMethod method) {
  switch (method) {
    case ConsensusMethod::kMedoid:
      return "medoid";
    case ConsensusMethod::kSingle:
      return "single";
    case ConsensusMethod::kRefused:
      return "refused";
    case ConsensusMethod::kNone:
      return "none";
    case ConsensusMethod::kJudge:
      return "judge";
    case ConsensusMethod::kSynthesize:
      return "synthesize";
  }
  return "";
}

Agreement MeasureAgreement(std::string_view prompt, const std::vector<PanelAnswer>& panel) {
  Lexicon lexicon;
  const QuestionProfile question = ProfileQuestion(ClipAndFold(prompt), lexicon);
  Agreement agreement;
  Profiles profiles(panel.size());
  for (std::size_t i = 0; i < panel.size(); ++i) {
    agreement.status.push_back(ReadAnswer(panel[i], question, lexicon, profiles[i]));
    agreement.finals.push_back(profiles[i] ? profiles[i]->final : FinalAnswer());
    if (profiles[i]) ++agreement.usable;
  }
  agreement.pairs = ScorePairs(profiles, lexicon);
  agreement.groups = GroupAnswers(agreement.status, agreement.pairs);
  Pick(agreement, profiles);
  agreement.code = IsAboutCode(panel);
  agreement.confidence =
      ConfidenceOf(agreement.usable, agreement.score, agreement.evidence, agreement.code);
  return agreement;
}

}  // namespace byok
