#pragma once

#include <cstddef>
#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// Σ of `what` over the pairs of `member` with `others`.
double SumOf(double PairScore::*what, std::size_t member, const Group& others,
             const std::vector<PairScore>& pairs);

/// The one of `candidates` (not empty) that `voters` support most. Where the support is about the
/// same, the one whose words are most like theirs: else a terse answer that every longer one
/// contains would always win. Ties go to the first.
std::size_t FindMedoid(const Group& candidates, const Group& voters,
                       const std::vector<PairScore>& pairs);

/// The member to return where two or more are usable: the medoid of all, but a plain answer goes
/// before a hedged one that they do not clearly agree with.
std::size_t PickMedoid(const std::vector<AnswerStatus>& status,
                       const std::vector<PairScore>& pairs);

}  // namespace byok
