#pragma once

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// Registers the router process of a database; false when no worker process is free. `notify` is
/// the process to tell of its start, `handle` follows it.
bool RegisterRouter(Oid database, pid_t notify, BackgroundWorkerHandle** handle);

}  // namespace byok::pg
