#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/final_value.hpp"

namespace byok {

/// What became of one answer before it was compared.
enum class AnswerStatus { kUsable, kHedged, kRefused, kMissing };
constexpr bool IsUsable(AnswerStatus status) {
  return status == AnswerStatus::kUsable || status == AnswerStatus::kHedged;
}
std::string_view AnswerStatusName(
    AnswerStatus status);  ///< "usable", "hedged", "refused", "missing"

/// One panel member, in provider order: ties go to the earlier one.
struct PanelAnswer {
  std::string name;
  std::optional<std::string> text;  ///< nothing: failed, timed out, no key
  bool refused = false;             ///< the provider itself said so, whatever the text says
};

struct PairScore {
  std::size_t first = 0, second = 0;  ///< indices into the panel, first < second
  double score = 0;                   ///< that they say the same, in [0, 1]
  double likeness = 0;                ///< that they say it in like words, in [0, 1]
};
/// From this score on two answers count as saying the same. Of labelled pairs 90 % come out right,
/// as they do from 0.2 to 0.4.
constexpr double kSameFrom = 0.3;

/// Answers that say the same: indices into the panel, ascending.
using Group = std::vector<std::size_t>;

/// What the confidence stands on.
enum class Evidence {
  kResults,     ///< two of them state results of one type, which were compared
  kShortTexts,  ///< the words of short answers
  kLongTexts,   ///< the words of long answers: details agree or differ by chance
};
std::string_view EvidenceName(Evidence evidence);  ///< "results", "short_texts", "long_texts"

enum class ConsensusMethod { kMedoid, kSingle, kRefused, kNone, kJudge, kSynthesize };
std::string_view ConsensusMethodName(
    ConsensusMethod method);  ///< "medoid", "single", "refused", "none", "judge", "synthesize"

/// What the engine found.
struct Agreement {
  std::vector<AnswerStatus> status;  ///< per panel member
  std::vector<FinalAnswer> finals;   ///< per panel member; of type kNone for unusable ones
  std::vector<PairScore> pairs;      ///< compared pairs only
  std::vector<Group> groups;         ///< of the usable ones, the largest first, then in panel order
  std::optional<std::size_t> picked;
  double confidence = 0;        ///< in [0, 1], rounded to 3 decimals
  std::optional<double> score;  ///< mean support of the pick; nothing below two usable answers
  std::size_t usable = 0;
  Evidence evidence = Evidence::kShortTexts;
  bool code = false;  ///< mostly code: similarity of text says little, confidence capped
  ConsensusMethod method = ConsensusMethod::kNone;

  [[nodiscard]] bool degraded() const { return usable < status.size(); }
};
constexpr int kConfidenceVersion = 2;  ///< of the table and the scores it was fitted to
constexpr std::size_t kMaxPanel = 8;

/// Compares the answers and picks the one the others support most (the medoid). Deterministic; no
/// clock, no locale, no randomness. At most kMaxPanel answers. docs/consensus.md explains the
/// measure.
Agreement MeasureAgreement(std::string_view prompt, const std::vector<PanelAnswer>& panel);

}  // namespace byok
