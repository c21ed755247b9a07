#include "pg/router_launcher.hpp"

#include "pg/pg.hpp"
#include "pg/router_directory.hpp"
#include "pg/router_worker.hpp"

namespace byok::pg {
namespace {

constexpr int kTries = 60;
constexpr long kPauseMs = 1000;

shmem_request_hook_type earlier_request_hook = nullptr;

void RequestMemory() {
  if (earlier_request_hook != nullptr) earlier_request_hook();
  ReserveDirectory();
}

/// The databases a router may live in, in the long-lived memory context.
List* Databases() {
  List* databases = NIL;
  MemoryContext context = CurrentMemoryContext;
  StartTransactionCommand();
  Relation catalog = table_open(DatabaseRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, nullptr, 0, nullptr);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    const auto* row = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
    if (!row->datallowconn || row->datistemplate) continue;
    MemoryContext inside = MemoryContextSwitchTo(context);
    databases = lappend_oid(databases, row->oid);
    MemoryContextSwitchTo(inside);
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  CommitTransactionCommand();
  return databases;
}

void Pause() {
  (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kPauseMs,
                  PG_WAIT_EXTENSION);
  ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
}

/// Worker processes may be short for a while; a caller will start it later if they stay so.
void StartRouterOf(Oid database) {
  BackgroundWorkerHandle* handle = nullptr;
  for (int i = 0; i < kTries && !ShutdownRequestPending; ++i) {
    if (RegisterRouter(database, MyProcPid, &handle)) {
      pid_t pid = 0;
      (void)WaitForBackgroundWorkerStartup(handle, &pid);
      return;
    }
    Pause();
  }
}

}  // namespace

void InstallLauncher() {
  earlier_request_hook = shmem_request_hook;
  shmem_request_hook = RequestMemory;
  BackgroundWorker worker{};
  snprintf(worker.bgw_name, BGW_MAXLEN, "byok launcher");
  snprintf(worker.bgw_type, BGW_MAXLEN, "byok launcher");
  snprintf(worker.bgw_library_name, BGW_MAXLEN, "byok");
  snprintf(worker.bgw_function_name, BGW_MAXLEN, "byok_launcher_main");
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = 10;
  RegisterBackgroundWorker(&worker);
}

}  // namespace byok::pg

extern "C" {
extern PGDLLEXPORT void byok_launcher_main(Datum unused);
}

extern "C" void byok_launcher_main(Datum /*unused*/) {
  using namespace byok::pg;
  pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
  ListCell* cell = nullptr;
  foreach (cell, Databases()) StartRouterOf(lfirst_oid(cell));
  proc_exit(0);
}
