#include "pg/router_turn.hpp"

#include <span>

#include "pg/guarded.hpp"
#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/price_tables.hpp"
#include "pg/provider_table.hpp"
#include "pg/router_books.hpp"
#include "pg/router_host.hpp"
#include "pg/router_tables.hpp"
#include "pg/router_upkeep.hpp"

namespace byok::pg {
namespace {

using http::Clock;
using http::TimePoint;

constexpr int kMostClaims = 256;
constexpr int kMostCredits = 256;
constexpr int kLookMs = 1000;
/// A table may be locked this long before requests are refused for it.
constexpr http::Milliseconds kLockPatience{1000};

constexpr const char* kWrittenTables[] = {
    "triangle_requests",   "triangle_calls", "key_usage_log", "platform_api_usage",
    "credit_transactions", "usage_daily",    "tier_daily",    "credit_accounts",
    "credit_holds",        "credit_pending", "budget_spend",  "idempotency_keys"};
/// What the router keeps in memory until it changes. Budgets, once there are some, are read in
/// every turn.
constexpr const char* kPriceTables[] = {"model_prices", "model_aliases", "pricing_rules",
                                        "budgets"};
/// Read for queued requests only.
constexpr const char* kKeyTables[] = {"providers", "key_store", "service_credentials",
                                      "tenant_api_keys", "user_api_keys"};

/// What the decisions of a turn rest on, read in its transaction.
struct Reading {
  std::vector<Payer> owners;
  Books books;
  KnownRequests known;
  std::vector<IdempotencyId> keys;
  std::vector<CreditRequest> credits;
};

/// What a guarded step gets and leaves; plain data.
struct Turn {
  RouterState* state = nullptr;
  Extension extension;
  TimestampTz now = 0;
  int claim_limit = 0;
  bool claiming = false;  ///< its claim has begun, and was not of nothing
  bool booking = false;   ///< so has its booking of credits
  size_t credits = 0;     ///< how many there were to book, and the first one's id
  std::int64_t first_credit = 0;
  bool locked = false;
  size_t first = 0;  ///< of the host's items, those this transaction writes
  size_t count = 0;
};

// --- the transaction's frame
// -------------------------------------------------------------------------

enum class Opened { kYes, kLocked, kGone };

/// Never waits for a lock: the loop must go on.
Opened LockTables(const Extension& extension, std::span<const char* const> names, LOCKMODE mode) {
  for (const char* name : names) {
    const Oid table = get_relname_relid(name, extension.schema);
    if (!OidIsValid(table)) return Opened::kGone;
    if (!ConditionalLockRelationOid(table, mode)) return Opened::kLocked;
  }
  return Opened::kYes;
}

/// Who keeps prices locked while they change stops nobody; only when they have changed must they be
/// read.
Opened LockPrices(const Turn& turn) {
  std::span<const char* const> read(kPriceTables);
  if (!turn.state->prices_stale) read = read.last(turn.state->has_budgets ? 1 : 0);
  return LockTables(turn.extension, read, AccessShareLock);
}

Opened BeginTurn(Turn* turn) {
  SetCurrentStatementStartTimestamp();
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  turn->now = GetCurrentTimestamp();
  if (!FindExtension(&turn->extension)) return Opened::kGone;
  // The order is that of the writes.
  const Opened opened = LockTables(turn->extension, kWrittenTables, RowExclusiveLock);
  return opened == Opened::kYes ? LockPrices(*turn) : opened;
}

void EndTurn() {
  PopActiveSnapshot();
  CommitTransactionCommand();
  pgstat_report_stat(false);
}

// --- its parts
// ---------------------------------------------------------------------------------------

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
  turn.state->has_budgets = HaveBudgets(turn.extension);
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

/// While somebody keeps the keys locked the queue waits for the next look, and nobody else.
bool MayClaim(const Turn& turn) {
  if (turn.claim_limit == 0) return false;
  if (LockTables(turn.extension, kKeyTables, AccessShareLock) == Opened::kYes) return true;
  turn.state->queue_hint = false;
  return false;
}

/// Whether there was any.
bool ClaimQueued(const Turn& turn) {
  std::uint64_t count = 0;
  const Claim* claims = ClaimRequests(turn.extension, turn.claim_limit, turn.now,
                                      turn.state->generation, SystemIdentifier(), &count);
  for (std::uint64_t i = 0; i < count; ++i) LoadClaim(turn, claims[i]);
  turn.state->queue_hint = count == static_cast<std::uint64_t>(turn.claim_limit);
  return count > 0;
}

std::span<WorkItem> ItemsOf(const Turn& turn) {
  return std::span(TheRouter().items).subspan(turn.first, turn.count);
}

/// Everybody the turn has to do with.
void GatherOwners(const Turn& turn, Reading* reading) {
  RunCore([&turn, reading] {
    const RouterHost& host = TheRouter();
    reading->owners = host.dispatcher->OwnersOf(ItemsOf(turn));
    for (Payer& owner : host.OwnersOfArrivals()) reading->owners.push_back(std::move(owner));
    return Status();
  });
}

/// Their accounts and budgets, and the accounts of those who are credited.
void ReadBooks(const Turn& turn, Reading* reading) {
  RunCore([&turn, reading] {
    for (const CreditRequest& credit : reading->credits) {
      if (IsPosted(credit)) reading->owners.push_back(credit.owner);
    }
    reading->books.has_budgets = turn.state->has_budgets;
    return Status();
  });
  if (reading->owners.empty()) return;
  LoadAccounts(turn.extension, reading->owners, &reading->books);
  if (turn.state->has_budgets) {
    LoadBudgets(turn.extension, reading->owners, turn.now, &reading->books);
  }
}

/// Who is to be charged or credited for the first time gets an account.
void MakeMissingAccounts(const Turn& turn, Reading* reading) {
  auto* missing = NewInContext<std::vector<Payer>>(CurrentMemoryContext);
  RunCore([&turn, reading, missing] {
    const AccountBook& accounts = reading->books.accounts;
    *missing = TheRouter().dispatcher->OwnersWithout(ItemsOf(turn), accounts);
    for (const CreditRequest& credit : reading->credits) {
      if (IsPosted(credit) && accounts.Find(credit.owner) == nullptr) {
        missing->push_back(credit.owner);
      }
    }
    return Status();
  });
  if (missing->empty()) return;
  MakeAccounts(turn.extension, *missing);
  LoadAccounts(turn.extension, reading->owners, &reading->books);
}

/// The rows of some items, as texts that outlive the core's objects.
struct RowTexts {
  const char *intents, *outcomes, *settled, *calls, *refused, *repeated, *entries, *accounts,
      *budgets;
  uint64 settled_count, account_count;
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

/// The arrays of INTENT's statement as one object.
Json IntentRows(RowBatch& rows) {
  Json object = Json::MakeObject();
  const auto add = [&object](const char* name, Json& array) {
    if (array.Size() > 0) object.Set(name, std::move(array));
  };
  add("requests", rows.requests);
  add("admitted", rows.admitted);
  add("keys", rows.keys);
  add("holds", rows.holds);
  add("intents", rows.intents);
  return object;
}

RowTexts TextsOf(RowBatch& rows) {
  return {.intents = Copy(IntentRows(rows)),
          .outcomes = Copy(rows.outcomes),
          .settled = Copy(rows.settled),
          .calls = Copy(rows.calls),
          .refused = Copy(rows.refused),
          .repeated = Copy(rows.repeated),
          .entries = Copy(rows.entries),
          .accounts = Copy(rows.accounts),
          .budgets = Copy(rows.budgets),
          .settled_count = rows.settled.Size(),
          .account_count = rows.accounts.Size()};
}

/// Whether every request was still there to be settled. Together with others an error, so that each
/// is tried alone; alone a warning, and nothing is written: it has its bill.
bool Settle(const Turn& turn, const RowTexts& texts) {
  const uint64 settled =
      WriteSettlements(turn.extension, texts.settled, texts.calls == nullptr ? "[]" : texts.calls);
  if (settled == texts.settled_count) return true;
  const bool alone = turn.count == 1 && turn.credits == 0;
  ereport(alone ? WARNING : ERROR,
          (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
           errmsg("a request of pg_byok's router was ended by somebody else")));
  return false;
}

void WriteMoney(const Turn& turn, const RowTexts& texts) {
  if (texts.entries != nullptr) WriteEntries(turn.extension, texts.entries, turn.now);
  if (texts.budgets != nullptr) WriteBudgets(turn.extension, texts.budgets);
  if (texts.accounts == nullptr) return;
  if (WriteAccounts(turn.extension, texts.accounts) != texts.account_count) {
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("an account was changed by another than pg_byok's router")));
  }
}

void WriteItems(const Turn& turn, Reading* reading) {
  RowTexts texts{};
  RunCore([&texts, &turn, reading] {
    RouterHost& host = TheRouter();
    TurnRows decided =
        host.dispatcher->RowsOf(ItemsOf(turn), std::move(reading->books), reading->credits);
    host.denied = std::move(decided.denied);
    texts = TextsOf(decided.rows);
    return Status();
  });
  const Extension& extension = turn.extension;
  if (texts.settled != nullptr && !Settle(turn, texts)) return;
  if (texts.refused != nullptr) FailRequests(extension, texts.refused);
  if (texts.repeated != nullptr) RepeatRequests(extension, texts.repeated);
  if (texts.outcomes != nullptr) UpdateOutcomes(extension, texts.outcomes);
  if (texts.intents != nullptr) {
    WriteIntents(extension, texts.intents, turn.now, turn.state->generation);
  }
  WriteMoney(turn, texts);
}

// --- the turn as guarded steps
// -----------------------------------------------------------------------

/// What arrived becomes requests, with their payers known.
void AcceptArrivals(Turn* turn, Reading* reading) {
  const PriceTime started_at = PriceTimeOf(turn->now);
  RunCore([turn, reading, started_at] {
    RouterHost& host = TheRouter();
    const TimePoint now = Clock::now();
    host.AcceptArrivals(reading->books.accounts, reading->known, started_at, now);
    for (WorkItem& item : host.dispatcher->Collect(now)) host.items.push_back(std::move(item));
    turn->count = host.items.size();
    return Status();
  });
}

/// The settlements that are ready come first: what they free, others may spend.
void CollectReady(Turn* turn, Reading* reading) {
  RunCore([turn, reading] {
    RouterHost& host = TheRouter();
    host.items = host.dispatcher->Collect(Clock::now());
    turn->first = 0;
    turn->count = host.items.size();
    reading->keys = host.KeysOfArrivals();
    return Status();
  });
  if (!reading->keys.empty()) LoadKnownRequests(turn->extension, reading->keys, &reading->known);
}

int credit_limit = kMostCredits;
const std::vector<Payer> nobody;

/// Grants, refunds and corrections that were committed since.
void TakeCredits(Turn* turn, Reading* reading) {
  if (!turn->state->credit_hint && turn->now < turn->state->next_look) return;
  turn->booking = true;
  const bool isolates = credit_limit == 1;
  LoadCredits(turn->extension, credit_limit, isolates ? nobody : reading->owners,
              TheRouter().skipped_credits, &reading->credits);
  turn->credits = reading->credits.size();
  if (turn->credits > 0) turn->first_credit = reading->credits.front().id;
  turn->state->credit_hint = turn->credits >= static_cast<size_t>(credit_limit);
}

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
  turn->claiming = MayClaim(*turn);
  if (turn->claiming) {
    turn->claiming = ClaimQueued(*turn);
    // Prices that were changed in a claimed request's own commit; locked ones wait for another
    // turn.
    AcceptInvalidationMessages();
    if (turn->state->prices_stale && LockPrices(*turn) == Opened::kYes) LoadPriceBook(*turn);
  }
  auto* reading = NewInContext<Reading>(CurrentMemoryContext);
  CollectReady(turn, reading);
  GatherOwners(*turn, reading);
  TakeCredits(turn, reading);
  turn->state->next_look = TimestampTzPlusMilliseconds(turn->now, kLookMs);
  ReadBooks(*turn, reading);
  AcceptArrivals(turn, reading);
  MakeMissingAccounts(*turn, reading);
  WriteItems(*turn, reading);
  if (!reading->credits.empty()) CloseCredits(turn->extension, reading->credits, turn->now);
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
  auto* reading = NewInContext<Reading>(CurrentMemoryContext);
  GatherOwners(*turn, reading);
  ReadBooks(*turn, reading);
  MakeMissingAccounts(*turn, reading);
  WriteItems(*turn, reading);
  EndOwnerSection(section);
  EndTurn();
}

Status Commit(size_t first, size_t count) {
  RouterHost& host = TheRouter();
  host.dispatcher->Committed(std::span(host.items).subspan(first, count), host.denied,
                             Clock::now());
  host.denied.clear();
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

/// One claim at a time, until the one that breaks the turn is found; it fails for good. When the
/// claim itself failed, it is the oldest.
void FailClaimed(void* arg) {
  auto* turn = static_cast<Turn*>(arg);
  if (BeginTurn(turn) != Opened::kYes) {
    PopActiveSnapshot();
    AbortCurrentTransaction();
    return;
  }
  const OwnerSection section = BeginOwnerSection(turn->extension);
  const std::vector<std::string>& claimed = TheRouter().claimed;
  FailQueued(turn->extension, SystemIdentifier(),
             claimed.empty() ? nullptr : claimed.front().c_str(),
             R"({"sqlstate": "XX000", "message": "the request could not be run", )"
             R"("detail": "The server's log has the reason.", "hint": ""})");
  EndOwnerSection(section);
  EndTurn();
}

int claim_limit = kMostClaims;

/// A credit that breaks its turn is found alone, then left until the next sweep, so that the others
/// are booked.
void AfterFailedBooking(const Turn& turn, bool others_well) {
  turn.state->credit_hint = true;
  if (credit_limit == 1 && others_well) {
    RunCore([&turn] {
      TheRouter().skipped_credits.push_back(turn.first_credit);
      return Status();
    });
  }
  credit_limit = 1;
}

/// When everything else goes through alone, it was the claim that broke the turn: next time one row
/// at a time, and then that row fails.
void AfterFailure(RouterState* state, Turn* turn, const ServerError& error) {
  state->prices_stale = true;  // should their reading have failed
  state->queue_hint = state->queue_hint || turn->claiming;
  RunCore([] { return DropClaims(); });
  const bool alone = !turn->claiming && turn->credits == 0 && TheRouter().items.size() == 1;
  const bool others_well = RetryOneByOne(state, error, alone);
  if (turn->credits > 0) return AfterFailedBooking(*turn, others_well);
  if (!turn->claiming || !others_well) return;
  if (claim_limit == 1) {
    ServerError ignored;
    RunGuarded(FailClaimed, turn, &ignored);
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
         (state.queue_hint && FreePlaces(state) > 0) || state.credit_hint ||
         GetCurrentTimestamp() >= state.next_look;
}

void TransactionTurn(RouterState* state) {
  KeepUp(state);
  Turn turn;
  turn.state = state;
  const bool look = state->queue_hint || GetCurrentTimestamp() >= state->next_look;
  turn.claim_limit = look && credit_limit > 1 ? FreePlaces(*state) : 0;
  ServerError error;
  const bool ok = RunGuarded(RunTurn, &turn, &error);
  if (!ok) {
    AfterFailure(state, &turn, error);
  } else if (turn.locked) {
    AfterLock();
  } else if (!state->extension_gone) {
    if (turn.claiming) claim_limit = kMostClaims;
    if (turn.booking) credit_limit = kMostCredits;
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

void NoteInvalidation(RouterState* state, Oid relation) {
  if (relation == InvalidOid) state->prices_stale = true;
  for (const Oid table : price_tables) {
    if (table == relation) state->prices_stale = true;
  }
}

namespace {

/// What must not be lost without a trace: recovery knows calls, not what became of them.
void WarnOfUnwrittenBills() {
  auto* bills = NewInContext<std::vector<std::string>>(CurrentMemoryContext);
  RunCore([bills] {
    *bills = TheRouter().dispatcher->UnwrittenBills();
    return Status();
  });
  for (const std::string& bill : *bills) {
    ereport(WARNING,
            (errmsg("pg_byok: the router ends with a bill that the database did not take"),
             errdetail("%s", bill.c_str()),
             errhint("The next router records the calls as unknown, at no charge. Put their cost "
                     "right with reconcile_unknown().")));
  }
}

}  // namespace

void SettleAtExit(RouterState* state) {
  RunCore([] {
    RouterHost& host = TheRouter();
    host.DenyArrivals(ShuttingDown());
    host.dispatcher->InterruptAll(Clock::now());
    return Status();
  });
  state->queue_hint = state->credit_hint = false;
  state->next_look = state->next_sweep = state->next_months = PG_INT64_MAX;
  if (NeedsTransaction(*state)) TransactionTurn(state);
  WarnOfUnwrittenBills();
}

}  // namespace byok::pg
