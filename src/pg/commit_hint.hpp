#pragma once

namespace byok::pg {

/// Whether a transaction that leaves work to the router may commit without one.
enum class Router {
  kRequired,  ///< one is started before the commit: 53000 when that cannot be
  kIfThere,   ///< the work waits for whoever starts one
};

/// Tells the router, once this transaction has committed, to look at what was queued. After a
/// rollback nothing happens.
void HintRouterAtCommit(Router router);

}  // namespace byok::pg
