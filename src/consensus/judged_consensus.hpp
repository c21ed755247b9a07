#pragma once

#include <optional>
#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// Whether it would help to ask a model which answers mean the same: no two of them state results
/// that can be compared, and their words agree only so far.
bool WantsJudge(const Agreement& agreement);

/// Whether a verdict on which answers mean the same says otherwise than their results do: different
/// results in one group, or the same result in two. What was compared for certain stands.
bool ContradictsResults(const Agreement& measured, const std::vector<Group>& verdict);

/// The consensus by somebody's verdict on which answers mean the same. `verdict` must have every
/// usable member once and no other and must not contradict their results, else nothing. The largest
/// group wins; among equals, the one whose member all usable answers support most. The pick is the
/// group's medoid, a plain answer before a hedged one. The score is for seven tenths the verdict,
/// where members of one group agree fully and others not at all, and for three the support that the
/// pick has by the texts; the confidence is that of compared results. The pair scores stay those of
/// the texts.
std::optional<Agreement> ConsensusOfGroups(const Agreement& measured, std::vector<Group> verdict);

}  // namespace byok
