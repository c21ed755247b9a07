#pragma once

#include <optional>
#include <string_view>

namespace byok {

/// Whose key serves a call. The order is the order of the tiers.
enum class KeySource { kTenantByok, kUserKey, kSystemKey };

/// "tenant_byok", "user_key", "system_key": as in results, tables and record bindings.
std::string_view KeySourceName(KeySource source);
std::optional<KeySource> ParseKeySource(std::string_view name);

}  // namespace byok
