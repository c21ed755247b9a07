#pragma once

#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "consensus/agreement.hpp"

namespace byok {

/// The arguments of the SQL function `triangle_consensus` as a panel in provider order: names in
/// options.providers first, then openai, anthropic, deepseek, then the others bytewise. 22023 with
/// the reason when they are not what it takes.
Result<std::vector<PanelAnswer>> ReadPanel(const Json& answers, const Json& options);

}  // namespace byok
