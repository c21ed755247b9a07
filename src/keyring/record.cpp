#include "keyring/record.hpp"

#include <algorithm>
#include <concepts>
#include <iterator>

#include "keyring/aes_gcm.hpp"

namespace byok {
namespace {

constexpr std::size_t kPadBlock = 64;
constexpr std::array<std::uint8_t, 8> kFormat = {'B',
                                                 'Y',
                                                 'K',
                                                 1,
                                                 /*suite*/ 1,
                                                 /*flags*/ 0,
                                                 /*pad block*/ 0,
                                                 kPadBlock};
constexpr std::size_t kHeaderSize = 16;   // format and kek_id
constexpr std::size_t kPrefixSize = 108;  // what wrapping writes
constexpr std::size_t kOverhead = 136;    // all but the padded plaintext
constexpr std::uint32_t kNullLength = 0xFFFFFFFF;

// The labels separate the uses of one key; each additional data ends its label with a NUL.
constexpr std::string_view kKekIdInfo = "byok v1 kek-id";
constexpr std::string_view kCheckValueInfo = "byok v1 kcv";
constexpr std::string_view kWrapInfo = "byok v1 dek-wrap";
constexpr std::string_view kWrapLabel{"byok v1 dek\0", 12};
constexpr std::string_view kDataLabel{"byok v1 data\0", 13};

void Append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <std::unsigned_integral T>
void AppendBigEndian(Bytes& out, T number) {
  for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

void AppendPrefixed(Bytes& out, ByteView bytes) {
  AppendBigEndian(out, static_cast<std::uint32_t>(bytes.size()));
  Append(out, bytes);
}

/// NULL and '' differ: NULL has a length no text can have.
void AppendPrefixed(Bytes& out, const std::optional<std::string>& text) {
  if (text) {
    AppendPrefixed(out, AsBytes(*text));
  } else {
    AppendBigEndian(out, kNullLength);
  }
}

/// The parts of a record whose frame is right; they point into the record.
struct Parts {
  ByteView header, kek_id, salt, wrap_nonce, wrapped_key, data_nonce, payload;
};

std::optional<Parts> Dissect(ByteView record) {
  if (record.size() < kOverhead + kPadBlock || (record.size() - kOverhead) % kPadBlock != 0 ||
      !std::equal(kFormat.begin(), kFormat.end(), record.begin())) {
    return std::nullopt;
  }
  return Parts{.header = record.first(kHeaderSize),
               .kek_id = record.subspan(8, 8),
               .salt = record.subspan(16, 32),
               .wrap_nonce = record.subspan(48, 12),
               .wrapped_key = record.subspan(60, 48),
               .data_nonce = record.subspan(108, 12),
               .payload = record.subspan(120)};
}

Bytes WrapContext(ByteView header, const Uuid& store_id, const Uuid& credential_id) {
  Bytes aad;
  Append(aad, AsBytes(kWrapLabel));
  Append(aad, header);
  Append(aad, store_id.bytes);
  Append(aad, credential_id.bytes);
  return aad;
}

Bytes DataContext(const RecordBinding& binding) {
  Bytes generation;
  AppendBigEndian(generation, binding.generation);
  Bytes aad;
  Append(aad, AsBytes(kDataLabel));
  Append(aad, kFormat);
  AppendPrefixed(aad, binding.store_id.bytes);
  AppendPrefixed(aad, binding.credential_id.bytes);
  AppendPrefixed(aad, generation);
  AppendPrefixed(aad, AsBytes(binding.tier));
  AppendPrefixed(aad, binding.tenant_id);
  AppendPrefixed(aad, binding.user_id);
  AppendPrefixed(aad, AsBytes(binding.provider));
  AppendPrefixed(aad, AsBytes(binding.origin));
  return aad;
}

Secret Pad(const Secret& plaintext) {
  Secret padded((plaintext.size() / kPadBlock + 1) * kPadBlock);
  const auto out = padded.mutable_bytes();
  std::copy(plaintext.bytes().begin(), plaintext.bytes().end(), out.begin());
  out[plaintext.size()] = 0x80;
  return padded;
}

/// At most 63 zeros, then exactly 0x80; nothing when the padding is not what Pad writes.
std::optional<Secret> Unpad(const Secret& padded) {
  const ByteView bytes = padded.bytes();
  const ByteView last_block = bytes.last(kPadBlock);
  const auto marker = std::find_if(last_block.rbegin(), last_block.rend(),
                                   [](std::uint8_t byte) { return byte != 0; });
  if (marker == last_block.rend() || *marker != 0x80) return std::nullopt;
  const auto padding = static_cast<std::size_t>(marker - last_block.rbegin()) + 1;
  return Secret::CopyOf(bytes.first(bytes.size() - padding));
}

Secret WrapKey(const Secret& kek, ByteView salt) {
  return HkdfSha256(kek.bytes(), salt, kWrapInfo, kAesKeySize);
}

/// The first 108 bytes of a record: header, wrap salt and nonce, the wrapped data key and its tag.
std::optional<Bytes> WrapDataKey(ByteView data_key, const Secret& kek, const Uuid& store_id,
                                 const Uuid& credential_id, const WrapRandomness& randomness) {
  Bytes prefix;
  prefix.reserve(kPrefixSize);
  Append(prefix, kFormat);
  Append(prefix, DeriveKekId(kek));
  const auto wrapped = AesGcmSeal(WrapKey(kek, randomness.salt).bytes(), randomness.nonce,
                                  WrapContext(prefix, store_id, credential_id), data_key);
  if (!wrapped) return std::nullopt;
  Append(prefix, randomness.salt);
  Append(prefix, randomness.nonce);
  Append(prefix, *wrapped);
  return prefix;
}

std::optional<Secret> UnwrapDataKey(const Parts& parts, const Secret& kek, const Uuid& store_id,
                                    const Uuid& credential_id) {
  return AesGcmOpen(WrapKey(kek, parts.salt).bytes(), parts.wrap_nonce,
                    WrapContext(parts.header, store_id, credential_id), parts.wrapped_key);
}

std::optional<Secret> OpenPayload(ByteView record, const Secret& kek,
                                  const RecordBinding& binding) {
  const auto parts = Dissect(record);
  if (!parts) return std::nullopt;
  const auto data_key = UnwrapDataKey(*parts, kek, binding.store_id, binding.credential_id);
  if (!data_key) return std::nullopt;
  const auto padded =
      AesGcmOpen(data_key->bytes(), parts->data_nonce, DataContext(binding), parts->payload);
  return padded ? Unpad(*padded) : std::nullopt;
}

Status Unauthentic(const Secret& kek) {
  return Status(StatusCode::kUnauthentic, "could not open the stored key")
      .WithDetail("The record does not authenticate under master key " + ToHex(DeriveKekId(kek)) +
                  ".");
}

Status NoRandomness() {
  return Status::Internal("the system has no randomness");
}

Status SealingFailed() {
  return Status::Internal("could not seal the key");
}

bool Draw(WrapRandomness& randomness) {
  return FillRandom(randomness.salt) && FillRandom(randomness.nonce);
}

bool Draw(SealRandomness& randomness) {
  return FillRandom(randomness.data_key) && Draw(randomness.wrap) &&
         FillRandom(randomness.data_nonce);
}

}  // namespace

Result<Bytes> SealRecord(const Secret& plaintext, const Secret& kek, const RecordBinding& binding) {
  SealRandomness randomness{};
  auto record = Draw(randomness) ? SealRecordWith(plaintext, kek, binding, randomness)
                                 : Result<Bytes>(NoRandomness());
  Wipe(randomness.data_key.data(), randomness.data_key.size());
  return record;
}

Result<Bytes> SealRecordWith(const Secret& plaintext, const Secret& kek,
                             const RecordBinding& binding, const SealRandomness& randomness) {
  auto record = WrapDataKey(randomness.data_key, kek, binding.store_id, binding.credential_id,
                            randomness.wrap);
  const auto payload = AesGcmSeal(randomness.data_key, randomness.data_nonce, DataContext(binding),
                                  Pad(plaintext).bytes());
  if (!record || !payload) return SealingFailed();
  Append(*record, randomness.data_nonce);
  Append(*record, *payload);
  return *std::move(record);
}

Result<Secret> OpenRecord(ByteView record, const Secret& kek, const RecordBinding& binding) {
  auto plaintext = OpenPayload(record, kek, binding);
  if (!plaintext) return Unauthentic(kek);
  return *std::move(plaintext);
}

Result<Bytes> RewrapRecord(ByteView record, const Secret& old_kek, const Secret& new_kek,
                           const Uuid& store_id, const Uuid& credential_id) {
  WrapRandomness randomness{};
  if (!Draw(randomness)) return NoRandomness();
  return RewrapRecordWith(record, old_kek, new_kek, store_id, credential_id, randomness);
}

Result<Bytes> RewrapRecordWith(ByteView record, const Secret& old_kek, const Secret& new_kek,
                               const Uuid& store_id, const Uuid& credential_id,
                               const WrapRandomness& randomness) {
  const auto parts = Dissect(record);
  if (!parts) return Unauthentic(old_kek);
  const auto data_key = UnwrapDataKey(*parts, old_kek, store_id, credential_id);
  if (!data_key) return Unauthentic(old_kek);
  auto rewrapped = WrapDataKey(data_key->bytes(), new_kek, store_id, credential_id, randomness);
  if (!rewrapped) return SealingFailed();
  Append(*rewrapped, record.subspan(kPrefixSize));
  return *std::move(rewrapped);
}

std::optional<KekId> RecordKekId(ByteView record) {
  const auto parts = Dissect(record);
  if (!parts) return std::nullopt;
  KekId id;
  std::copy(parts->kek_id.begin(), parts->kek_id.end(), id.begin());
  return id;
}

KekId DeriveKekId(const Secret& kek) {
  KekId id{};
  const Secret derived = HkdfSha256(kek.bytes(), {}, kKekIdInfo, id.size());
  std::copy(derived.bytes().begin(), derived.bytes().end(), id.begin());
  return id;
}

std::array<std::uint8_t, 16> DeriveKeyCheckValue(const Secret& kek, const Uuid& store_id) {
  std::array<std::uint8_t, 16> value{};
  const Secret derived = HkdfSha256(kek.bytes(), store_id.bytes, kCheckValueInfo, value.size());
  std::copy(derived.bytes().begin(), derived.bytes().end(), value.begin());
  return value;
}

}  // namespace byok
