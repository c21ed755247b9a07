#include "consensus/triangle_consensus_engine.hpp"

#include <cmath>

#include "base/decimal.hpp"
#include "consensus/panel_arguments.hpp"

namespace byok {
namespace {

/// At most so many decimals, without trailing zeros: "0.919", "0.5", "1".
Json RoundedNumber(double value, int decimals) {
  const double units = std::round(value * std::pow(10.0, decimals));
  return Json::Number(UnscaleDecimal(static_cast<__int128>(units), decimals));
}

Json PairsToJson(const Consensus& consensus) {
  constexpr int kDecimals = 4;
  Json pairs = Json::MakeObject();
  for (const PairScore& pair : consensus.agreement.pairs) {
    pairs.Set(consensus.names[pair.first] + "|" + consensus.names[pair.second],
              RoundedNumber(pair.score, kDecimals));
  }
  return pairs;
}

Json StatusToJson(const Consensus& consensus) {
  Json status = Json::MakeObject();
  for (std::size_t i = 0; i < consensus.names.size(); ++i) {
    status.Set(consensus.names[i], AnswerStatusName(consensus.agreement.status[i]));
  }
  return status;
}

}  // namespace

Consensus TriangleConsensusEngine::Decide(std::string_view prompt,
                                          const std::vector<PanelAnswer>& panel) {
  Consensus consensus;
  consensus.agreement = MeasureAgreement(prompt, panel);
  for (const PanelAnswer& answer : panel) consensus.names.push_back(answer.name);
  if (const auto picked = consensus.agreement.picked) consensus.text = panel[*picked].text;
  return consensus;
}

Json ConfidenceToJson(const Agreement& agreement) {
  constexpr int kDecimals = 3;
  return RoundedNumber(agreement.confidence, kDecimals);
}

Json AgreementToJson(const Consensus& consensus) {
  constexpr int kDecimals = 4;
  const Agreement& agreement = consensus.agreement;
  return Json::MakeObject()
      .Set("picked", agreement.picked ? Json(consensus.names[*agreement.picked]) : Json())
      .Set("method", ConsensusMethodName(agreement.method))
      .Set("pairs", PairsToJson(consensus))
      .Set("status", StatusToJson(consensus))
      .Set("score", agreement.score ? RoundedNumber(*agreement.score, kDecimals) : Json())
      .Set("usable", static_cast<std::int64_t>(agreement.usable))
      .Set("code", agreement.code)
      .Set("confidence_version", kConfidenceVersion);
}

Result<Json> TriangleConsensus(std::string_view prompt, const Json& answers, const Json& options) {
  const auto panel = ReadPanel(answers, options);
  if (!panel.ok()) return panel.status();
  const Consensus consensus = TriangleConsensusEngine::Decide(prompt, *panel);
  return Json::MakeObject()
      .Set("consensus", consensus.text ? Json(*consensus.text) : Json())
      .Set("confidence", ConfidenceToJson(consensus.agreement))
      .Set("degraded", consensus.agreement.degraded())
      .Set("agreement", AgreementToJson(consensus));
}

}  // namespace byok
