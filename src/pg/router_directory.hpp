#pragma once

#include <cstdint>

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// Where a database's router is to be found. `incarnation` tells one router from its successor.
struct RouterAddress {
  int slot = -1;
  std::uint64_t incarnation = 0;
};

/// The directory of routers: one small block of the server's main shared memory, made by whoever
/// comes first, so that no preloading and no restart is needed. One slot per database that uses
/// pg_byok. The block's name carries its layout's version: it outlives an upgrade of the library.

/// At preload: reserves the memory properly, instead of from the server's reserve.
void ReserveDirectory();

// --- for callers
// -----------------------------------------------------------------------------------

/// The live router of this database, if there is one. 53000 when the directory cannot be made.
bool FindRouter(RouterAddress* address);
/// Whose turn it is to start one: callers that come together start one worker, not one each.
enum class Start { kMyTurn, kOthersTurn, kRuns, kNoSlot };
/// After kMyTurn the caller must call EndStart, whatever happens.
Start BeginStart();
void EndStart();
/// Whether that router is still the one.
bool IsAlive(const RouterAddress& address);
/// Whether it speaks this library's protocol; an older one is asked to leave when its work is done.
bool SpeaksOurProtocol(const RouterAddress& address);
/// Hands a new channel to the router. False: it is gone or its mailbox is full now.
bool PostChannel(const RouterAddress& address, dsm_handle channel);
void WakeRouter(const RouterAddress& address);
/// There is something in the queue. Raises nothing: it is called when a transaction has committed.
void HintQueue(const RouterAddress& address);
/// Asks it to end once it has no work; returns false when it is gone.
bool RequestStop(const RouterAddress& address);
/// Its process, 0 when it is gone.
int RouterPid(const RouterAddress& address);
/// The segment of its figures; DSM_HANDLE_INVALID when it is gone.
dsm_handle FiguresOf(const RouterAddress& address);

// --- for the router itself
// -------------------------------------------------------------------------

/// Takes this database's slot; false when another router lives in it or no slot is free. The slot
/// is given back when the process ends.
bool EnterDirectory(dsm_handle figures);
/// Gives the slot back before the end: from now on callers start another router.
void LeaveDirectory();
/// Leaves only when no channel waits in the mailbox: no caller is lost in between.
bool LeaveDirectoryIfUnwanted();
/// The channels posted since the last call, at most `room`.
int TakeChannels(dsm_handle* channels, int room);
bool StopRequested();
/// Whether HintQueue was called since the last time.
bool TakeQueueHint();

}  // namespace byok::pg
