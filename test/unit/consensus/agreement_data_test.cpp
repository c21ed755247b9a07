// Labelled triads with the results of version 1 of the measure, when they are at hand.
#include <cstdlib>

#include <gtest/gtest.h>

#include "figures.hpp"
#include "outcomes.hpp"
#include "triads.hpp"

namespace byok::eval {
namespace {

std::string PathOf(const std::string& file) {
  const char* const shared = std::getenv("BYOK_SHARED");
  return std::string(shared != nullptr ? shared : BYOK_SOURCE_DIR "/../shared") +
         "/data/agreement/" + file;
}

/// As version 1 has them: there, hedged answers are called usable.
std::vector<std::string_view> NamesOf(const std::vector<AnswerStatus>& status) {
  std::vector<std::string_view> names;
  for (const AnswerStatus one : status) {
    names.push_back(AnswerStatusName(IsUsable(one) ? AnswerStatus::kUsable : one));
  }
  return names;
}

/// Of picks that differ: whether the one is right by the labels.
bool IsRight(const Triad& triad, std::optional<std::size_t> pick) {
  return pick && triad.right[*pick] == true;
}

// Where version 1 picked otherwise, the labels say who is right.
TEST(AgreementData, PicksAsVersion1OrBetter) {
  const auto triads = ReadTriads(PathOf("ci_sample.jsonl"));
  if (!triads) GTEST_SKIP() << "no " << PathOf("ci_sample.jsonl");
  std::size_t same = 0, as_good = 0;
  for (const Triad& triad : *triads) {
    const Agreement agreement = AgreementOf(triad);
    const ReferenceResult& reference = triad.reference;
    const bool is_right = IsRight(triad, agreement.picked);
    const bool is_same = agreement.picked == reference.pick;
    if (is_same) ++same;
    if (is_same || is_right) ++as_good;
    EXPECT_TRUE(is_same || is_right || !IsRight(triad, reference.pick))
        << triad.id << ": the other pick was right";
    EXPECT_TRUE(std::equal(reference.status.begin(), reference.status.end(),
                           NamesOf(agreement.status).begin()))
        << triad.id;
    EXPECT_EQ(ConsensusMethodName(agreement.method), reference.method) << triad.id;
  }
  ASSERT_FALSE(triads->empty());
  EXPECT_GE(as_good, 0.99 * static_cast<double>(triads->size()));
  EXPECT_GE(same, 0.985 * static_cast<double>(triads->size()));
}

TEST(AgreementData, ScoresBetterThanVersion1) {
  const auto triads = ReadTriads(PathOf("dev.jsonl"));
  if (!triads) GTEST_SKIP() << "no " << PathOf("dev.jsonl");
  Outcomes ours, version_1;
  for (const Triad& triad : *triads) {
    ours.push_back(OutcomeOf(AgreementOf(triad)));
    version_1.push_back(OutcomeOf(triad.reference));
  }
  const auto all = [](const Triad&) { return true; };
  const auto no_code = [](const Triad& triad) { return !triad.is_code(); };
  const Figures we = FiguresOf(*triads, ours, all), they = FiguresOf(*triads, version_1, all);
  EXPECT_GT(we.majority_pick, they.majority_pick);
  EXPECT_GT(we.auroc_agree, they.auroc_agree + 0.01);
  const Figures we_right = FiguresOf(*triads, ours, no_code);
  const Figures they_right = FiguresOf(*triads, version_1, no_code);
  EXPECT_GT(we_right.auroc_right, they_right.auroc_right + 0.02);
  EXPECT_LT(we_right.calibration_error, they_right.calibration_error);
}

/// Version 1's figures, as numbers: they hold even where the labels' file brings no results of it.
TEST(AgreementData, StaysAboveTheBars) {
  const auto triads = ReadTriads(PathOf("dev.jsonl"));
  if (!triads) GTEST_SKIP() << "no " << PathOf("dev.jsonl");
  Outcomes ours;
  for (const Triad& triad : *triads) ours.push_back(OutcomeOf(AgreementOf(triad)));
  const Figures all = FiguresOf(*triads, ours, [](const Triad&) { return true; });
  const Figures no_code = FiguresOf(*triads, ours, [](const Triad& t) { return !t.is_code(); });
  EXPECT_GE(all.majority_pick, 0.958);
  EXPECT_GE(all.auroc_agree, 0.922);
  EXPECT_GE(no_code.auroc_right, 0.828);
  EXPECT_LE(no_code.calibration_error, 0.029);
}

}  // namespace
}  // namespace byok::eval
