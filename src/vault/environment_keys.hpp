#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace byok {

/// The environment variable of each provider's platform key, from
/// "openai=OPENAI_API_KEY,anthropic=…"; nothing when the provider has none.
std::optional<std::string> EnvironmentVariableOf(std::string_view mapping,
                                                 std::string_view provider);

/// The value of NAME in a .env file's text: `NAME=value`, `export NAME=value`, quotes optional, #
/// comments.
std::optional<Secret> ValueInEnvFile(std::string_view text, std::string_view name);

}  // namespace byok
