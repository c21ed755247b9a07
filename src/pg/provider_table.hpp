#pragma once

#include <optional>
#include <string>
#include <vector>

#include "router/leg.hpp"
#include "vault/vault_bridge.hpp"

#include "pg/gate.hpp"
#include "pg/statement.hpp"

namespace byok::pg {

/// A provider and the newest key of every tier for one asker: what VaultBridge picks from.
struct LoadedProvider {
  ProviderConfig config;
  std::string origin;
  std::vector<Candidate> candidates;
};

struct LoadedKeys {
  Uuid store_id;                          ///< zero while nothing is stored
  std::vector<LoadedProvider> providers;  ///< in panel order
};

/// LOAD: all providers and tiers in one read of exact index probes, with the transaction's own
/// changes. `names` nullptr = the default panel; 22023 for a name that is not known or not enabled.
/// Fills `keys`, which must belong to a memory context.
void LoadProviders(const Extension& extension, const std::vector<std::string>* names,
                   const Identity& asker, LoadedKeys* keys);
/// The same without the error: what is not known or not enabled is left out.
void LoadKnownProviders(const Extension& extension, const std::vector<std::string>* names,
                        const Identity& asker, LoadedKeys* keys);

/// The provider and the one key of that id, whatever its state; no provider when there is no such
/// key.
void LoadKeyById(const Extension& extension, const char* key_id, LoadedKeys* keys);

/// The provider alone, enabled or not; 22023 `provider "x" is not known` when there is none.
void LoadProvider(const Extension& extension, const char* name, LoadedKeys* keys);

}  // namespace byok::pg
