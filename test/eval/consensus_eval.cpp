// Scores the consensus engine on labelled triads, beside plain measures of likeness.
#include <cstdio>
#include <set>

#include "consensus/judged_consensus.hpp"

#include "baselines.hpp"
#include "cost.hpp"
#include "held_out.hpp"
#include "outcomes.hpp"
#include "reliability_svg.hpp"

namespace byok::eval {
namespace {

const Filter kAll = [](const Triad&) { return true; };
const Filter kNoCode = [](const Triad& triad) { return !triad.is_code(); };

void PrintHead(const char* what) {
  std::printf(
      "\n| %-34s | majority pick (n)  | AUROC agree (n)    | AUROC right (n)    | ECE   |\n", what);
  std::printf("|---|---|---|---|---|\n");
}

void PrintCell(double figure, std::size_t count) {
  if (figure == figure) {
    std::printf(" %8.3f (%5zu)   |", figure, count);
  } else {
    std::printf(" %18s |", "–");
  }
}

/// `right`: of the figures about right answers, which leave code out unless it is asked for alone.
void PrintRow(const std::string& name, const Figures& all, const Figures& right) {
  std::printf("| %-34s |", name.c_str());
  PrintCell(all.majority_pick, all.majority_count);
  PrintCell(all.auroc_agree, all.agree_count);
  PrintCell(right.auroc_right, right.right_count);
  if (right.right_count > 0) {
    std::printf(" %.3f |\n", right.calibration_error);
  } else {
    std::printf(" –     |\n");
  }
}

void PrintMeasure(const std::string& name, const std::vector<Triad>& triads,
                  const Outcomes& outcomes) {
  PrintRow(name, FiguresOf(triads, outcomes, kAll), FiguresOf(triads, outcomes, kNoCode));
}

void PrintMeasures(const std::vector<Triad>& triads, const Outcomes& engine) {
  PrintHead("measure");
  PrintMeasure("pg_byok", triads, engine);
  Outcomes outcomes;
  for (const Triad& triad : triads) outcomes.push_back(OutcomeOf(triad.reference));
  PrintMeasure("reference, version 1", triads, outcomes);
  for (const Baseline& baseline : Baselines()) {
    outcomes.clear();
    for (const Triad& triad : triads) outcomes.push_back(OutcomeOf(baseline, triad));
    PrintMeasure(std::string(baseline.name), triads, outcomes);
  }
}

void PrintBy(const char* what, std::string Triad::*property, const std::vector<Triad>& triads,
             const Outcomes& engine) {
  std::set<std::string> values;
  for (const Triad& triad : triads) values.insert(triad.*property);
  PrintHead(what);
  for (const std::string& value : values) {
    const Filter filter = [&](const Triad& triad) { return triad.*property == value; };
    const Figures figures = FiguresOf(triads, engine, filter);
    PrintRow(value.empty() ? "(none)" : value, figures, figures);
  }
}

void PrintReference(const std::vector<Triad>& triads, const Outcomes& engine) {
  std::size_t same_pick = 0, close = 0;
  for (std::size_t i = 0; i < triads.size(); ++i) {
    const ReferenceResult& reference = triads[i].reference;
    if (reference.pick == engine[i].pick) ++same_pick;
    const double off = engine[i].confidence - reference.confidence;
    if (-0.02 <= off && off <= 0.02) ++close;
  }
  std::printf(
      "\nAgainst version 1, %zu rows: same pick on %.2f %%, confidence within 0.02 on %.2f %%\n",
      triads.size(), 100.0 * same_pick / triads.size(), 100.0 * close / triads.size());
}

/// Whether the table holds where it was not fitted.
void PrintHeldOut(const std::vector<Triad>& triads, const Outcomes& engine) {
  std::printf(
      "\n| calibration error on               | n     | table | fitted without the source: one map "
      "| "
      "by evidence |\n|---|---|---|---|---|\n");
  HeldOut mean{"mean of the sources", 0, 0, 0, 0};
  const auto print = [](const HeldOut& row) {
    std::printf("| %-34s | %5zu | %.3f | %.3f | %.3f |\n", row.source.c_str(), row.count, row.table,
                row.one_map, row.by_evidence);
  };
  const std::vector<HeldOut> rows = MeasureHeldOut(triads, engine);
  for (const HeldOut& row : rows) {
    print(row);
    const auto share = 1 / static_cast<double>(rows.size());
    mean = {mean.source, mean.count + row.count, mean.table + share * row.table,
            mean.one_map + share * row.one_map, mean.by_evidence + share * row.by_evidence};
  }
  print(mean);
}

/// How often a judge would be asked, and how right the pick is there without one.
void PrintJudge(const std::vector<Triad>& triads, const Outcomes& engine,
                const std::vector<bool>& wants_judge) {
  const auto print = [&](const char* what, bool wanted) {
    std::size_t rows = 0;
    const Filter filter = [&](const Triad& triad) {
      return wants_judge[static_cast<std::size_t>(&triad - triads.data())] == wanted;
    };
    for (const Triad& triad : triads) rows += triad.is_natural() && filter(triad) ? 1 : 0;
    const Figures figures = FiguresOf(triads, engine, filter);
    std::printf("%s: %zu natural triads, pick right %.3f, majority pick %.3f\n", what, rows,
                figures.share_right, figures.majority_pick);
  };
  std::printf("\n");
  print("A judge would be asked", true);
  print("and would not", false);
}

void PrintCosts(const std::vector<Triad>& triads) {
  std::printf("\n| three answers of                   | ms    |\n|---|---|\n");
  std::printf("| %-34s | %.3f |\n", "the data, mean", MeanCost(triads));
  for (const Cost& cost : MeasureCosts(triads)) {
    std::printf("| %-34s | %.3f |\n", cost.what.c_str(), cost.milliseconds);
  }
}

int Run(const std::string& path, const char* svg) {
  const auto triads = ReadTriads(path);
  if (!triads) {
    std::printf("skipped: no %s\n", path.c_str());
    return 0;
  }
  Outcomes engine;
  std::vector<bool> wants_judge;
  for (const Triad& triad : *triads) {
    const Agreement agreement = AgreementOf(triad);
    engine.push_back(OutcomeOf(agreement));
    wants_judge.push_back(WantsJudge(agreement));
  }
  std::printf("%s: %zu triads\n", path.c_str(), triads->size());
  PrintMeasures(*triads, engine);
  PrintBy("kind", &Triad::kind, *triads, engine);
  PrintBy("source", &Triad::source, *triads, engine);
  PrintBy("what makes it hard", &Triad::attack, *triads, engine);
  PrintHeldOut(*triads, engine);
  PrintJudge(*triads, engine, wants_judge);
  PrintReference(*triads, engine);
  PrintCosts(*triads);
  if (svg == nullptr) return 0;
  return WriteReliability(svg, ClaimsOfRight(*triads, engine, kNoCode)) ? 0 : 1;
}

}  // namespace
}  // namespace byok::eval

/// consensus_eval TRIADS.jsonl [RELIABILITY.svg]
int main(int count, char** arguments) {
  if (count < 2) return 2;
  return byok::eval::Run(arguments[1], count > 2 ? arguments[2] : nullptr);
}
