#pragma once

#include "base/result.hpp"
#include "keyring/keyring.hpp"

namespace byok::pg {

/// The keys byok.master_key_source yields now. Read anew at each use and wiped after it: nothing is
/// cached, so a rotated file counts at once. An empty keyring when there is no key; 55000 when the
/// source is malformed or unsafe.
Result<Keyring> LoadKeyring(const char* source, const char* data_directory);

}  // namespace byok::pg
