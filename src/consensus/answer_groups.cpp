#include "consensus/answer_groups.hpp"

#include <algorithm>

namespace byok {
namespace {

bool Contains(const Group& group, std::size_t member) {
  return std::find(group.begin(), group.end(), member) != group.end();
}

/// Of the pairs with one member in each group.
double MeanScore(const Group& a, const Group& b, const std::vector<PairScore>& pairs) {
  double sum = 0;
  for (const PairScore& pair : pairs) {
    const bool is_between = (Contains(a, pair.first) && Contains(b, pair.second)) ||
                            (Contains(b, pair.first) && Contains(a, pair.second));
    if (is_between) sum += pair.score;
  }
  return sum / static_cast<double>(a.size() * b.size());
}

struct Nearest {
  std::size_t first = 0, second = 0;
  double score = 0;
};

Nearest FindNearest(const std::vector<Group>& groups, const std::vector<PairScore>& pairs) {
  Nearest nearest;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = i + 1; j < groups.size(); ++j) {
      const double score = MeanScore(groups[i], groups[j], pairs);
      if (score > nearest.score) nearest = {i, j, score};
    }
  }
  return nearest;
}

}  // namespace

std::vector<Group> GroupAnswers(const std::vector<AnswerStatus>& status,
                                const std::vector<PairScore>& pairs) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < status.size(); ++i) {
    if (IsUsable(status[i])) groups.push_back({i});
  }
  for (Nearest nearest = FindNearest(groups, pairs); nearest.score >= kSameFrom;
       nearest = FindNearest(groups, pairs)) {
    Group& into = groups[nearest.first];
    Group& from = groups[nearest.second];
    into.insert(into.end(), from.begin(), from.end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(nearest.second));
  }
  SortGroups(groups);
  return groups;
}

void SortGroups(std::vector<Group>& groups) {
  for (Group& group : groups) std::sort(group.begin(), group.end());
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
}

}  // namespace byok
