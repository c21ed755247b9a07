#pragma once

#include <string>

#include "base/json.hpp"

#include "pg/credential_table.hpp"
#include "pg/http_host.hpp"
#include "pg/provider_table.hpp"

namespace byok::pg {

/// One question to a provider's free endpoint: is this key good? Steps take and leave values.
struct Verification {
  Flight flight;

  void Prepare(const LoadedProvider& provider, KeySource source, Secret key);
  [[nodiscard]] const LegResult& Leg() const { return flight.result.legs.front(); }
  /// Rejected by the provider, as opposed to not asked.
  [[nodiscard]] bool Rejected() const;
  /// 22023 when the provider rejected the key, 08006 when it could not be asked.
  [[nodiscard]] Status RequireGood() const;
  /// {"valid": true | false | null, "provider", "http_status", "reason", "detail", "latency_ms"}
  [[nodiscard]] Json ToJson() const;
};

/// A key the caller may manage; 42704 `key "…" does not exist` for any other.
KeyRow RequireOwnKey(const Extension& extension, const Caller& caller, const char* key_id);

}  // namespace byok::pg
