#include "consensus/judged_consensus.hpp"

#include <algorithm>

#include "consensus/answer_groups.hpp"
#include "consensus/confidence.hpp"
#include "consensus/medoid.hpp"

namespace byok {
namespace {

Group UsableOf(const Agreement& agreement) {
  Group usable;
  for (std::size_t i = 0; i < agreement.status.size(); ++i) {
    if (IsUsable(agreement.status[i])) usable.push_back(i);
  }
  return usable;
}

Group Union(const std::vector<Group>& groups) {
  Group all;
  for (const Group& group : groups) all.insert(all.end(), group.begin(), group.end());
  std::sort(all.begin(), all.end());
  return all;
}

/// Those that do not hedge; all when every one does.
Group PlainOf(const Group& group, const std::vector<AnswerStatus>& status) {
  Group plain = group;
  std::erase_if(plain, [&](std::size_t i) { return status[i] != AnswerStatus::kUsable; });
  return plain.empty() ? group : plain;
}

/// The first of `groups` (sorted, not empty) unless others are as large.
const Group& Winner(const std::vector<Group>& groups, const Agreement& agreement) {
  const std::size_t size = groups.front().size();
  const auto is_smaller = [size](const Group& group) { return group.size() < size; };
  const auto end = std::find_if(groups.begin(), groups.end(), is_smaller);
  const Group candidates = PlainOf(Union({groups.begin(), end}), agreement.status);
  const std::size_t leader = FindMedoid(candidates, UsableOf(agreement), agreement.pairs);
  return *std::find_if(groups.begin(), end, [leader](const Group& group) {
    return std::binary_search(group.begin(), group.end(), leader);
  });
}

bool AreTogether(std::size_t a, std::size_t b, const std::vector<Group>& verdict) {
  const auto has = [](const Group& group, std::size_t member) {
    return std::find(group.begin(), group.end(), member) != group.end();
  };
  return std::any_of(verdict.begin(), verdict.end(),
                     [&](const Group& group) { return has(group, a) && has(group, b); });
}

/// How much the others are with the pick: a judge errs, so the texts keep a say.
double ScoreOf(std::size_t pick, const Group& winner, const Agreement& measured) {
  constexpr double kOfVerdict = 0.7, kOfTexts = 0.3;  // an opinion: not measured
  const auto others = static_cast<double>(measured.usable - 1);
  const double by_texts = SumOf(&PairScore::score, pick, UsableOf(measured), measured.pairs);
  return (kOfVerdict * static_cast<double>(winner.size() - 1) + kOfTexts * by_texts) / others;
}

}  // namespace

bool WantsJudge(const Agreement& agreement) {
  constexpr double kClear = 0.7;
  return agreement.usable >= 2 && agreement.evidence != Evidence::kResults &&
         agreement.score.value_or(0) < kClear;
}

bool ContradictsResults(const Agreement& measured, const std::vector<Group>& verdict) {
  const auto& pairs = measured.pairs;
  return std::any_of(pairs.begin(), pairs.end(), [&](const PairScore& pair) {
    const Verdict of_results =
        CompareFinals(measured.finals[pair.first], measured.finals[pair.second]);
    const bool are_together = AreTogether(pair.first, pair.second, verdict);
    return of_results == (are_together ? Verdict::kDifferent : Verdict::kSame);
  });
}

std::optional<Agreement> ConsensusOfGroups(const Agreement& measured, std::vector<Group> verdict) {
  std::erase_if(verdict, [](const Group& group) { return group.empty(); });
  if (measured.usable < 2 || Union(verdict) != UsableOf(measured)) return {};
  if (ContradictsResults(measured, verdict)) return {};
  SortGroups(verdict);
  const Group& winner = Winner(verdict, measured);
  Agreement judged = measured;
  judged.method = ConsensusMethod::kJudge;
  judged.picked = FindMedoid(PlainOf(winner, measured.status), winner, measured.pairs);
  judged.score = ScoreOf(*judged.picked, winner, measured);
  judged.evidence = Evidence::kResults;
  judged.confidence = ConfidenceOf(judged.usable, judged.score, judged.evidence, judged.code);
  judged.groups = std::move(verdict);
  return judged;
}

}  // namespace byok
