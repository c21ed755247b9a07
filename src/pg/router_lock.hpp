#pragma once

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// The lock that makes it one router per database, whatever libraries and directories there are. A
/// router holds it from before its recovery to its end, also while it has left the directory and
/// only ends what it began. Neither function waits.

/// For the router process; the lock goes with it.
bool TryLockRouter();
/// Whether a router process is there, listening or not.
bool IsRouterLocked();

}  // namespace byok::pg
