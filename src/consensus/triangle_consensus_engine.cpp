#include "consensus/triangle_consensus_engine.hpp"

#include <cmath>

#include "base/decimal.hpp"
#include "consensus/final_span.hpp"
#include "consensus/fold.hpp"
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

/// Lists of names, e.g. [["openai","deepseek"],["anthropic"]].
Json GroupsToJson(const Consensus& consensus) {
  Json::Array groups;
  for (const Group& group : consensus.agreement.groups) {
    Json::Array names;
    for (const std::size_t member : group) names.emplace_back(consensus.names[member]);
    groups.emplace_back(std::move(names));
  }
  return Json(std::move(groups));
}

/// {"type": "number", "value": "42", "unit": "kilometer", "relation": "at_least"}
Json FinalToJson(const FinalAnswer& final) {
  const bool is_number = final.type == FinalType::kNumber;
  Json result = Json::MakeObject()
                    .Set("type", FinalTypeName(final.type))
                    .Set("value", is_number ? final.value.substr(1) : final.value);
  if (!final.unit.empty()) result.Set("unit", final.unit.substr(0, final.unit.size() - 1));
  const std::string_view relation = RelationName(final.relation);
  if (!relation.empty()) result.Set("relation", relation);
  return result;
}

/// The results that were found, by name: of a type that is compared, or in words.
Json FinalsToJson(const Consensus& consensus) {
  Json finals = Json::MakeObject();
  for (std::size_t i = 0; i < consensus.names.size(); ++i) {
    const FinalAnswer& final = consensus.agreement.finals[i];
    if (IsComparable(final.type)) {
      finals.Set(consensus.names[i], FinalToJson(final));
    } else if (!consensus.stated[i].empty()) {
      finals.Set(consensus.names[i],
                 Json::MakeObject().Set("type", "text").Set("value", consensus.stated[i]));
    }
  }
  return finals;
}

/// The result that a text states in words.
std::string StatedIn(std::string_view text) {
  static constexpr std::string_view kMarks = " \t\r\n*$_`\"'";
  std::string storage;
  const std::string folded = Fold(Clip(text, storage));
  const auto span = FindFinalSpan(folded, ToAsciiLower(folded));
  if (!span) return "";
  const std::size_t begin = span->text.find_first_not_of(kMarks);
  if (begin == std::string::npos) return "";
  const std::size_t last = span->text.find_last_not_of(std::string(kMarks) + ".");
  return last == std::string::npos || last < begin ? ""
                                                   : span->text.substr(begin, last + 1 - begin);
}

}  // namespace

Consensus TriangleConsensusEngine::Decide(std::string_view prompt,
                                          const std::vector<PanelAnswer>& panel) {
  Consensus consensus;
  consensus.agreement = MeasureAgreement(prompt, panel);
  for (std::size_t i = 0; i < panel.size(); ++i) {
    const bool is_in_words = consensus.agreement.finals[i].type == FinalType::kText;
    consensus.names.push_back(panel[i].name);
    consensus.stated.push_back(is_in_words ? StatedIn(*panel[i].text) : "");
  }
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
      .Set("groups", GroupsToJson(consensus))
      .Set("finals", FinalsToJson(consensus))
      .Set("score", agreement.score ? RoundedNumber(*agreement.score, kDecimals) : Json())
      .Set("usable", static_cast<std::int64_t>(agreement.usable))
      .Set("evidence", agreement.usable >= 2 ? Json(EvidenceName(agreement.evidence)) : Json())
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
