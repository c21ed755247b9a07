#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace byok::http {

/// Many sockets behind one descriptor that is readable while any of them is ready: epoll on Linux,
/// kqueue on macOS. Level-triggered.
class PollSet {
 public:
  struct Interest {
    bool read = false;
    bool write = false;
  };
  struct Event {
    int socket = -1;
    std::uint32_t tag = 0;
    bool readable = false;
    bool writable = false;
    bool broken = false;  ///< error or hang-up
  };

  /// Nothing when the kernel gives no descriptor.
  static std::optional<PollSet> Create() noexcept;
  PollSet(PollSet&& other) noexcept;
  PollSet& operator=(PollSet&&) = delete;
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;
  ~PollSet();

  [[nodiscard]] int fd() const { return fd_; }
  /// Adds the socket or changes what is waited for. `tag` comes back with its events.
  [[nodiscard]] bool Watch(int socket, Interest interest, std::uint32_t tag) noexcept;
  /// Unknown sockets are ignored.
  void Forget(int socket) noexcept;
  /// What is ready now, without waiting; a part of it when it is very much.
  [[nodiscard]] std::vector<Event> Ready() const;

 private:
  explicit PollSet(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace byok::http
