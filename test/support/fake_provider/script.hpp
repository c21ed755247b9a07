#pragma once

#include "fake_provider/values.hpp"

namespace fake {

/// What becomes of the connection (HTTP/2: the stream) after the last byte.
enum class Ending { kKeep, kClose, kCut, kReset, kHang };

Ending EndingOf(const Answer& answer, bool keep_alive);

/// 1xx, 204 and 304 have no body, whatever the answer says.
bool HasBody(int status);

/// The bytes of an answer's body with the pauses between them, up to where it is cut. No I/O, no
/// clock: the session waits Pause() and sends Take(), until Done(). The answer must outlive it.
class BodyScript {
 public:
  explicit BodyScript(const Answer& answer);

  bool Done() const { return sent_ == end_; }
  /// To be waited before the next Take(); zero inside a piece.
  Milliseconds Pause() const;
  /// At most `max` bytes, never past the end of the current piece.
  std::string Take(std::size_t max);

 private:
  const Answer& answer_;
  std::uint64_t end_;
  std::uint64_t piece_;
  std::uint64_t sent_ = 0;
};

/// The same for a whole HTTP/1.1 answer: status line, headers, framed body.
class Http1Script {
 public:
  Http1Script(const Answer& answer, bool keep_alive);

  bool Done() const { return head_sent_ == head_.size() && body_.Done() && tail_.empty(); }
  Milliseconds Pause() const;
  /// All that needs no further pause, up to a sensible size of one write.
  std::string Take();
  Ending ending() const { return ending_; }

 private:
  void WriteHead();
  std::string TakeOne();

  const Answer& answer_;
  Ending ending_;
  std::vector<std::string> head_;  // one string, or one per line when dripping
  std::size_t head_sent_ = 0;
  BodyScript body_;
  std::string tail_;  // the last chunk
};

}  // namespace fake
