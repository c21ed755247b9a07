#include "keyring/sha256.hpp"

#include <array>
#include <new>

#include <openssl/evp.h>

#include "base/encoding.hpp"

namespace byok {

std::string Sha256Hex(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return ToHex(digest);
}

}  // namespace byok
