#pragma once

#include <string>
#include <string_view>

namespace byok {

/// SHA-256 (FIPS 180-4) of a text, as 64 lower-case hex digits. Throws std::bad_alloc when OpenSSL
/// has no memory.
std::string Sha256Hex(std::string_view text);

}  // namespace byok
