#include "keyring/random_uuid.hpp"

#include "keyring/aes_gcm.hpp"

namespace byok {

Result<Uuid> RandomUuid() {
  Uuid uuid;
  if (!FillRandom(uuid.bytes)) return Status::Internal("the system has no randomness");
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace byok
