#include "pg/router_turn.hpp"

#include <span>

#include "pg/guarded.hpp"
#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/price_tables.hpp"
#include "pg/provider_table.hpp"
#include "pg/router_host.hpp"
#include "pg/router_tables.hpp"

namespace byok::pg {
namespace {

using http::Clock;
using http::TimePoint;

constexpr int kMostClaims = 256;
constexpr int kLookMs = 1000;
constexpr int kSweepMs = 30'000;
/// A table may be locked this long before requests are refused for it.
constexpr http::Milliseconds kLockPatience{1000};

constexpr const char* kWrittenTables[] = {"triangle_requests", "triangle_calls", "key_usage_log",
                                          "platform_api_usage", "credit_transactions"};

/// What a guarded step gets and leaves; plain data.
struct Turn {
  RouterState* state = nullptr;
  Extension extension;
  TimestampTz now = 0;
  int claim_limit = 0;
  bool claiming = false;  ///< its claim has begun
  bool locked = false;
  size_t first = 0;  ///< of the host's items, those this transaction writes
  size_t count = 0;
};

// --- the transaction's frame
// -------------------------------------------------------------------------

enum class Opened { kYes, kLocked, kGone };

/// Never waits for a lock: the loop must go on. The order is that of the writes.
Opened LockTables(const Extension& extension) {
  for (const char* name : kWrittenTables) {
    const Oid table = get_relname_relid(name, extension.schema);
    if (!OidIsValid(table)) return Opened::kGone;
    if (!ConditionalLockRelationOid(table, RowExclusiveLock)) return Opened::kLocked;
  }
  return Opened::kYes;
}

Opened BeginTurn(Turn* turn) {
  SetCurrentStatementStartTimestamp();
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  turn->now = GetCurrentTimestamp();
  if (!FindExtension(&turn->extension)) return Opened::kGone;
  return LockTables(turn->extension);
}

void EndTurn() {
  PopActiveSnapshot();
  CommitTransactionCommand();
  pgstat_report_stat(false);
}

// --- its parts
// ---------------------------------------------------------------------------------------

constexpr const char* kPriceTables[] = {"model_prices", "model_aliases", "pricing_rules"};
Oid price_tables[lengthof(kPriceTables)];

void LoadPriceBook(const Turn& turn) {
  for (size_t i = 0; i < lengthof(kPriceTables); ++i) {
    price_tables[i] = get_relname_relid(kPriceTables[i], turn.extension.schema);
  }
  turn.state->prices_stale = false;  // a change from here on is another one
  auto* loaded = NewInContext<LoadedPrices>(CurrentMemoryContext);
  LoadPrices(turn.extension, Parameter{}, turn.now, loaded);
  RunCore([loaded] {
    TheRouter().TakePrices(*loaded);
    return Status();
  });
}

const char* SystemIdentifier() {
  return psprintf(UINT64_FORMAT, GetSystemIdentifier());
}

/// LOAD of one queued request: its keys as they are now.
void LoadClaim(const Turn& turn, const Claim& claim) {
  auto* names = NewInContext<std::optional<std::vector<std::string>>>(CurrentMemoryContext);
  auto* keys = NewInContext<LoadedKeys>(CurrentMemoryContext);
  RunCore([=, &claim] {
    TheRouter().claimed.emplace_back(claim.id);
    return ReadProvidersOf(claim.request, names);
  });
  LoadKnownProviders(turn.extension, *names ? &**names : nullptr,
                     {.user_id = claim.user_id, .tenant_id = claim.tenant_id}, keys);
  RunCore([=, &claim] {
    return TheRouter().AddClaim(claim.id, claim.user_id, claim.tenant_id, claim.request, *keys);
  });
}

void ClaimQueued(const Turn& turn) {
  std::uint64_t count = 0;
  const Claim* claims = ClaimRequests(turn.extension, turn.claim_limit, turn.now,
                                      turn.state->generation, SystemIdentifier(), &count);
  for (std::uint64_t i = 0; i < count; ++i) LoadClaim(turn, claims[i]);
  turn.state->queue_hint = count == static_cast<std::uint64_t>(turn.claim_limit);
}

/// The rows of some items, as texts that outlive the core's objects.
struct RowTexts {
  const char *requests, *admitted, *intents, *outcomes, *settled, *calls, *refused;
};

/// Sinval and SPI may raise: nothing with a destructor is on the stack while the texts are used.
const char* Copy(const Json& rows) {
  if (rows.Size() == 0) return nullptr;
  const std::string text = rows.Dump();
  auto* copy =
      static_cast<char*>(palloc_extended(text.size() + 1, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE));
  if (copy == nullptr) throw std::bad_alloc();
  memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void WriteItems(const Turn& turn) {
  RowTexts texts{};
  RunCore([&texts, &turn] {
    const RouterHost& host = TheRouter();
    const RowBatch rows =
        host.dispatcher->RowsOf(std::span(host.items).subspan(turn.first, turn.count));
    texts = {Copy(rows.requests), Copy(rows.admitted), Copy(rows.intents), Copy(rows.outcomes),
             Copy(rows.settled),  Copy(rows.calls),    Copy(rows.refused)};
    return Status();
  });
  const Extension& extension = turn.extension;
  if (texts.settled != nullptr) {
    WriteSettlements(extension, texts.settled, texts.calls == nullptr ? "[]" : texts.calls);
  }
  if (texts.refused != nullptr) FailRequests(extension, texts.refused);
  if (texts.outcomes != nullptr) UpdateOutcomes(extension, texts.outcomes);
  if (texts.requests != nullptr) {
    InsertRequests(extension, texts.requests, turn.now, turn.state->generation);
  }
  if (texts.admitted != nullptr) UpdateBounds(extension, texts.admitted);
  if (texts.intents != nullptr) InsertIntents(extension, texts.intents);
}

/// Leases that ran out and results that are old; rarely, and only what an index finds at once.
void Housekeep(const Turn& turn) {
  auto* ids = NewInContext<std::vector<std::string>>(CurrentMemoryContext);
  RunCore([ids] {
    *ids = TheRouter().dispatcher->RequestIds();
    return Status();
  });
  auto** texts = static_cast<const char**>(palloc(sizeof(char*) * (ids->size() + 1)));
  for (size_t i = 0; i < ids->size(); ++i) texts[i] = (*ids)[i].c_str();
  RecoverRequests(turn.extension, turn.state->generation, false,
                  TextArrayParameter(texts, static_cast<int>(ids->size())));
  BlankOldResults(turn.extension, settings.result_retention);
  turn.state->next_sweep = TimestampTzPlusMilliseconds(turn.now, kSweepMs);
}

// --- the turn as guarded steps
// -----------------------------------------------------------------------

/// Everything that is ready, in one transaction.
void RunTurn(void* arg) {
  auto* turn = static_cast<Turn*>(arg);
  const Opened opened = BeginTurn(turn);
  if (opened != Opened::kYes) {
    turn->locked = opened == Opened::kLocked;
    turn->state->extension_gone = opened == Opened::kGone;
    PopActiveSnapshot();
    AbortCurrentTransaction();
    return;
  }
  const OwnerSection section = BeginOwnerSection(turn->extension);
  if (turn->state->prices_stale) LoadPriceBook(*turn);
  if (turn->now >= turn->state->next_sweep) Housekeep(*turn);
  turn->claiming = turn->claim_limit > 0;
  if (turn->claiming) ClaimQueued(*turn);
  turn->state->next_look = TimestampTzPlusMilliseconds(turn->now, kLookMs);
  const PriceTime started_at = PriceTimeOf(turn->now);
  RunCore([turn, started_at] {
    RouterHost& host = TheRouter();
    const TimePoint now = Clock::now();
    host.AcceptArrivals(started_at, now);
    host.items = host.dispatcher->Collect(now);
    turn->first = 0;
    turn->count = host.items.size();
    return Status();
  });
  WriteItems(*turn);
  EndOwnerSection(section);
  EndTurn();
}

/// One item alone, after the transaction of all failed.
void RunItem(void* arg) {
  auto* turn = static_cast<Turn*>(arg);
  const Opened opened = BeginTurn(turn);
  if (opened == Opened::kLocked) {
    ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
                    errmsg("a table of pg_byok is locked by another transaction")));
  }
  if (opened == Opened::kGone) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("extension \"byok\" does not exist")));
  }
  const OwnerSection section = BeginOwnerSection(turn->extension);
  WriteItems(*turn);
  EndOwnerSection(section);
  EndTurn();
}

Status Commit(size_t first, size_t count) {
  RouterHost& host = TheRouter();
  host.dispatcher->Committed(std::span(host.items).subspan(first, count), Clock::now());
  ++host.figures->commits;
  return {};
}

Status Fail(size_t index, const ServerError& error) {
  RouterHost& host = TheRouter();
  host.dispatcher->Failed(std::move(host.items[index]), Status(error.code, error.message),
                          Clock::now());
  return {};
}

/// A batch must not lose other people's settlements: what fails alone is answered alone. Returns
/// whether anything did. What was alone in the batch need not be tried again to know.
bool RetryOneByOne(RouterState* state, const ServerError& why, bool alone) {
  const size_t count = TheRouter().items.size();
  bool all_well = true;
  for (size_t i = 0; i < count; ++i) {
    Turn turn;
    turn.state = state;
    turn.first = i;
    turn.count = 1;
    ServerError error = why;
    const bool ok = !alone && RunGuarded(RunItem, &turn, &error);
    all_well = all_well && ok;
    if (ok) {
      RunCore([i] { return Commit(i, 1); });
    } else {
      RunCore([i, &error] { return Fail(i, error); });
    }
  }
  return all_well;
}

/// The rows a failed transaction had claimed are queued again; their requests never began.
Status DropClaims() {
  RouterHost& host = TheRouter();
  host.dispatcher->Drop(host.claimed);
  std::erase_if(host.items,
                [&host](const WorkItem& item) { return !host.dispatcher->Knows(item); });
  return {};
}

/// One claim at a time, until the one that breaks the turn is found; it fails for good.
void FailQueued(void* arg) {
  auto* turn = static_cast<Turn*>(arg);
  if (BeginTurn(turn) != Opened::kYes) {
    PopActiveSnapshot();
    AbortCurrentTransaction();
    return;
  }
  const OwnerSection section = BeginOwnerSection(turn->extension);
  FailOldestQueued(turn->extension, SystemIdentifier(),
                   R"({"sqlstate": "XX000", "message": "the request could not be run", )"
                   R"("detail": "The server's log has the reason.", "hint": ""})");
  EndOwnerSection(section);
  EndTurn();
}

int claim_limit = kMostClaims;

/// When everything else goes through alone, it was the claim that broke the turn: next time one row
/// at a time, and then that row fails.
void AfterFailure(RouterState* state, Turn* turn, const ServerError& error) {
  state->prices_stale = true;  // should their reading have failed
  state->queue_hint = state->queue_hint || turn->claiming;
  RunCore([] { return DropClaims(); });
  const bool alone = !turn->claiming && TheRouter().items.size() == 1;
  const bool others_well = RetryOneByOne(state, error, alone);
  if (!turn->claiming || !others_well) return;
  if (claim_limit == 1) {
    ServerError ignored;
    RunGuarded(FailQueued, turn, &ignored);
  }
  claim_limit = 1;
}

/// Locked: everything waits a little; callers are not kept in the dark for long.
void AfterLock() {
  RunCore([] {
    RouterHost& host = TheRouter();
    const TimePoint now = Clock::now();
    if (!host.locked_since) host.locked_since = now;
    if (now - *host.locked_since < kLockPatience) return Status();
    const Status why =
        Status(StatusCode::kLocked, "a table of pg_byok is locked by another transaction")
            .WithHint("It may be your own: end it, then ask.");
    host.DenyArrivals(why);
    for (WorkItem& item : host.dispatcher->Collect(now)) {
      host.dispatcher->Failed(std::move(item), why, now);
    }
    return Status();
  });
}

int FreePlaces(const RouterState& state) {
  if (state.draining) return 0;
  const auto used = static_cast<int>(TheRouter().dispatcher->Requests());
  return Max(0, Min(claim_limit, settings.max_in_flight - used));
}

}  // namespace

bool NeedsTransaction(const RouterState& state) {
  const RouterHost& host = TheRouter();
  return !host.arrivals.empty() || host.dispatcher->HasWork(Clock::now()) ||
         (state.queue_hint && FreePlaces(state) > 0) || GetCurrentTimestamp() >= state.next_look;
}

void TransactionTurn(RouterState* state) {
  Turn turn;
  turn.state = state;
  const bool look = state->queue_hint || GetCurrentTimestamp() >= state->next_look;
  turn.claim_limit = look ? FreePlaces(*state) : 0;
  ServerError error;
  const bool ok = RunGuarded(RunTurn, &turn, &error);
  if (!ok) {
    AfterFailure(state, &turn, error);
  } else if (turn.locked) {
    AfterLock();
  } else if (!state->extension_gone) {
    if (turn.claim_limit > 0) claim_limit = kMostClaims;
    RunCore([&turn] {
      TheRouter().locked_since.reset();
      return turn.count > 0 ? Commit(0, turn.count) : Status();
    });
  }
  RunCore([] {
    RouterHost& host = TheRouter();
    host.items.clear();
    host.claimed.clear();
    host.keyring.reset();
    return Status();
  });
}

namespace {

void RunRecovery(void* arg) {
  auto* turn = static_cast<Turn*>(arg);
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  turn->state->extension_gone = !FindExtension(&turn->extension);
  if (turn->state->extension_gone) return EndTurn();
  const OwnerSection section = BeginOwnerSection(turn->extension);
  turn->state->generation = NextGeneration(turn->extension);
  const std::uint64_t lost =
      RecoverRequests(turn->extension, turn->state->generation, true, Parameter{});
  EndOwnerSection(section);
  EndTurn();
  if (lost > 0) {
    ereport(LOG, (errmsg("pg_byok: %llu requests of an earlier router are recorded as unknown",
                         static_cast<unsigned long long>(lost))));
  }
}

}  // namespace

bool Recover(RouterState* state) {
  Turn turn;
  turn.state = state;
  ServerError error;
  return RunGuarded(RunRecovery, &turn, &error) && !state->extension_gone;
}

void NoteInvalidation(RouterState* state, Oid relation) {
  if (relation == InvalidOid) state->prices_stale = true;
  for (const Oid table : price_tables) {
    if (table == relation) state->prices_stale = true;
  }
}

void SettleAtExit(RouterState* state) {
  RunCore([] {
    RouterHost& host = TheRouter();
    host.DenyArrivals(ShuttingDown());
    host.dispatcher->InterruptAll(Clock::now());
    return Status();
  });
  state->queue_hint = false;
  state->next_look = state->next_sweep = PG_INT64_MAX;
  if (NeedsTransaction(*state)) TransactionTurn(state);
}

}  // namespace byok::pg
