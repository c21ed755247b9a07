#include "consensus/agreement.hpp"

#include <algorithm>

#include "consensus/answer_profile.hpp"
#include "consensus/code_share.hpp"
#include "consensus/confidence.hpp"
#include "consensus/fold.hpp"
#include "consensus/pair_score.hpp"
#include "consensus/stance.hpp"

namespace byok {
namespace {

using Profiles = std::vector<std::optional<AnswerProfile>>;  // by panel member; usable ones only

bool IsUsable(AnswerStatus status) {
  return status == AnswerStatus::kUsable || status == AnswerStatus::kHedged;
}

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
  const std::vector<Token> tokens = Tokenize(folded, lexicon);
  if (tokens.empty()) return AnswerStatus::kMissing;
  const std::string low = ToAsciiLower(folded);
  const AnswerStatus status = StatusOfText(low);
  if (IsUsable(status)) profile = ProfileAnswer(folded, low, tokens, question, lexicon);
  return status;
}

// --- from scores to the pick
// ------------------------------------------------------------------------

/// Each member's support: the sum of its scores with the other usable ones.
std::vector<double> SupportOf(const Agreement& agreement) {
  std::vector<double> support(agreement.status.size(), 0.0);
  for (const PairScore& pair : agreement.pairs) {
    support[pair.first] += pair.score;
    support[pair.second] += pair.score;
  }
  return support;
}

/// The first member `is_eligible` with the greatest support.
template <typename Predicate>
std::optional<std::size_t> PickBest(const std::vector<double>& support, Predicate is_eligible) {
  constexpr double kMargin = 1e-6;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < support.size(); ++i) {
    if (is_eligible(i) && (!best || support[i] > support[*best] + kMargin)) best = i;
  }
  return best;
}

/// Picks the medoid. Where nothing agrees, a plain answer goes before a hedged one.
void PickMedoid(Agreement& agreement) {
  constexpr double kNothingAgrees = 0.3;
  const std::vector<double> support = SupportOf(agreement);
  const auto& status = agreement.status;
  const auto mean = [&](std::size_t i) {
    return support[i] / static_cast<double>(agreement.usable - 1);
  };
  auto pick = PickBest(support, [&](std::size_t i) { return IsUsable(status[i]); });
  if (status[*pick] == AnswerStatus::kHedged && mean(*pick) < kNothingAgrees) {
    const auto is_plain = [&](std::size_t i) { return status[i] == AnswerStatus::kUsable; };
    if (const auto plain = PickBest(support, is_plain)) pick = plain;
  }
  agreement.method = ConsensusMethod::kMedoid;
  agreement.picked = pick;
  agreement.score = mean(*pick);
}

/// The first member of this status.
std::optional<std::size_t> FirstOf(const Agreement& agreement, bool (*is_wanted)(AnswerStatus)) {
  const auto& status = agreement.status;
  const auto first = std::find_if(status.begin(), status.end(), is_wanted);
  if (first == status.end()) return {};
  return static_cast<std::size_t>(first - status.begin());
}

void Pick(Agreement& agreement) {
  if (agreement.usable >= 2) return PickMedoid(agreement);
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
    case AnswerStatus::kHedged:
      return "usable";
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
    if (profiles[i]) ++agreement.usable;
  }
  for (std::size_t i = 0; i < panel.size(); ++i) {
    for (std::size_t j = i + 1; j < panel.size(); ++j) {
      if (!profiles[i] || !profiles[j]) continue;
      agreement.pairs.push_back({i, j, ScorePair(*profiles[i], *profiles[j], lexicon)});
    }
  }
  Pick(agreement);
  agreement.code = IsAboutCode(panel);
  agreement.confidence = ConfidenceOf(agreement.usable, agreement.score, agreement.code);
  return agreement;
}

}  // namespace byok
