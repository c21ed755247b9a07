#pragma once

#include <functional>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

namespace fake {

/// Calls back once a process has ended, a zombie included, so that no server outlives its test.
class ParentWatch {
 public:
  /// pid 0: nobody to watch. Throws std::system_error when the process cannot be watched.
  ParentWatch(asio::io_context& loop, pid_t pid, std::function<void()> on_end);

 private:
  asio::posix::stream_descriptor process_;
};

}  // namespace fake
