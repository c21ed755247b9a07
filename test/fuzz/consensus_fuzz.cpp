#include <cstdlib>
#include <string>

#include "consensus/judged_consensus.hpp"
#include "consensus/triangle_consensus_engine.hpp"

namespace {

void Require(bool truth) {
  if (!truth) std::abort();
}

/// The part before the next NUL, which is taken away with it.
std::string TakePart(std::string_view& input) {
  const std::string part(input.substr(0, input.find('\0')));
  input.remove_prefix(part.size() < input.size() ? part.size() + 1 : input.size());
  return part;
}

/// Three answers at least, as many as the input has parts, at most what a panel may have.
std::vector<byok::PanelAnswer> TakePanel(std::string_view& input) {
  std::vector<byok::PanelAnswer> panel;
  while (panel.size() < 3 || (!input.empty() && panel.size() < byok::kMaxPanel)) {
    panel.push_back({std::to_string(panel.size()), TakePart(input), false});
  }
  return panel;
}

void CheckGroups(const byok::Agreement& agreement) {
  std::size_t members = 0;
  for (const byok::Group& group : agreement.groups) members += group.size();
  Require(members == agreement.usable);
  const auto judged = byok::ConsensusOfGroups(agreement, agreement.groups);
  Require(!judged || agreement.usable >= 2);  // groups that contradict results are no verdict
  Require(!judged || (judged->confidence > 0 && judged->confidence <= 0.92));
}

}  // namespace

/// Prompt and answers, separated by NUL.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string prompt = TakePart(input);
  const std::vector<byok::PanelAnswer> panel = TakePanel(input);
  const byok::Consensus consensus = byok::TriangleConsensusEngine::Decide(prompt, panel);
  const byok::Agreement& agreement = consensus.agreement;
  Require(agreement.confidence >= 0 && agreement.confidence <= 0.92);
  Require(!agreement.picked || consensus.text == panel[*agreement.picked].text);
  for (const byok::PairScore& pair : agreement.pairs) {
    Require(pair.score >= 0 && pair.score <= 1);
    Require(pair.likeness >= 0 && pair.likeness <= 1);
  }
  CheckGroups(agreement);
  Require(byok::Json::Parse(byok::AgreementToJson(consensus).Dump()).ok());
  return 0;
}
