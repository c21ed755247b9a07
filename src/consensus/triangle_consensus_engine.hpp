#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "consensus/agreement.hpp"

namespace byok {

/// A consensus and where it came from.
struct Consensus {
  std::optional<std::string>
      text;  ///< one of the answers, byte for byte; nothing when there is none
  Agreement agreement;
  std::vector<std::string> names;  ///< of the panel, in its order
  /// Per panel member: the result it states in words, as it was read; empty without one.
  std::vector<std::string> stated;
};

/// The seed's TriangleConsensusEngine.
class TriangleConsensusEngine {
 public:
  static Consensus Decide(std::string_view prompt, const std::vector<PanelAnswer>& panel);
};

/// The `confidence` member of results, at most 3 decimals.
Json ConfidenceToJson(const Agreement& agreement);

/// The `agreement` member of results: picked, method, pairs, status, groups, finals, score, usable,
/// evidence, code, confidence_version.
Json AgreementToJson(const Consensus& consensus);

/// The SQL function `triangle_consensus`: `answers` is an object of texts and nulls. Ties go to the
/// order of options.providers, else openai, anthropic, deepseek, then the other names bytewise
/// (jsonb forgets its own order). 22023 for anything else in `answers` or `options`.
Result<Json> TriangleConsensus(std::string_view prompt, const Json& answers, const Json& options);

}  // namespace byok
