#include <cstdlib>
#include <string>

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

}  // namespace

/// Prompt and answers, separated by NUL.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string prompt = TakePart(input);
  std::vector<byok::PanelAnswer> panel;
  for (const char* name : {"openai", "anthropic", "deepseek"}) {
    panel.push_back({name, TakePart(input), false});
  }
  const byok::Consensus consensus = byok::TriangleConsensusEngine::Decide(prompt, panel);
  const byok::Agreement& agreement = consensus.agreement;
  Require(agreement.confidence >= 0 && agreement.confidence <= 0.92);
  Require(!agreement.picked || consensus.text == panel[*agreement.picked].text);
  for (const byok::PairScore& pair : agreement.pairs) Require(pair.score >= 0 && pair.score <= 1);
  Require(byok::Json::Parse(byok::AgreementToJson(consensus).Dump()).ok());
  return 0;
}
