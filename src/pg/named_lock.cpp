#include "pg/named_lock.hpp"

namespace byok::pg {

void LockName(LockClass lock_class, const char* name) {
  const uint64 hash = DatumGetUInt64(hash_any_extended(reinterpret_cast<const unsigned char*>(name),
                                                       static_cast<int>(strlen(name)), 0));
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(hash >> 32),
                       static_cast<uint32>(hash), static_cast<uint16>(lock_class));
  (void)LockAcquire(&tag, ExclusiveLock, false, false);
}

}  // namespace byok::pg
