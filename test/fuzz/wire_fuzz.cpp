#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dispatch/wire.hpp"

namespace byok {
namespace {

constexpr std::size_t kPreambleBytes = 7;

void Require(bool truth) {
  if (!truth) std::abort();
}

/// Whatever decodes is ours and encodes to bytes that mean themselves.
template <class Message>
void Check(Result<Message> (*decode)(std::string_view), std::string (*encode)(const Message&),
           std::string_view bytes) {
  const Result<Message> message = decode(bytes);
  if (!message.ok()) {
    Require(message.status().code() == StatusCode::kInternal);
    return;
  }
  Require(WireVersionOf(bytes) == kWireVersion);
  const std::string encoded = encode(*message);
  const Result<Message> again = decode(encoded);
  Require(again.ok() && encode(*again) == encoded);
}

void CheckAll(std::string_view bytes) {
  Check(DecodeOrder, EncodeOrder, bytes);
  Check(DecodeReply, EncodeReply, bytes);
  Check(DecodeCancel, EncodeCancel, bytes);
  Check(DecodePolicy, EncodePolicy, bytes);
}

}  // namespace
}  // namespace byok

/// The input as a message, and as the body of one of each kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = byok::AsText({data, size});
  byok::CheckAll(input);
  for (std::string bytes : {byok::EncodeOrder({}), byok::EncodeReply({}), byok::EncodeCancel({}),
                            byok::EncodePolicy({})}) {
    bytes.replace(byok::kPreambleBytes, std::string::npos, input);
    byok::CheckAll(bytes);
  }
  return 0;
}
