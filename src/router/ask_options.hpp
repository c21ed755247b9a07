#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/usd.hpp"
#include "vault/platform_keys.hpp"

namespace byok {

/// How the consensus is found.
enum class Strategy {
  kMedoid,      ///< by comparing the answers; asks nobody
  kJudge,       ///< one more call says which answers mean the same
  kSynthesize,  ///< one more call writes the merged answer
  kAuto,        ///< judge where comparing says little
};
std::string_view StrategyName(Strategy strategy);  ///< "medoid", "judge", "synthesize", "auto"

/// The `options` argument of triangle_query and its sisters, checked.
struct AskOptions {
  std::optional<std::vector<std::string>> providers;  ///< nothing: the default panel
  std::map<std::string, std::string> models;          ///< provider → model
  std::optional<std::string> system;
  std::int64_t max_tokens = 1024;
  std::optional<std::string> temperature;     ///< as it was written
  std::chrono::milliseconds timeout{60'000};  ///< of the whole query, retries included
  std::int64_t min_answers = 1;
  PlatformKeys allow_platform_keys = PlatformKeys::kMissingOnly;
  Strategy strategy = Strategy::kMedoid;
  std::optional<Usd> max_charge;
  std::optional<std::string> idempotency_key;
  bool raise_on_error = true;
  Json metadata;
};

/// Null gives the defaults, and a null member the default of that option. An unknown option, a
/// wrong type or a value out of range is 22023; what a later release will do is 0A000.
Result<AskOptions> ParseAskOptions(const Json& options);

}  // namespace byok
