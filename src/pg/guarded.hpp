#pragma once

#include "base/status.hpp"

#include "pg/raise.hpp"

namespace byok::pg {

/// An error of the server as our code, copied into the current memory context.
struct ServerError {
  StatusCode code = StatusCode::kInternal;
  const char* message = nullptr;
};

/// For a process that must go on: runs `step`, which may ereport and may open a transaction. On
/// ERROR the transaction is rolled back, the error is logged and told, and false returned. `step`
/// has no object with a destructor on its stack.
bool RunGuarded(void (*step)(void*), void* arg, ServerError* error);

}  // namespace byok::pg
