#pragma once

#include <exception>

#include "pg/raise.hpp"

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

/// A C++ object that belongs to a memory context: destroyed when the context is reset or deleted,
/// on success and on error alike. The sound way to hold an object with a destructor across calls
/// that may ereport.
template <typename T>
T* NewInContext(MemoryContext context) {
  auto* callback = static_cast<MemoryContextCallback*>(
      MemoryContextAllocZero(context, sizeof(MemoryContextCallback)));
  T* object = nullptr;
  RunCore([&object] {
    object = new T();
    return Status();
  });
  callback->func = [](void* owned) { delete static_cast<T*>(owned); };
  callback->arg = object;
  MemoryContextRegisterResetCallback(context, callback);
  return object;
}

}  // namespace byok::pg
