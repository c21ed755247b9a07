#include "pg/guarded.hpp"

#include "pg/pg.hpp"

namespace byok::pg {
namespace {

StatusCode CodeOf(int sqlstate) {
  if (sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED) {
    return StatusCode::kLocked;
  }
  const StatusCode ours = CodeOfSqlState(unpack_sql_state(sqlstate));
  return ours == StatusCode::kInternal ? StatusCode::kUnavailable : ours;
}

/// The transaction's end releases what it held; without one there may still be locks of the moment.
void CleanUp() {
  HOLD_INTERRUPTS();
  LWLockReleaseAll();
  AbortOutOfAnyTransaction();
  RESUME_INTERRUPTS();
}

}  // namespace

bool RunGuarded(void (*step)(void*), void* arg, ServerError* error) {
  MemoryContext context = CurrentMemoryContext;
  volatile bool ok = true;
  PG_TRY();
  { step(arg); }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    ErrorData* data = CopyErrorData();
    EmitErrorReport();
    FlushErrorState();
    CleanUp();
    MemoryContextSwitchTo(context);
    *error = {CodeOf(data->sqlerrcode), data->message};
    ok = false;
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  return ok;
}

}  // namespace byok::pg
