#include "keyring/keyring.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/encoding.hpp"
#include "keyring/aes_gcm.hpp"

namespace byok {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kHexSize = 64;

Status Refused(std::size_t number, std::string_view reason, std::string detail) {
  return Status(StatusCode::kMisconfigured,
                "master key number " + std::to_string(number) + " is " + std::string(reason))
      .WithDetail(std::move(detail))
      .WithHint("Make one with: openssl rand -base64 32");
}

/// Takes the text up to the next of `separators` and drops the separator.
std::string_view TakeUntil(std::string_view& text, std::string_view separators) {
  const std::size_t length = std::min(text.find_first_of(separators), text.size());
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return taken;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The key of an entry `[<label>] <key>`. More words stay in it, for Decode to refuse.
std::string_view WithoutLabel(std::string_view entry) {
  const std::size_t blank = entry.find_first_of(kBlanks);
  return blank == std::string_view::npos ? entry : Trim(entry.substr(blank));
}

/// 32 bytes; empty when the text is no key.
Secret Decode(std::string_view text) {
  auto bytes = text.size() == kHexSize ? FromHex(text) : FromBase64(text);
  if (!bytes) return {};
  Secret key = bytes->size() == kAesKeySize ? Secret::CopyOf(*bytes) : Secret();
  Wipe(bytes->data(), bytes->size());
  return key;
}

/// Whether every byte is the one before plus the same step: all equal, or counting like the
/// example of the README, 00 01 02 … 1f. Random bytes do this once in 2^240.
bool IsSequence(ByteView bytes) {
  const auto step = static_cast<std::uint8_t>(bytes[1] - bytes[0]);
  return std::adjacent_find(bytes.begin(), bytes.end(), [step](std::uint8_t a, std::uint8_t b) {
           return static_cast<std::uint8_t>(b - a) != step;
         }) == bytes.end();
}

Result<Secret> ReadKey(std::string_view entry, std::size_t number) {
  Secret key = Decode(WithoutLabel(entry));
  if (key.empty()) {
    return Refused(number, "malformed",
                   "A master key is 32 random bytes, written as 64 hexadecimal digits or as 44 "
                   "characters of base64.");
  }
  if (IsSequence(key.bytes())) {
    return Refused(number, "not random", "Its bytes are all equal or count.");
  }
  return key;
}

/// The keys of all entries of `text`, in order.
Result<std::vector<Secret>> ReadKeys(std::string_view text, std::string_view separators) {
  std::vector<Secret> keys;
  while (!text.empty()) {
    const std::string_view entry = Trim(TakeUntil(text, separators));
    if (entry.empty() || entry.starts_with('#')) continue;
    auto key = ReadKey(entry, keys.size() + 1);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace

Result<Keyring> Keyring::Parse(std::string_view text) {
  auto keys = ReadKeys(text, "\n");
  if (!keys.ok()) return keys.status();
  if (keys->empty()) return NoMasterKey();
  Keyring keyring;
  keyring.Add(*std::move(keys));
  return keyring;
}

Status Keyring::AddPrevious(std::string_view text) {
  if (keys_.empty()) return NoMasterKey();
  auto keys = ReadKeys(text, ",\n");
  if (!keys.ok()) return keys.status();
  Add(*std::move(keys));
  return {};
}

void Keyring::Add(std::vector<Secret> keys) {
  for (Secret& key : keys) {
    const KekId id = DeriveKekId(key);
    if (!Holds(id)) keys_.push_back({.id = id, .key = std::move(key)});
  }
}

std::vector<KekId> Keyring::ids() const {
  std::vector<KekId> ids;
  for (const MasterKey& held : keys_) ids.push_back(held.id);
  return ids;
}

std::array<std::uint8_t, 16> Keyring::CheckValue(const KekId& id, const Uuid& store) const {
  return DeriveKeyCheckValue(Find(id)->key, store);
}

Result<Bytes> Keyring::Seal(const Secret& plaintext, const RecordBinding& binding) const {
  if (keys_.empty()) return NoMasterKey();
  return SealRecord(plaintext, keys_.front().key, binding);
}

Result<Secret> Keyring::Open(ByteView record, const RecordBinding& binding) const {
  const auto held = KeyOf(record);
  if (!held.ok()) return held.status();
  return OpenRecord(record, (*held)->key, binding);
}

Result<Bytes> Keyring::Rewrap(ByteView record, const Uuid& store_id,
                              const Uuid& credential_id) const {
  const auto held = KeyOf(record);
  if (!held.ok()) return held.status();
  return RewrapRecord(record, (*held)->key, keys_.front().key, store_id, credential_id);
}

Result<const Keyring::MasterKey*> Keyring::KeyOf(ByteView record) const {
  if (keys_.empty()) return NoMasterKey();
  const KekId id = RecordKekId(record).value_or(primary_id());
  const MasterKey* held = Find(id);
  if (held == nullptr) {
    return Status(StatusCode::kMisconfigured, "master key " + ToHex(id) + " is not loaded");
  }
  return held;
}

const Keyring::MasterKey* Keyring::Find(const KekId& id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&id](const MasterKey& held) { return held.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

Status NoMasterKey() {
  return Status(StatusCode::kMisconfigured, "no master key is loaded")
      .WithHint(
          "Put the output of `openssl rand -base64 32` in the server's environment as "
          "KEYRING_ENCRYPTION_KEY, or in a file named by byok.master_key_source.");
}

}  // namespace byok
