#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "consensus/triangle_consensus_engine.hpp"
#include "router/leg.hpp"

namespace byok {

/// Everything one query found out, before it becomes the seed's JSON.
struct TriangleAnswer {
  std::string request_id;
  std::vector<LegResult> legs;  ///< in provider order, those without a key included
  Consensus consensus;
  Json charge;  ///< billing/settlement's ChargeToJson
  http::Milliseconds latency{0};
  std::int64_t min_answers = 1;
  std::optional<LegResult> extra;  ///< the call about the answers, if one was made
  Json strategy;                   ///< what became of a strategy that may make one; null = none
};

/// The answers of the legs as the engine's panel.
std::vector<PanelAnswer> PanelOf(const std::vector<LegResult>& legs);

/// How many legs have an answer with text that is no refusal.
std::size_t CountAnswers(const std::vector<LegResult>& legs);

/// The result of triangle_query: the seed's members first, exactly named (docs/reference.md).
Json TriangleAnswerToJson(const TriangleAnswer& answer);

/// The 08006 for fewer than `min_answers` answers; DETAIL has one clause per provider. When no
/// provider failed for another reason than a missing key: the seed's 42704 "No openai API key
/// available".
Status NotEnoughAnswers(const std::vector<LegResult>& legs, std::int64_t min_answers);

}  // namespace byok
