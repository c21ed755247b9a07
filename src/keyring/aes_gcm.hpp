#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace byok {

constexpr std::size_t kAesKeySize = 32;
constexpr std::size_t kGcmNonceSize = 12;
constexpr std::size_t kGcmTagSize = 16;

/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag, by OpenSSL.
/// `ciphertext ‖ tag`; nothing when OpenSSL fails or a size is wrong.
std::optional<Bytes> AesGcmSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);
/// The plaintext; nothing when the tag does not match.
std::optional<Secret> AesGcmOpen(ByteView key, ByteView nonce, ByteView aad,
                                 ByteView ciphertext_and_tag);

/// HKDF-SHA256 (RFC 5869); `salt` may be empty. Empty secret when OpenSSL fails.
Secret HkdfSha256(ByteView key, ByteView salt, std::string_view info, std::size_t size);

/// Fills `out` from the private random generator; false when the system has no randomness.
bool FillRandom(std::span<std::uint8_t> out);

}  // namespace byok
