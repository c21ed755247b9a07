#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "keyring/keyring.hpp"
#include "vault/key_source.hpp"
#include "vault/platform_keys.hpp"

namespace byok {

/// Whether the tier's newest key can serve.
enum class CandidateState {
  kActive,
  kExpired,
  kRevoked,
  kRetired,      ///< replaced, and its successor is gone
  kOtherOrigin,  ///< an environment key, but the provider's base URL is not the built-in one
};

/// A tier's newest key for one provider, as a row or the server's environment offers it.
struct Candidate {
  KeySource source = KeySource::kSystemKey;
  CandidateState state = CandidateState::kActive;
  std::string since;  ///< date of expiry or revocation, for messages
  std::string hint;
  /// The stored record; nothing when the key is the server's environment variable.
  struct Record {
    Uuid key_id;
    std::uint64_t generation = 1;
    std::optional<std::string> tenant_id;
    std::optional<std::string> user_id;
    std::string origin;
    Bytes sealed;
  };
  std::optional<Record> record;
  std::string variable;  ///< name of the environment variable when there is no record
};

/// A tier that did not serve, and why.
struct PassedOver {
  KeySource source = KeySource::kSystemKey;
  std::string reason;  ///< "none stored", "expired 2026-01-03", "no tenant given", …
};

/// VaultBridge's answer for one provider.
struct KeyChoice {
  std::optional<Candidate> key;
  /// The platform's key to move to when `key` fails; only under PlatformKeys::kAnyFailure.
  std::optional<Candidate> platform_fallback;
  std::vector<PassedOver> passed_over;  ///< in tier order
};

/// Who asks. Without a tenant or user there is nothing to look up in that tier.
struct Asker {
  std::optional<std::string> user_id;
  std::optional<std::string> tenant_id;
};

/// The seed's VaultBridge: whose key serves a call. Pure: it gets the rows of all tiers, read by
/// one statement, and picks. It does not itself talk to the database.
class VaultBridge {
 public:
  /// tenant_byok, then user_key, then system_key. A missing, expired, revoked or retired key passes
  /// to the next tier; one that does not open never does, since this rule does not look inside.
  static KeyChoice GetKey(const Asker& asker, std::vector<Candidate> candidates,
                          PlatformKeys platform_keys);

  /// Opens the chosen record for `provider`, whose base URL now has `origin`. kUnauthentic when the
  /// key was stored for another origin or does not open, kMisconfigured when its master key is not
  /// loaded.
  static Result<Secret> Open(const Keyring& keyring, const Uuid& store_id,
                             std::string_view provider, std::string_view origin,
                             const Candidate& candidate);
};

/// What a record is sealed for; the same for storing and opening.
RecordBinding BindingOf(const Uuid& store_id, std::string_view provider, KeySource source,
                        const Candidate::Record& record);

/// "tenant_byok: no tenant given; user_key: expired 2026-01-03; system_key: none stored."
std::string DescribePassedOver(const std::vector<PassedOver>& passed_over);
/// [{"key_source": "user_key", "reason": "expired 2026-01-03"}, …]
Json PassedOverToJson(const std::vector<PassedOver>& passed_over);

}  // namespace byok
