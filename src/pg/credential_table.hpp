#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keyring/keyring.hpp"
#include "vault/key_source.hpp"

#include "pg/provider_table.hpp"
#include "pg/statement.hpp"

namespace byok::pg {

/// What the store knows of itself and of the master keys it was written with.
struct StoreState {
  Uuid store_id;
  struct MasterKeyRow {
    std::string kek_id, check_value;  ///< hexadecimal
  };
  std::vector<MasterKeyRow> master_keys;
};
/// Reads the store's id (zero while there is none) and its master keys.
void ReadStore(const Extension& extension, StoreState* store);
/// The same, making the id when there is none yet: the first key is about to be stored.
void OpenStore(const Extension& extension, StoreState* store);

/// Whether the keyring's primary may seal here: it is registered with the right check value, or
/// nothing is registered yet. 55000 otherwise: writing under a wrong master key would split the
/// store.
Status CheckPrimary(const Keyring& keyring, const StoreState& store);

/// A key ready to be written. Texts are UTF-8.
struct NewKey {
  std::string key_id, provider, origin, hint;
  KeySource tier = KeySource::kUserKey;
  std::optional<std::string> owner;  ///< nothing for the platform
  std::optional<std::string> previous_key_id;
  bool rotation = false;            ///< previous_key_id must be the key in use until now
  std::string kek_id, check_value;  ///< hexadecimal, of the sealing master key
  Bytes sealed;
};

/// Writes the key and takes the owner's earlier one out of use, after `overlap` if that is longer
/// than 0 (an interval's text). Waits for a concurrent writer of the same owner and provider.
void InsertKey(const Extension& extension, const Caller& caller, const NewKey& key,
               const char* description, const Parameter& expires_at, const char* overlap);

/// A key's row, palloc'd; `provider` is nullptr when there is no such key.
struct KeyRow {
  const char* provider = nullptr;
  const char* tier = nullptr;
  const char* tenant_id = nullptr;
  const char* user_id = nullptr;
  const char* state = nullptr;  ///< as in byok_keys.status
};
KeyRow FindKey(const Extension& extension, const char* key_id);

/// False when it was revoked already.
bool RevokeKey(const Extension& extension, const Caller& caller, const char* key_id,
               const char* reason);

void RecordKeyEvent(const Extension& extension, const Caller& caller, const char* key_id,
                    const char* event, const char* detail);

/// Fills a set-returning function's result with the keys of one tenant, one user and the platform;
/// all keys for `all`.
void ListKeys(FunctionCallInfo fcinfo, const Extension& extension, const Identity& who, bool all,
              bool show_platform_hints);

}  // namespace byok::pg
