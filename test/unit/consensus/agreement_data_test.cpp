// Labelled triads with the results of a reference of the measure, when they are at hand.
#include <cmath>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "consensus/agreement.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

struct Figures {
  int rows = 0, same_pick = 0, same_status = 0, close = 0;
  double worst_confidence = 0, worst_score = 0;
};

double NumberOr(const Json& value, double other) {
  const auto text = value.AsNumberText();
  return text ? std::stod(*text) : other;
}

bool HasSameStatus(const Agreement& agreement, const Json& reference) {
  for (std::size_t i = 0; i < agreement.status.size(); ++i) {
    if (reference["status"][i].AsString() != AnswerStatusName(agreement.status[i])) return false;
  }
  return reference["method"].AsString() == ConsensusMethodName(agreement.method);
}

double WorstScore(const Agreement& agreement, const Json& reference) {
  double worst = std::abs(agreement.score.value_or(-1) - NumberOr(reference["agreement"], -1));
  for (const PairScore& pair : agreement.pairs) {
    const double expected = NumberOr(reference["pairs"][pair.first + pair.second - 1], -1);
    worst = std::max(worst, std::abs(pair.score - expected));
  }
  return worst;
}

void Compare(const Json& row, Figures& figures) {
  const Json& reference = row["ref"];
  const Agreement agreement =
      MeasureAgreement(*row["question"].AsString(),
                       Panel({row["answers"][0].AsString(), row["answers"][1].AsString(),
                              row["answers"][2].AsString()}));
  const std::int64_t picked =
      agreement.picked ? static_cast<std::int64_t>(*agreement.picked) : std::int64_t{-1};
  const double off = std::abs(agreement.confidence - NumberOr(reference["confidence"], -1));
  ++figures.rows;
  if (picked == reference["pick"].AsInteger().value_or(-1)) ++figures.same_pick;
  if (HasSameStatus(agreement, reference)) ++figures.same_status;
  if (off <= 0.02) ++figures.close;
  figures.worst_confidence = std::max(figures.worst_confidence, off);
  figures.worst_score = std::max(figures.worst_score, WorstScore(agreement, reference));
}

class AgreementData : public testing::TestWithParam<const char*> {};

TEST_P(AgreementData, ComesOutAsTheReference) {
  const std::string path = std::string(BYOK_SOURCE_DIR "/../shared/data/agreement/") + GetParam();
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no " << path;
  Figures figures;
  for (std::string line; std::getline(file, line);) Compare(*Json::Parse(line), figures);
  std::cout << GetParam() << ": " << figures.same_pick << " of " << figures.rows
            << " picks the same, confidence off by at most " << figures.worst_confidence
            << ", scores by " << figures.worst_score << "\n";
  ASSERT_GT(figures.rows, 0);
  EXPECT_GE(figures.same_pick, 0.99 * figures.rows);
  EXPECT_EQ(figures.same_status, figures.rows);
  EXPECT_EQ(figures.close, figures.rows);
}

INSTANTIATE_TEST_SUITE_P(Files, AgreementData, testing::Values("ci_sample.jsonl", "dev.jsonl"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace byok
