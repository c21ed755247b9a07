#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fake_provider/values.hpp"

namespace fake {

/// Cuts a byte stream into HTTP/1.1 requests, pipelined ones too. `Expect` is ignored.
class Http1Parser {
 public:
  enum class State { kNeedMore, kComplete, kBad };

  void Feed(std::string_view bytes) { buffer_ += bytes; }
  /// Takes the next whole request out. After kBad the connection is of no more use.
  State Next(Request& request);

 private:
  enum class Stage { kHead, kBody, kChunkSize, kChunk, kTrailer };
  enum class Step { kGoOn, kNeedMore, kComplete, kBad };

  Step Advance();
  Step ReadHead();
  Step ReadBody();
  Step ReadChunkSize();
  Step ReadChunk();
  Step ReadTrailer();
  Step ChooseFraming();
  bool TakeLine(std::string_view& line);

  std::string buffer_;
  std::size_t used_ = 0;  // bytes of the buffer already read
  Stage stage_ = Stage::kHead;
  std::size_t expected_ = 0;  // bytes of the body, or of the chunk, still to come
  Request request_;
};

}  // namespace fake
