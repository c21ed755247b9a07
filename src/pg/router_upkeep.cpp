#include "pg/router_upkeep.hpp"

#include "pg/guarded.hpp"
#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/router_host.hpp"
#include "pg/router_tables.hpp"

namespace byok::pg {
namespace {

constexpr int kSweepMs = 30'000;
constexpr int kMonthsMs = 3'600'000;
constexpr int kMonthsAgainMs = 60'000;

/// What a guarded step gets and leaves.
struct Upkeep {
  RouterState* state = nullptr;
  Extension extension;
  bool at_start = false;
  std::vector<std::string> lost;  ///< requests that run under no live router
  std::size_t first = 0;          ///< of them, those this transaction settles
  std::size_t count = 0;
  std::uint64_t settled = 0;
};

TimestampTz After(int milliseconds) {
  return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);
}

// --- the frame of a step
// -------------------------------------------------------------------------

/// False, and no transaction: the extension is gone.
bool Begin(Upkeep* upkeep, OwnerSection* section) {
  SetCurrentStatementStartTimestamp();
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  upkeep->state->extension_gone = !FindExtension(&upkeep->extension);
  if (upkeep->state->extension_gone) {
    PopActiveSnapshot();
    AbortCurrentTransaction();
    return false;
  }
  *section = BeginOwnerSection(upkeep->extension);
  return true;
}

void End(const OwnerSection& section) {
  EndOwnerSection(section);
  PopActiveSnapshot();
  CommitTransactionCommand();
  pgstat_report_stat(false);
}

template <void (*Body)(Upkeep*)>
void Step(void* arg) {
  auto* upkeep = static_cast<Upkeep*>(arg);
  OwnerSection section{};
  if (!Begin(upkeep, &section)) return;
  Body(upkeep);
  End(section);
}

template <void (*Body)(Upkeep*)>
bool Run(Upkeep* upkeep, ServerError* error) {
  return RunGuarded(Step<Body>, upkeep, error);
}

// --- requests of routers that are gone
// -------------------------------------------------------------------------

Parameter IdsParameter(const std::vector<std::string>& ids, std::size_t first, std::size_t count) {
  auto** texts = static_cast<const char**>(palloc(sizeof(char*) * (count + 1)));
  for (std::size_t i = 0; i < count; ++i) texts[i] = ids[first + i].c_str();
  return TextArrayParameter(texts, static_cast<int>(count));
}

/// At the start nothing runs here; later what runs here has its lease renewed by being here.
void FindLost(Upkeep* upkeep) {
  auto* mine = NewInContext<std::vector<std::string>>(CurrentMemoryContext);
  RunCore([mine] {
    if (TheRouter().dispatcher) *mine = TheRouter().dispatcher->RequestIds();
    return Status();
  });
  const std::uint64_t count =
      FindLostRequests(upkeep->extension, upkeep->state->generation, upkeep->at_start,
                       IdsParameter(*mine, 0, mine->size()));
  RunCore([upkeep, count] {
    for (std::uint64_t row = 0; row < count; ++row) upkeep->lost.emplace_back(Column(row, 1));
    return Status();
  });
}

void TakeGeneration(Upkeep* upkeep) {
  upkeep->state->generation = NextGeneration(upkeep->extension);
  FindLost(upkeep);
}

void SettleLost(Upkeep* upkeep) {
  upkeep->settled +=
      RecoverRequests(upkeep->extension, IdsParameter(upkeep->lost, upkeep->first, upkeep->count));
}

bool SettleSome(Upkeep* upkeep, std::size_t first, std::size_t count, ServerError* error) {
  upkeep->first = first;
  upkeep->count = count;
  return count == 0 || Run<SettleLost>(upkeep, error);
}

/// All together; where that fails each alone, so that one does not keep the others open. False: a
/// table is locked.
bool SettleAllLost(Upkeep* upkeep) {
  ServerError error;
  const std::size_t all = upkeep->lost.size();
  if (SettleSome(upkeep, 0, all, &error)) return true;
  for (std::size_t i = 0; all > 1 && i < all && error.code != StatusCode::kLocked; ++i) {
    (void)SettleSome(upkeep, i, 1, &error);
  }
  return error.code != StatusCode::kLocked;
}

void TellOfLost(const Upkeep& upkeep) {
  if (upkeep.settled > 0) {
    ereport(LOG, (errmsg("pg_byok: %llu requests of an earlier router are recorded as unknown",
                         static_cast<unsigned long long>(upkeep.settled))));
  }
  if (upkeep.settled < upkeep.lost.size()) {
    ereport(WARNING,
            (errmsg("pg_byok: %llu requests of an earlier router could not be recorded as unknown",
                    static_cast<unsigned long long>(upkeep.lost.size() - upkeep.settled)),
             errdetail("They stay in state running and are tried again when their leases end.")));
  }
}

// --- the rest
// -------------------------------------------------------------------------

void ForgetOldThings(Upkeep* upkeep) {
  BlankOldResults(upkeep->extension, settings.result_retention);
  ForgetOldKeys(upkeep->extension);
}

void Sweep(Upkeep* upkeep) {
  ServerError error;
  if (Run<FindLost>(upkeep, &error) && SettleAllLost(upkeep)) TellOfLost(*upkeep);
  Run<ForgetOldThings>(upkeep, &error);
  TheRouter().skipped_credits.clear();
}

void MakeDueMonths(Upkeep* upkeep) {
  if (MakeMonths(upkeep->extension) == 0) upkeep->state->next_months = After(kMonthsMs);
}

}  // namespace

bool Recover(RouterState* state) {
  Upkeep upkeep{.state = state, .extension = {}, .at_start = true, .lost = {}};
  ServerError error;
  if (!Run<TakeGeneration>(&upkeep, &error) || state->extension_gone) return false;
  if (!SettleAllLost(&upkeep)) return false;
  TellOfLost(upkeep);
  return true;
}

void KeepUp(RouterState* state) {
  Upkeep upkeep{.state = state, .extension = {}, .lost = {}};
  if (GetCurrentTimestamp() >= state->next_months) {
    state->next_months = After(kMonthsAgainMs);
    ServerError error;
    Run<MakeDueMonths>(&upkeep, &error);
  }
  const bool locked = TheRouter().locked_since.has_value();  // a sweep would wait
  if (!locked && GetCurrentTimestamp() >= state->next_sweep) {
    state->next_sweep = After(kSweepMs);
    Sweep(&upkeep);
  }
}

}  // namespace byok::pg
