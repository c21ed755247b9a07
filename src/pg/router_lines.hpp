#pragma once

#include "pg/router_host.hpp"

namespace byok::pg {

/// The router's ends of its callers' channels. Plain server code around RouterHost: each function
/// may raise, none waits.

/// Joins the channels that new callers posted.
void JoinNewCallers();
/// Takes what callers sent: orders become arrivals, a caller who left is told to the dispatcher.
void ReadCallers();
/// Hands replies to their callers, as far as they fit; the rest goes out when there is room.
void WriteCallers();
std::size_t CallerCount();

}  // namespace byok::pg
