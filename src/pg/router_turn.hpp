#pragma once

#include <cstdint>

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// What the router knows between turns.
struct RouterState {
  std::int64_t generation = 0;
  bool extension_gone = false;
  bool draining = false;       ///< about to leave: nothing more is taken from the queue
  bool prices_stale = true;    ///< set by the server's invalidation messages
  bool queue_hint = true;      ///< somebody submitted, or not everything was claimed
  bool credit_hint = true;     ///< somebody granted, or not everything was booked
  bool has_budgets = false;    ///< whether anybody has one
  TimestampTz next_look = 0;   ///< at the queue, without a hint
  TimestampTz next_sweep = 0;  ///< of leases and old results
  TimestampTz next_months = 0;
};

/// The transaction of one turn: accepts what arrived or was queued, and commits INTENT and SETTLE
/// of all requests that are ready, together. Nothing is sent and no caller answered before its
/// commit. A table that somebody locks is not waited for: the turn is put off, and after a second
/// refused.
void TransactionTurn(RouterState* state);
/// Whether there is anything for TransactionTurn to do.
bool NeedsTransaction(const RouterState& state);

/// An invalidation message of the server: a price table may have changed (InvalidOid: anything).
void NoteInvalidation(RouterState* state, Oid relation);

/// Ends every request now and writes what is known; what cannot be written is left to recovery.
void SettleAtExit(RouterState* state);

}  // namespace byok::pg
