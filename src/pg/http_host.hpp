#pragma once

#include "router/multi_provider_router.hpp"

namespace byok::pg {

/// A request in flight in this backend. Belongs to a memory context: when that goes (done, error,
/// cancel), what is still running is cancelled.
struct Flight {
  Ask ask;
  AskResult result;  ///< after Fly
  AskId id = 0;      ///< 0 = not in flight

  Flight() = default;
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight();
};

/// Asks and waits until every leg is done. Cancel, terminate, statement_timeout and barriers are
/// obeyed at once (57014 and friends, as PostgreSQL raises them): the wait is on the latch and one
/// descriptor that holds all of libcurl's sockets.
void Fly(Flight* flight);

}  // namespace byok::pg
