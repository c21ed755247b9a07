#pragma once

#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// Groups of usable answers that say the same: the two nearest groups are joined as long as the
/// mean score between their members is kSameFrom or more. The largest first, then in panel order.
std::vector<Group> GroupAnswers(const std::vector<AnswerStatus>& status,
                                const std::vector<PairScore>& pairs);

/// Puts members and groups into that order.
void SortGroups(std::vector<Group>& groups);

}  // namespace byok
