#pragma once

#include "pg/gate.hpp"
#include "pg/statement.hpp"

namespace byok::pg {

/// SETTLE as texts: everything is exact decimal or JSON already.
struct SettlementRows {
  const char* request_id;
  TimestampTz used_at;
  const char* calls;       ///< billing/settlement's CallsToJson
  bool charged;            ///< whether there is a ledger row
  int amount_cents;        ///< negative for a charge
  const char* amount_usd;  ///< negative for a charge
  const char* description;
  const char* metadata;
};

/// One statement: usage rows of all calls, platform rows of those the platform paid, the ledger
/// row.
void WriteSettlement(const Extension& extension, const Identity& who, const SettlementRows& rows);

}  // namespace byok::pg
