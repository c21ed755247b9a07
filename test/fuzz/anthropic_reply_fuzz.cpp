#include "reply_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  byok::FuzzReply("anthropic", data, size);
  return 0;
}
