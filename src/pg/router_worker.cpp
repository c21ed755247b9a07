// The router process: its life around the turns of its loop.

#include "pg/router_worker.hpp"

#include <csignal>
#include <cstdlib>

#include <sys/resource.h>
#include <unistd.h>

#include "pg/guarded.hpp"
#include "pg/guc.hpp"
#include "pg/pg.hpp"
#include "pg/router_directory.hpp"
#include "pg/router_figures.hpp"
#include "pg/router_host.hpp"
#include "pg/router_lines.hpp"
#include "pg/router_lock.hpp"
#include "pg/router_turn.hpp"
#include "pg/router_upkeep.hpp"

namespace byok::pg {
namespace {

using http::Clock;
using http::TimePoint;

/// At most so long between two looks at shutdown, drops of the database and the queue.
constexpr long kLookMs = 250;
constexpr int kRestartSeconds = 1;

/// What must not be lost when an ERROR jumps to the top of the loop.
struct Process {
  bool connected = false;
  MemoryContext turn_memory = nullptr;
  WaitEventSet* events = nullptr;
  RouterState state;
  TimestampTz idle_since = 0;
  bool shows_busy = false;
};
Process process;

// --- start
// --------------------------------------------------------------------------------------------

/// A router whose database is gone fails while it connects. Exit code 1 would start it again for
/// ever; the last of the exit callbacks makes it 0, which ends it for good.
void ExitForGoodUnlessConnected(int /*code*/, Datum /*unused*/) {
  if (!process.connected) _exit(0);
}

void Set(const char* name, const char* value) {
  SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/// Whatever the database's defaults are.
void ApplySettings() {
  Set("synchronous_commit", settings.router_synchronous_commit ? "on" : "off");
  Set("default_transaction_read_only", "off");
  Set("default_transaction_isolation", "read committed");
  Set("lock_timeout", "1s");
  Set("statement_timeout", "0");
  Set("idle_in_transaction_session_timeout", "0");
  Set("search_path", "pg_catalog, pg_temp");
  // Saved plans made while a table was empty would scan it for ever.
  Set("enable_seqscan", "off");
  Set("jit", "off");
  Set("application_name", "byok router");
}

/// Whether this is the only router of the database. Waits a little for one that ends.
bool BecomeTheOnly() {
  for (int i = 0; i < 100 && !ShutdownRequestPending; ++i) {
    if (TryLockRouter()) return true;
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 50,
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
  }
  return false;
}

/// With HTTP/1.1 every call takes a descriptor: as many as the system lets us have, less what the
/// server itself needs.
std::size_t CallsWithinDescriptors() {
  constexpr rlim_t kServersOwn = 500;
  constexpr std::size_t kMost = 10'000;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kServersOwn;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return kMost;
  return limit.rlim_cur <= 2 * kServersOwn
             ? kServersOwn / 2
             : std::min<std::size_t>(kMost, limit.rlim_cur - kServersOwn);
}

void OpenEvents() {
  if (process.events != nullptr) FreeWaitEventSet(process.events);
  process.events = nullptr;
  WaitEventSet* events = CreateWaitEventSet(TopMemoryContext, 3);
  AddWaitEventToSet(events, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
  AddWaitEventToSet(events, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
  AddWaitEventToSet(events, WL_SOCKET_READABLE, TheRouter().loop->Fd(), nullptr, nullptr);
  process.events = events;
}

void OpenHost(RouterFigures* figures) {
  const std::size_t max_calls = CallsWithinDescriptors();
  RunCore([=] { return TheRouter().Open(figures, max_calls); });
  OpenEvents();
}

void OnInvalidation(Datum /*unused*/, Oid relation) {
  NoteInvalidation(&process.state, relation);
}

/// False: another router is there, or there is nothing to route for.
bool BeginRouting() {
  if (!BecomeTheOnly()) return false;
  if (!Recover(&process.state)) return false;
  dsm_handle handle = DSM_HANDLE_INVALID;
  RouterFigures* figures = MakeFigures(&handle);
  figures->generation = process.state.generation;
  OpenHost(figures);
  KeepUp(&process.state);
  CacheRegisterRelcacheCallback(OnInvalidation, 0);
  if (!EnterDirectory(handle)) return false;
  ereport(LOG,
          (errmsg("[MultiProviderRouter] VaultBridge enabled - Hybrid BYOK active (user keys + "
                  "platform keys)")));
  return true;
}

// --- a turn
// -------------------------------------------------------------------------------------------

void Show(bool busy) {
  if (busy == process.shows_busy) return;
  process.shows_busy = busy;
  pgstat_report_activity(busy ? STATE_RUNNING : STATE_IDLE,
                         busy ? "byok router: requests under way" : "byok router: idle");
}

void RunTurn(void* /*unused*/) {
  JoinNewCallers();
  ReadCallers();
  // After the callers: who asks once his payment is committed is asked for with it.
  if (TakeQueueHint()) process.state.queue_hint = process.state.credit_hint = true;
  RunCore([] {
    TheRouter().Network(Clock::now());
    return Status();
  });
  if (NeedsTransaction(process.state)) TransactionTurn(&process.state);
  RunCore([] {
    const RouterHost& host = TheRouter();
    host.PublishFigures(Clock::now());
    host.figures->callers = static_cast<std::uint32_t>(CallerCount());
    return Status();
  });
  Show(TheRouter().HasWork());
  WriteCallers();  // last: who has a reply sees its figures, too
}

long WaitMilliseconds() {
  const auto due = TheRouter().NextDeadline();
  if (!due) return kLookMs;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now()).count();
  return std::clamp<long>(left, 0, kLookMs);
}

void Wait() {
  WaitEvent event;
  WaitEventSetWait(process.events, WaitMilliseconds(), &event, 1, WaitEventInfo("ByokRouterMain"));
  ResetLatch(MyLatch);
  QueryCancelPending = false;  // outside a transaction there is nothing to cancel
  CHECK_FOR_INTERRUPTS();
}

void ReloadIfAsked() {
  if (!ConfigReloadPending) return;
  ConfigReloadPending = false;
  ProcessConfigFile(PGC_SIGHUP);
  ApplySettings();
  process.state.prices_stale = true;
  RunCore([] {
    TheRouter().ApplySettings();
    return Status();
  });
}

// --- the end
// ------------------------------------------------------------------------------------------

/// DROP DATABASE, RENAME and CREATE DATABASE … TEMPLATE lock the database, then wait five seconds
/// for everybody to leave it.
bool DatabaseIsWanted() {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
  if (LockAcquire(&tag, RowExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL) return true;
  LockRelease(&tag, RowExclusiveLock, true);
  return false;
}

bool IdleForLong() {
  return TimestampDifferenceExceeds(process.idle_since, GetCurrentTimestamp(),
                                    settings.router_idle_timeout * 1000);
}

/// Asked to end: new callers look for another router from now on, running requests end here.
void DrainIfAsked() {
  if (process.state.draining || !StopRequested()) return;
  process.state.draining = true;
  LeaveDirectory();
}

/// Whether an idle router has a reason to go. A queue that has to wait keeps it. One that was asked
/// to end does not stay for bills that the database has refused again and again.
bool MayLeave() {
  if (TheRouter().HasWork()) {
    process.idle_since = GetCurrentTimestamp();
    return process.state.draining && TheRouter().dispatcher->IsStuck();
  }
  if (process.state.draining) return true;
  if (process.state.queue_hint) return false;
  return (IdleForLong() || DatabaseIsWanted()) && LeaveDirectoryIfUnwanted();
}

void RunExit(void* /*unused*/) {
  SettleAtExit(&process.state);
  WriteCallers();
}

[[noreturn]] void Leave() {
  LeaveDirectory();
  QueryCancelPending = false;  // it has done its part: a commit that waited, waits no more
  ServerError error;
  RunGuarded(RunExit, nullptr, &error);
  proc_exit(0);
}

/// ERRORs have ended the turn, not the process: what was ready is ready again at the next one.
void OneTurn() {
  MemoryContextSwitchTo(process.turn_memory);
  ServerError error;
  if (!RunGuarded(RunTurn, nullptr, &error)) {
    (void)WaitLatch(MyLatch, WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 100, PG_WAIT_EXTENSION);
  }
  MemoryContextReset(process.turn_memory);
}

[[noreturn]] void Run() {
  process.turn_memory =
      AllocSetContextCreate(TopMemoryContext, "byok router turn", ALLOCSET_DEFAULT_SIZES);
  process.idle_since = GetCurrentTimestamp();
  pgstat_report_activity(STATE_IDLE, "byok router: idle");
  for (;;) {
    OneTurn();
    if (ShutdownRequestPending || process.state.extension_gone) Leave();
    DrainIfAsked();
    if (MayLeave()) Leave();
    ReloadIfAsked();
    Wait();
  }
}

/// A commit may be waiting for a standby that is not there; only a cancel ends that wait, and the
/// commit stands.
void OnShutdownRequest(SIGNAL_ARGS) {
  (void)postgres_signal_arg;
  const int save_errno = errno;
  ShutdownRequestPending = true;
  QueryCancelPending = true;
  InterruptPending = true;
  SetLatch(MyLatch);
  errno = save_errno;
}

void InstallSignalHandlers() {
  pqsignal(SIGTERM, OnShutdownRequest);
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  BackgroundWorkerUnblockSignals();
}

}  // namespace

bool RegisterRouter(Oid database, pid_t notify, BackgroundWorkerHandle** handle) {
  BackgroundWorker worker{};
  snprintf(worker.bgw_name, BGW_MAXLEN, "byok router %u", database);
  snprintf(worker.bgw_type, BGW_MAXLEN, "byok router");
  snprintf(worker.bgw_library_name, BGW_MAXLEN, "byok");
  snprintf(worker.bgw_function_name, BGW_MAXLEN, "byok_router_main");
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = kRestartSeconds;
  worker.bgw_main_arg = ObjectIdGetDatum(database);
  worker.bgw_notify_pid = notify;
  return RegisterDynamicBackgroundWorker(&worker, handle);
}

}  // namespace byok::pg

extern "C" {
extern PGDLLEXPORT void byok_router_main(Datum database);
}

extern "C" void byok_router_main(Datum database) {
  using namespace byok::pg;
  on_proc_exit(ExitForGoodUnlessConnected, 0);
  InstallSignalHandlers();
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
  process.connected = true;
  ApplySettings();
  if (!BeginRouting()) proc_exit(0);
  Run();
}
