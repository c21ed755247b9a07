#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "keyring/record.hpp"

namespace byok {

/// The live master keys of one process: the first one seals, all of them open.
/// Knows no source and no table: the keys come in as text, records as bytes.
class Keyring {
 public:
  Keyring() = default;

  /// Reads what a master-key source yields: lines `[<label>] <key>`; blank lines and lines starting
  /// with # are skipped. A key is 32 random bytes as 64 hexadecimal digits or as 43/44 characters
  /// of base64. Refuses (55000, with the command that makes a good one, never the value) anything
  /// else, keys that are no random bytes: all equal, counting, or the README's example; and a text
  /// without any key.
  static Result<Keyring> Parse(std::string_view text);
  /// Adds keys that only open, for `…_PREVIOUS`: the same grammar, commas separate like line ends.
  /// 55000 when there is no primary yet; on a malformed key nothing is added.
  Status AddPrevious(std::string_view text);

  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  /// In the order they were given; the first is the primary. Only when not empty.
  [[nodiscard]] const KekId& primary_id() const { return keys_.front().id; }
  [[nodiscard]] std::vector<KekId> ids() const;
  [[nodiscard]] bool Holds(const KekId& id) const { return Find(id) != nullptr; }
  /// The check value of a held key for this store.
  [[nodiscard]] std::array<std::uint8_t, 16> CheckValue(const KekId& id, const Uuid& store) const;

  /// kMisconfigured when no master key is loaded.
  Result<Bytes> Seal(const Secret& plaintext, const RecordBinding& binding) const;
  /// kMisconfigured "master key … is not loaded" when the record's key is not held; kUnauthentic
  /// when the record does not open.
  Result<Secret> Open(ByteView record, const RecordBinding& binding) const;
  /// Wraps a record under the primary key.
  Result<Bytes> Rewrap(ByteView record, const Uuid& store_id, const Uuid& credential_id) const;

 private:
  struct MasterKey {
    KekId id;
    Secret key;
  };
  /// Appends the keys not held yet.
  void Add(std::vector<Secret> keys);
  [[nodiscard]] const MasterKey* Find(const KekId& id) const;
  /// The key a record says it is wrapped under. A record that names none gets the primary, to be
  /// refused like any other that does not open.
  [[nodiscard]] Result<const MasterKey*> KeyOf(ByteView record) const;

  std::vector<MasterKey> keys_;
};

/// The 55000 that says how to make a master key.
Status NoMasterKey();

}  // namespace byok
