#pragma once

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// What our locks are about. They are of the kind of advisory locks, with class numbers of their
/// own: those of pg_advisory_lock() are 1 and 2, so no SQL can take ours and keep others waiting.
enum class LockClass : uint16 {
  kRouter = 3,  ///< of the database: router_lock.hpp
  kCredit = 4,  ///< of an account's owner
  kPrice = 5,   ///< of a model
  kRule = 6,    ///< of those a pricing rule is for
  kKey = 7,     ///< of a provider and the owner of its key
};

/// Whoever locks the same name waits until this transaction ends. Names are told apart by a 64-bit
/// hash: others may wait, too, never the same not.
void LockName(LockClass lock_class, const char* name);

}  // namespace byok::pg
