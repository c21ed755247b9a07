#include "pg/router_lock.hpp"

namespace byok::pg {
namespace {

/// The number of our lock among the locks of this kind; 1 and 2 are the server's advisory locks.
constexpr uint16 kLockClass = 0x4259;

LOCKTAG LockTag() {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, kLockClass, 0, 3);
  return tag;
}

}  // namespace

bool TryLockRouter() {
  const LOCKTAG tag = LockTag();
  return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

bool IsRouterLocked() {
  const LOCKTAG tag = LockTag();
  if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL) return true;
  LockRelease(&tag, ShareLock, false);
  return false;
}

}  // namespace byok::pg
