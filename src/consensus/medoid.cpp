#include "consensus/medoid.hpp"

#include <algorithm>
#include <cmath>

namespace byok {
namespace {

Group MembersThat(bool (*are_wanted)(AnswerStatus), const std::vector<AnswerStatus>& status) {
  Group members;
  for (std::size_t i = 0; i < status.size(); ++i) {
    if (are_wanted(status[i])) members.push_back(i);
  }
  return members;
}

/// How one candidate stands with the voters.
struct Standing {
  std::size_t member = 0;
  double support = 0, likeness = 0;
};

bool IsAhead(const Standing& a, const Standing& b) {
  constexpr double kMargin = 1e-6;  // sums of the same scores in another order differ by less
  if (std::abs(a.likeness - b.likeness) > kMargin) return a.likeness > b.likeness;
  return a.support > b.support + kMargin;
}

}  // namespace

double SumOf(double PairScore::*what, std::size_t member, const Group& others,
             const std::vector<PairScore>& pairs) {
  double sum = 0;
  for (const PairScore& pair : pairs) {
    if (pair.first != member && pair.second != member) continue;
    const std::size_t other = pair.first == member ? pair.second : pair.first;
    if (std::find(others.begin(), others.end(), other) != others.end()) sum += pair.*what;
  }
  return sum;
}

std::size_t FindMedoid(const Group& candidates, const Group& voters,
                       const std::vector<PairScore>& pairs) {
  constexpr double kAboutTheSame = 0.5;
  std::vector<Standing> standings;
  double most = 0;
  for (const std::size_t member : candidates) {
    standings.push_back({member, SumOf(&PairScore::score, member, voters, pairs),
                         SumOf(&PairScore::likeness, member, voters, pairs)});
    most = std::max(most, standings.back().support);
  }
  std::erase_if(standings, [&](const Standing& s) { return s.support < most - kAboutTheSame; });
  Standing best = standings.front();
  for (const Standing& standing : standings) {
    if (IsAhead(standing, best)) best = standing;
  }
  return best.member;
}

std::size_t PickMedoid(const std::vector<AnswerStatus>& status,
                       const std::vector<PairScore>& pairs) {
  constexpr double kClearlyAgreed = 0.55;  // mean score
  const Group usable = MembersThat(IsUsable, status);
  const std::size_t pick = FindMedoid(usable, usable, pairs);
  const double agreed = kClearlyAgreed * static_cast<double>(usable.size() - 1);
  if (status[pick] != AnswerStatus::kHedged) return pick;
  if (SumOf(&PairScore::score, pick, usable, pairs) >= agreed) return pick;
  const Group plain =
      MembersThat([](AnswerStatus s) { return s == AnswerStatus::kUsable; }, status);
  return plain.empty() ? pick : FindMedoid(plain, usable, pairs);
}

}  // namespace byok
