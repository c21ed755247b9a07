#include "triads.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

namespace byok::eval {
namespace {

using nlohmann::json;

template <typename T>
std::optional<T> ValueOf(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<T>());
}

std::optional<bool> Truth(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<int>() == 1);
}

/// "EVOUNA-NQ:fid/gpt4 + derived:negated" is of EVOUNA-NQ.
std::string DataSetOf(const std::string& source) {
  return source.substr(0, source.find_first_of(":, "));
}

ReferenceResult ReadReference(const json& reference) {
  ReferenceResult result;
  result.pick = ValueOf<std::size_t>(reference.at("pick"));
  result.confidence = reference.at("confidence").get<double>();
  for (const json& pair : reference.at("pairs")) result.pairs.push_back(ValueOf<double>(pair));
  reference.at("status").get_to(result.status);
  reference.at("method").get_to(result.method);
  return result;
}

Triad ReadTriad(const json& row) {
  Triad triad;
  triad.id = row.at("id");
  triad.question = row.at("question");
  triad.kind = row.at("kind");
  triad.stratum = row.at("stratum");
  triad.attack = ValueOf<std::string>(row.at("adv")).value_or("");
  triad.source = DataSetOf(row.at("source"));
  for (const json& answer : row.at("answers")) {
    triad.answers.push_back(ValueOf<std::string>(answer));
  }
  for (const json& label : row.at("labels")) triad.right.push_back(Truth(label));
  if (!row.at("gold_pick").is_null()) row.at("gold_pick").get_to(triad.majority);
  triad.all_agree = Truth(row.at("gold_all_agree"));
  triad.reference = ReadReference(row.at("ref"));
  return triad;
}

}  // namespace

std::optional<std::vector<Triad>> ReadTriads(const std::string& path) {
  std::ifstream file(path);
  if (!file) return {};
  std::vector<Triad> triads;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) triads.push_back(ReadTriad(json::parse(line)));
  }
  return triads;
}

}  // namespace byok::eval
