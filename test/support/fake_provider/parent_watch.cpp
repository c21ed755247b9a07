#include "fake_provider/parent_watch.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

namespace fake {

ParentWatch::ParentWatch(asio::io_context& loop, pid_t pid, std::function<void()> on_end)
    : process_(loop) {
  if (pid == 0) return;
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0)
    throw std::system_error(errno, std::generic_category(), "cannot watch the parent process");
  process_.assign(descriptor);
  process_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [on_end = std::move(on_end)](std::error_code error) {
                        if (!error) on_end();
                      });
}

}  // namespace fake
