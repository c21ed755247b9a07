#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace byok {

/// Names a master key: HKDF-SHA256(key, no salt, "byok v1 kek-id", 8 bytes).
using KekId = std::array<std::uint8_t, 8>;

/// Everything that decides who may use a sealed key and where it may go. It is authenticated with
/// the record (GCM additional data), so a record moved to another row, tenant, user, provider or
/// origin opens for nobody.
struct RecordBinding {
  Uuid store_id;                 ///< the database's key store
  Uuid credential_id;            ///< the row
  std::uint64_t generation = 1;  ///< version of the row's secret
  std::string tier;              ///< "tenant_byok", "user_key", "system_key"
  std::optional<std::string> tenant_id;
  std::optional<std::string> user_id;
  std::string provider;
  std::string origin;  ///< scheme://host:port, see http/origin.hpp
};

/// The random parts of one record. Drawn inside Seal and Rewrap; tests inject known ones.
struct WrapRandomness {
  std::array<std::uint8_t, 32> salt;
  std::array<std::uint8_t, 12> nonce;
};
struct SealRandomness {
  std::array<std::uint8_t, 32> data_key;
  WrapRandomness wrap;
  std::array<std::uint8_t, 12> data_nonce;
};

// The BYK1 record, 136 + 64·k bytes, integers big-endian:
//
//   offset size                                 offset size
//   0      4   'B' 'Y' 'K' 0x01                 48     12  wrap nonce
//   4      1   suite 1 (AES-256-GCM, HKDF)      60     32  wrapped data key
//   5      1   flags 0                          92     16  wrap tag
//   6      2   pad block = 64                   108    12  data nonce
//   8      8   kek_id                           120    64k ciphertext
//   16     32  wrap salt                        end-16 16  data tag
//
// The data key is new for every record and wrapped under HKDF(master key, wrap salt); the plaintext
// is padded with 0x80 0x00… to a multiple of 64 so its length tells nothing. docs/keys.md has the
// rest.

/// Seals `plaintext` under the master key. Fails only when the system has no randomness
/// (kInternal).
Result<Bytes> SealRecord(const Secret& plaintext, const Secret& kek, const RecordBinding& binding);
/// The same with given randomness, for known-answer tests only.
Result<Bytes> SealRecordWith(const Secret& plaintext, const Secret& kek,
                             const RecordBinding& binding, const SealRandomness& randomness);
/// Opens a record. Every failure is the same kUnauthentic: what exactly did not fit helps no one
/// honest.
Result<Secret> OpenRecord(ByteView record, const Secret& kek, const RecordBinding& binding);
/// Wraps the record's data key under another master key; the payload is neither opened nor touched.
Result<Bytes> RewrapRecord(ByteView record, const Secret& old_kek, const Secret& new_kek,
                           const Uuid& store_id, const Uuid& credential_id);
Result<Bytes> RewrapRecordWith(ByteView record, const Secret& old_kek, const Secret& new_kek,
                               const Uuid& store_id, const Uuid& credential_id,
                               const WrapRandomness& randomness);

/// The master key a record says it is wrapped under; nothing when this is no BYK1 record.
std::optional<KekId> RecordKekId(ByteView record);

KekId DeriveKekId(const Secret& kek);
/// Proves that a loaded key is the one this store was written with: HKDF(key, store_id, "byok v1
/// kcv").
std::array<std::uint8_t, 16> DeriveKeyCheckValue(const Secret& kek, const Uuid& store_id);

}  // namespace byok
