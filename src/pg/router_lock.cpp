#include "pg/router_lock.hpp"

#include "pg/named_lock.hpp"

namespace byok::pg {
namespace {

LOCKTAG LockTag() {
  constexpr uint32 kMark = 0x4259;  // "BY", among the locks of others in our class
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, kMark, 0, static_cast<uint16>(LockClass::kRouter));
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
