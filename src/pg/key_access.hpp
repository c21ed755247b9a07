#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "keyring/keyring.hpp"

#include "pg/provider_table.hpp"

namespace byok::pg {

/// Where platform keys without a record may come from: copies of the settings.
struct EnvironmentPolicy {
  std::string variables;  ///< byok.system_key_env
  std::string env_file;   ///< byok.env_file
  std::string origins;    ///< byok.system_key_origins
  std::string data_directory;
};

/// The policy the settings ask for now.
EnvironmentPolicy CurrentEnvironment();

/// Adds the environment's key of every provider that has no active platform key in the keyring.
/// Such a key has no record that binds it, so it serves only the provider's built-in origin or a
/// listed one.
Status AddEnvironmentKeys(const EnvironmentPolicy& policy, LoadedKeys& keys);

/// The plaintext of a chosen key, from its record or from the environment. `origin` is that of the
/// provider's base URL now.
Result<Secret> OpenKey(const EnvironmentPolicy& policy, const Keyring& keyring,
                       const Uuid& store_id, std::string_view provider, std::string_view origin,
                       const Candidate& candidate);

}  // namespace byok::pg
