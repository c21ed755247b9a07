#include "outcomes.hpp"

namespace byok::eval {

std::vector<PanelAnswer> PanelOf(const Triad& triad) {
  std::vector<PanelAnswer> panel;
  for (const auto& answer : triad.answers) panel.push_back({"", answer, false});
  return panel;
}

Agreement AgreementOf(const Triad& triad) {
  return MeasureAgreement(triad.question, PanelOf(triad));
}

Outcome OutcomeOf(const Agreement& agreement) {
  std::vector<double> pairs(3, 0.0);
  for (const PairScore& pair : agreement.pairs) pairs[pair.first + pair.second - 1] = pair.score;
  Outcome outcome{
      agreement.picked, agreement.confidence, Closeness(pairs), agreement.score.value_or(0), {}};
  if (agreement.usable == 3) outcome.evidence = agreement.evidence;
  return outcome;
}

Outcome OutcomeOf(const ReferenceResult& reference) {
  std::vector<double> pairs;
  for (const auto& pair : reference.pairs) pairs.push_back(pair.value_or(0));
  return {reference.pick, reference.confidence, Closeness(pairs), 0, {}};
}

}  // namespace byok::eval
