#include "vault/key_source.hpp"

#include <array>

namespace byok {
namespace {
constexpr std::array kSources = {KeySource::kTenantByok, KeySource::kUserKey,
                                 KeySource::kSystemKey};
}

std::string_view KeySourceName(KeySource source) {
  switch (source) {
    case KeySource::kTenantByok:
      return "tenant_byok";
    case KeySource::kUserKey:
      return "user_key";
    case KeySource::kSystemKey:
      return "system_key";
  }
  return "";
}

std::optional<KeySource> ParseKeySource(std::string_view name) {
  for (const KeySource source : kSources) {
    if (KeySourceName(source) == name) return source;
  }
  return std::nullopt;
}

}  // namespace byok
