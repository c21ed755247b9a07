#pragma once

#include "pg/router_turn.hpp"

namespace byok::pg {

/// At the start: takes a generation and settles as unknown what earlier routers left running. What
/// the database does not let be settled is tried again with KeepUp. Returns false when the database
/// has no extension that this process can see, or a table is locked.
bool Recover(RouterState* state);

/// What is to be done now and then, in transactions of its own, so that its errors cost no turn:
/// every 30 seconds leases that ran out are settled and old results forgotten, every hour the
/// partitions that are due are made; what a lock keeps from it, a minute later.
void KeepUp(RouterState* state);

}  // namespace byok::pg
