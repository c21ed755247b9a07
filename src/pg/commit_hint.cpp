#include "pg/commit_hint.hpp"

#include "pg/pg.hpp"
#include "pg/router_client.hpp"
#include "pg/router_directory.hpp"

namespace byok::pg {
namespace {

/// What is to happen when this transaction commits. The router is found before, while errors may
/// still be raised; afterwards one would be a PANIC.
struct Pending {
  bool hint = false;
  bool required = false;
  RouterAddress router;
};
Pending pending;

void FindBeforeCommit() {
  if (pending.required) {
    pending.router = RequireRouter();
  } else {
    pending.hint = FindRouter(&pending.router);
  }
}

void OnTransactionEnd(XactEvent event, void* /*unused*/) {
  if (!pending.hint) return;
  switch (event) {
    case XACT_EVENT_PRE_COMMIT:
      return FindBeforeCommit();
    case XACT_EVENT_COMMIT:
      HintQueue(pending.router);
      pending = {};
      return;
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PREPARE:  // a prepared transaction is found by the router's own look
      pending = {};
      return;
    default:
      return;
  }
}

}  // namespace

void HintRouterAtCommit(Router router) {
  static bool registered = false;
  if (!registered) RegisterXactCallback(OnTransactionEnd, nullptr);
  registered = true;
  pending.hint = true;
  pending.required = pending.required || router == Router::kRequired;
}

}  // namespace byok::pg
