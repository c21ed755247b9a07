#include "pg/router_directory.hpp"

#include <csignal>

#include "pg/pg.hpp"
#include "pg/raise.hpp"

#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

/// One per database; more databases than worker processes have no router anyway.
constexpr int kSlots = 24;
/// Channels on their way to a router; it takes them at its next turn.
constexpr int kMailbox = 16;

/// Plain data that means the same in every process: no pointers.
struct Slot {
  Oid database;
  int pid;      ///< of the router; 0: none
  int starter;  ///< pid of the backend that is starting one; 0: nobody
  int process_number;
  uint32 protocol;
  uint64 incarnation;
  dsm_handle figures;
  bool stop_requested;
  bool queue_hint;
  int mail_count;
  dsm_handle mail[kMailbox];
};

struct DirectoryBlock {
  LWLock lock;
  uint64 last_incarnation;
  Slot slots[kSlots];
};
static_assert(sizeof(DirectoryBlock) < 4096, "the server's reserve is shared with every extension");

constexpr const char* kBlockName = "pg_byok router directory 1";

DirectoryBlock* the_block = nullptr;
/// The router's own slot; only in a router process.
Slot* own_slot = nullptr;

DirectoryBlock* Block() {
  if (the_block != nullptr) return the_block;
  bool found = false;
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  auto* block =
      static_cast<DirectoryBlock*>(ShmemInitStruct(kBlockName, sizeof(DirectoryBlock), &found));
  if (!found) {
    memset(block, 0, sizeof(DirectoryBlock));
    LWLockInitialize(&block->lock, LWLockNewTrancheId());
  }
  LWLockRelease(AddinShmemInitLock);
  LWLockRegisterTranche(block->lock.tranche, "byok_router_directory");
  the_block = block;
  return block;
}

Slot* SlotOf(Oid database) {
  for (Slot& slot : Block()->slots) {
    if (slot.database == database && slot.pid != 0) return &slot;
  }
  return nullptr;
}

/// A slot nobody uses; nullptr when there is none.
Slot* FreeSlot() {
  for (Slot& slot : Block()->slots) {
    if (slot.pid == 0 && slot.starter == 0) return &slot;
  }
  return nullptr;
}

Slot* SlotBeingStarted() {
  for (Slot& slot : Block()->slots) {
    if (slot.database == MyDatabaseId && slot.pid == 0 && slot.starter != 0) return &slot;
  }
  return nullptr;
}

/// The slot while the router of that address lives in it. Call with the lock held.
Slot* SlotAt(const RouterAddress& address) {
  if (address.slot < 0) return nullptr;
  Slot& slot = Block()->slots[address.slot];
  return slot.incarnation == address.incarnation && slot.pid != 0 ? &slot : nullptr;
}

void Wake(const Slot& slot) {
  SetLatch(&GetPGProcByNumber(slot.process_number)->procLatch);
}

void ClearSlot() {
  own_slot->pid = 0;
  own_slot->mail_count = 0;
  own_slot->figures = DSM_HANDLE_INVALID;
  own_slot = nullptr;
}

void LeaveAtExit(int /*code*/, Datum /*unused*/) {
  LeaveDirectory();
}

/// A starter that is terminated runs no handler of ours but this one.
void EndStartAtExit() {
  static bool registered = false;
  if (!registered) before_shmem_exit([](int /*code*/, Datum /*unused*/) { EndStart(); }, 0);
  registered = true;
}

/// kill(2) with signal 0. One that was killed is found out so; its turn is over.
bool IsProcess(pid_t pid) {
  return kill(pid, 0) == 0;
}

/// Holds the directory's lock while one function body runs. No ERROR is raised under it.
template <typename Body>
auto Locked(LWLockMode mode, Body body) {
  LWLockAcquire(&Block()->lock, mode);
  auto result = body();
  LWLockRelease(&Block()->lock);
  return result;
}

}  // namespace

void ReserveDirectory() {
  RequestAddinShmemSpace(MAXALIGN(sizeof(DirectoryBlock)));
}

bool FindRouter(RouterAddress* address) {
  Block();
  return Locked(LW_SHARED, [address] {
    const Slot* slot = SlotOf(MyDatabaseId);
    if (slot == nullptr) return false;
    *address = {static_cast<int>(slot - Block()->slots), slot->incarnation};
    return true;
  });
}

bool IsAlive(const RouterAddress& address) {
  return Locked(LW_SHARED, [&address] { return SlotAt(address) != nullptr; });
}

bool SpeaksOurProtocol(const RouterAddress& address) {
  return Locked(LW_SHARED, [&address] {
    const Slot* slot = SlotAt(address);
    return slot != nullptr && slot->protocol == kWireVersion;
  });
}

bool PostChannel(const RouterAddress& address, dsm_handle channel) {
  return Locked(LW_EXCLUSIVE, [&address, channel] {
    Slot* slot = SlotAt(address);
    if (slot == nullptr || slot->mail_count == kMailbox) return false;
    slot->mail[slot->mail_count++] = channel;
    Wake(*slot);
    return true;
  });
}

void WakeRouter(const RouterAddress& address) {
  Locked(LW_SHARED, [&address] {
    if (const Slot* slot = SlotAt(address)) Wake(*slot);
    return true;
  });
}

bool RequestStop(const RouterAddress& address) {
  return Locked(LW_EXCLUSIVE, [&address] {
    Slot* slot = SlotAt(address);
    if (slot == nullptr) return false;
    slot->stop_requested = true;
    Wake(*slot);
    return true;
  });
}

void HintQueue(const RouterAddress& address) {
  Locked(LW_EXCLUSIVE, [&address] {
    if (Slot* slot = SlotAt(address)) {
      slot->queue_hint = true;
      Wake(*slot);
    }
    return true;
  });
}

int RouterPid(const RouterAddress& address) {
  return Locked(LW_SHARED, [&address] {
    const Slot* slot = SlotAt(address);
    return slot == nullptr ? 0 : slot->pid;
  });
}

dsm_handle FiguresOf(const RouterAddress& address) {
  return Locked(LW_SHARED, [&address] {
    const Slot* slot = SlotAt(address);
    return slot == nullptr ? DSM_HANDLE_INVALID : slot->figures;
  });
}

Start BeginStart() {
  Block();
  EndStartAtExit();
  return Locked(LW_EXCLUSIVE, [] {
    if (SlotOf(MyDatabaseId) != nullptr) return Start::kRuns;
    Slot* slot = SlotBeingStarted();
    if (slot != nullptr && IsProcess(slot->starter)) return Start::kOthersTurn;
    if (slot == nullptr) slot = FreeSlot();
    if (slot == nullptr) return Start::kNoSlot;
    *slot = Slot{};
    slot->database = MyDatabaseId;
    slot->starter = MyProcPid;
    return Start::kMyTurn;
  });
}

void EndStart() {
  Locked(LW_EXCLUSIVE, [] {
    for (Slot& slot : Block()->slots) {
      if (slot.starter == MyProcPid) slot.starter = 0;
    }
    return true;
  });
}

bool EnterDirectory(dsm_handle figures) {
  Block();
  before_shmem_exit(LeaveAtExit, 0);
  return Locked(LW_EXCLUSIVE, [figures] {
    if (SlotOf(MyDatabaseId) != nullptr) return false;
    Slot* slot = SlotBeingStarted();
    if (slot == nullptr) slot = FreeSlot();
    if (slot == nullptr) return false;
    *slot = Slot{};
    slot->database = MyDatabaseId;
    slot->pid = MyProcPid;
    slot->process_number = MyProcessNumber();
    slot->protocol = kWireVersion;
    slot->incarnation = ++Block()->last_incarnation;
    slot->figures = figures;
    own_slot = slot;
    return true;
  });
}

void LeaveDirectory() {
  if (own_slot == nullptr) return;
  Locked(LW_EXCLUSIVE, [] {
    ClearSlot();
    return true;
  });
}

bool LeaveDirectoryIfUnwanted() {
  return Locked(LW_EXCLUSIVE, [] {
    if (own_slot->mail_count != 0) return false;
    ClearSlot();
    return true;
  });
}

int TakeChannels(dsm_handle* channels, int room) {
  if (own_slot == nullptr) return 0;  // it is leaving: whoever comes looks elsewhere
  return Locked(LW_EXCLUSIVE, [=] {
    const int count = Min(room, own_slot->mail_count);
    memcpy(channels, own_slot->mail, sizeof(dsm_handle) * static_cast<size_t>(count));
    own_slot->mail_count -= count;
    memmove(own_slot->mail, own_slot->mail + count,
            sizeof(dsm_handle) * static_cast<size_t>(own_slot->mail_count));
    return count;
  });
}

bool TakeQueueHint() {
  if (own_slot == nullptr || !own_slot->queue_hint) return false;
  own_slot->queue_hint = false;
  return true;
}

bool StopRequested() {
  return own_slot != nullptr && own_slot->stop_requested;
}

}  // namespace byok::pg
