#pragma once

#include <cstdint>

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// Two message rings in a segment of shared memory, between one backend and the router. Both sides
/// use it without ever blocking in it. What crosses is bytes in a file of the operating system
/// until the segment goes: prompts and answers do, keys only sealed.
///
/// A ring that broke off in the middle of a message is of no use any more: the side that stops
/// using a channel detaches, and the other sees that.
struct Channel {
  dsm_segment* segment = nullptr;
  shm_mq_handle* out = nullptr;
  shm_mq_handle* in = nullptr;
  MemoryContext memory = nullptr;  ///< of the two handles and of messages being put together
};

/// The backend's side: makes the segment. It lives until it is closed, whatever the transaction.
void MakeChannel(Channel* channel);
/// The router's side; false when the backend is gone already.
bool JoinChannel(Channel* channel, dsm_handle handle);
void CloseChannel(Channel* channel);

enum class Transferred {
  kDone,
  kLater,  ///< the ring is full or empty: try again, with the same message, once the latch is set
  kGone,   ///< the other side detached
};
Transferred Send(Channel* channel, const char* bytes, size_t size);
/// `bytes` stay until the next Receive.
Transferred Receive(Channel* channel, const char** bytes, size_t* size);

/// How many messages the router took from the ring: what it did not take it has not acted on.
std::uint64_t MessagesTaken(const Channel& channel);
/// The router's side, after it took one.
void CountTaken(const Channel& channel);

}  // namespace byok::pg
