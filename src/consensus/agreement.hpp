#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace byok {

/// What became of one answer before it was compared.
enum class AnswerStatus { kUsable, kHedged, kRefused, kMissing };
std::string_view AnswerStatusName(
    AnswerStatus status);  ///< "usable", "usable" (hedged too), "refused", "missing"

/// One panel member, in provider order: ties go to the earlier one.
struct PanelAnswer {
  std::string name;
  std::optional<std::string> text;  ///< nothing: failed, timed out, no key
  bool refused = false;             ///< the provider itself said so, whatever the text says
};

struct PairScore {
  std::size_t first = 0, second = 0;  ///< indices into the panel, first < second
  double score = 0;                   ///< in [0, 1]
};

enum class ConsensusMethod { kMedoid, kSingle, kRefused, kNone };
std::string_view ConsensusMethodName(
    ConsensusMethod method);  ///< "medoid", "single", "refused", "none"

/// What the engine found. Version 1 of the confidence table.
struct Agreement {
  std::vector<AnswerStatus> status;  ///< per panel member
  std::vector<PairScore> pairs;      ///< compared pairs only
  std::optional<std::size_t> picked;
  double confidence = 0;        ///< in [0, 1], rounded to 3 decimals
  std::optional<double> score;  ///< mean support of the pick; nothing below two usable answers
  std::size_t usable = 0;
  bool code = false;  ///< mostly code: similarity of text says little, confidence capped
  ConsensusMethod method = ConsensusMethod::kNone;

  [[nodiscard]] bool degraded() const { return usable < status.size(); }
};
constexpr int kConfidenceVersion = 1;
constexpr std::size_t kMaxPanel = 8;

/// Compares the answers and picks the one the others support most (the medoid). Deterministic; no
/// clock, no locale, no randomness. At most kMaxPanel answers. docs/consensus.md explains the
/// measure.
Agreement MeasureAgreement(std::string_view prompt, const std::vector<PanelAnswer>& panel);

}  // namespace byok
