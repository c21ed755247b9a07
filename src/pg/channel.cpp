#include "pg/channel.hpp"

#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

constexpr uint32 kMagic = 0x42594b43;  // "BYKC"
constexpr Size kRingBytes = 65536;

struct Header {
  uint32 magic;
  pg_atomic_uint64 taken;
};
constexpr Size kToRouter = BUFFERALIGN(sizeof(Header));
constexpr Size kToBackend = kToRouter + kRingBytes;
constexpr Size kSegmentBytes = kToBackend + kRingBytes;

Header* HeaderOf(const Channel& channel) {
  return static_cast<Header*>(dsm_segment_address(channel.segment));
}

shm_mq* RingAt(const Channel& channel, Size offset) {
  return reinterpret_cast<shm_mq*>(static_cast<char*>(dsm_segment_address(channel.segment)) +
                                   offset);
}

void Attach(Channel* channel, shm_mq* out, shm_mq* in) {
  shm_mq_set_sender(out, MyProc);
  shm_mq_set_receiver(in, MyProc);
  MemoryContext before = MemoryContextSwitchTo(channel->memory);
  channel->out = shm_mq_attach(out, channel->segment, nullptr);
  channel->in = shm_mq_attach(in, channel->segment, nullptr);
  MemoryContextSwitchTo(before);
}

MemoryContext MakeMemory() {
  return AllocSetContextCreate(TopMemoryContext, "byok channel", ALLOCSET_SMALL_SIZES);
}

Transferred Outcome(shm_mq_result result) {
  switch (result) {
    case SHM_MQ_SUCCESS:
      return Transferred::kDone;
    case SHM_MQ_WOULD_BLOCK:
      return Transferred::kLater;
    default:
      return Transferred::kGone;
  }
}

}  // namespace

void MakeChannel(Channel* channel) {
  channel->segment = dsm_create(kSegmentBytes, DSM_CREATE_NULL_IF_MAXSEGMENTS);
  if (channel->segment == nullptr) {
    Raise(StatusCode::kUnavailable, "could not open a channel to the router",
          "The server has no room for another segment of shared memory.",
          "Lower max_connections or end idle sessions.");
  }
  dsm_pin_mapping(channel->segment);
  channel->memory = MakeMemory();
  Header* header = HeaderOf(*channel);
  header->magic = kMagic;
  pg_atomic_init_u64(&header->taken, 0);
  shm_mq* out = shm_mq_create(RingAt(*channel, kToRouter), kRingBytes);
  shm_mq* in = shm_mq_create(RingAt(*channel, kToBackend), kRingBytes);
  Attach(channel, out, in);
}

bool JoinChannel(Channel* channel, dsm_handle handle) {
  channel->segment = dsm_attach(handle);
  if (channel->segment == nullptr) return false;
  dsm_pin_mapping(channel->segment);
  if (HeaderOf(*channel)->magic != kMagic) {
    dsm_detach(channel->segment);
    channel->segment = nullptr;
    return false;
  }
  channel->memory = MakeMemory();
  Attach(channel, RingAt(*channel, kToBackend), RingAt(*channel, kToRouter));
  return true;
}

void CloseChannel(Channel* channel) {
  if (channel->segment != nullptr) dsm_detach(channel->segment);  // detaches the rings, too
  if (channel->memory != nullptr) MemoryContextDelete(channel->memory);
  *channel = Channel{};
}

Transferred Send(Channel* channel, const char* bytes, size_t size) {
  return Outcome(shm_mq_send(channel->out, size, bytes, true, true));
}

Transferred Receive(Channel* channel, const char** bytes, size_t* size) {
  void* data = nullptr;
  Size count = 0;
  const Transferred result = Outcome(shm_mq_receive(channel->in, &count, &data, true));
  *bytes = static_cast<const char*>(data);
  *size = count;
  return result;
}

std::uint64_t MessagesTaken(const Channel& channel) {
  return pg_atomic_read_u64(&HeaderOf(channel)->taken);
}

void CountTaken(const Channel& channel) {
  pg_atomic_fetch_add_u64(&HeaderOf(channel)->taken, 1);
}

}  // namespace byok::pg
