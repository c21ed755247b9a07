#pragma once

#include <cstdint>

#include "pg/statement.hpp"

namespace byok::pg {

/// What the router writes. Every function is one set-based statement inside the caller's owner
/// section; JSON arguments are the arrays of dispatch/rows.

/// The next number of router_generation.
std::int64_t NextGeneration(const Extension& extension);

/// INTENT: an object of the arrays requests, admitted, keys, holds and intents; outcomes of
/// attempts that are followed by another.
void WriteIntents(const Extension& extension, const char* rows, TimestampTz started_at,
                  std::int64_t generation);
void UpdateOutcomes(const Extension& extension, const char* outcomes);

/// SETTLE: ends the requests that still run and writes, for those only, holds, calls, usage and
/// platform usage. Returns how many did: one that was settled before is left alone.
std::uint64_t WriteSettlements(const Extension& extension, const char* requests, const char* calls);

/// Ledger rows, in their order, linked to the chain.
void WriteEntries(const Extension& extension, const char* entries, TimestampTz at);
/// The accounts' new figures; returns how many were as they had been read.
std::uint64_t WriteAccounts(const Extension& extension, const char* accounts);
/// Moves the counters of budgets that there are.
void WriteBudgets(const Extension& extension, const char* moves);

/// Queued requests that get the outcome of another one.
void RepeatRequests(const Extension& extension, const char* repeated);

/// Queued requests that cannot be asked: failed, with the reason.
void FailRequests(const Extension& extension, const char* refused);

/// The ids of requests that run under no live router, in SPI's memory: at the start those of every
/// other generation, later those whose lease is over and that are not among `mine` (text[] of ids).
std::uint64_t FindLostRequests(const Extension& extension, std::int64_t generation, bool at_start,
                               const Parameter& mine);
/// Those of `ids` (text[]) that still run become unknown: their unanswered calls are booked at the
/// bound and cost the user nothing. Returns how many.
std::uint64_t RecoverRequests(const Extension& extension, const Parameter& ids);

/// A request taken from the queue.
struct Claim {
  const char* id;
  const char* user_id;
  const char* tenant_id;  ///< nullptr = none
  const char* request;    ///< JSON text, see fn_submit
};
/// Takes up to `limit` queued requests of this server into state running, the oldest first; rows in
/// SPI's memory.
Claim* ClaimRequests(const Extension& extension, int limit, TimestampTz started_at,
                     std::int64_t generation, const char* system_identifier, std::uint64_t* count);
/// This queued request, or the oldest one (nullptr), gets this error instead of a second chance to
/// break the router's turn.
void FailQueued(const Extension& extension, const char* system_identifier, const char* id,
                const char* error);

/// Prompts and results older than the retention are blanked, a bounded number at a time; how many.
std::uint64_t BlankOldResults(const Extension& extension, int retention_seconds);
/// Idempotency keys are kept 30 days.
void ForgetOldKeys(const Extension& extension);
/// Makes the partitions of this month and the next ones; how many are missing still.
std::uint64_t MakeMonths(const Extension& extension);

}  // namespace byok::pg
