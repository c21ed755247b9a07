#if defined(__APPLE__)
#define __STDC_WANT_LIB_EXT1__ 1  // declares memset_s
#endif

#include "base/secret.hpp"

#include <algorithm>

#include <string.h>

namespace byok {

void Wipe(void* data, std::size_t size) noexcept {
  if (size == 0) return;
#if defined(__APPLE__)
  memset_s(data, size, 0, size);
#else
  explicit_bzero(data, size);
#endif
}

void WipeAndFree::operator()(std::uint8_t* data) const noexcept {
  Wipe(data, size);
  delete[] data;
}

Secret::Secret(std::size_t size) : data_(new std::uint8_t[size](), WipeAndFree{size}) {}

Secret Secret::CopyOf(ByteView bytes) {
  Secret copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data_.get());
  return copy;
}

}  // namespace byok
