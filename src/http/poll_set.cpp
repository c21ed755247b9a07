#include "http/poll_set.hpp"

#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#else
#include <fcntl.h>
#include <sys/event.h>
#endif

namespace byok::http {
namespace {

constexpr int kEventsPerRound = 256;

}  // namespace

PollSet::PollSet(PollSet&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

PollSet::~PollSet() {
  if (fd_ >= 0) close(fd_);
}

#if defined(__linux__)

namespace {

std::uint64_t Pack(int socket, std::uint32_t tag) {
  return static_cast<std::uint64_t>(tag) << 32 | static_cast<std::uint32_t>(socket);
}

PollSet::Event Unpack(const epoll_event& event) {
  const std::uint32_t bits = event.events;
  return {.socket = static_cast<int>(event.data.u64 & 0xFFFFFFFF),
          .tag = static_cast<std::uint32_t>(event.data.u64 >> 32),
          .readable = (bits & EPOLLIN) != 0,
          .writable = (bits & EPOLLOUT) != 0,
          .broken = (bits & (EPOLLERR | EPOLLHUP)) != 0};
}

}  // namespace

std::optional<PollSet> PollSet::Create() noexcept {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return PollSet(fd);
}

bool PollSet::Watch(int socket, Interest interest, std::uint32_t tag) noexcept {
  epoll_event event{};
  event.events = (interest.read ? EPOLLIN : 0U) | (interest.write ? EPOLLOUT : 0U);
  event.data.u64 = Pack(socket, tag);
  if (epoll_ctl(fd_, EPOLL_CTL_ADD, socket, &event) == 0) return true;
  return errno == EEXIST && epoll_ctl(fd_, EPOLL_CTL_MOD, socket, &event) == 0;
}

void PollSet::Forget(int socket) noexcept {
  epoll_event unused{};
  epoll_ctl(fd_, EPOLL_CTL_DEL, socket, &unused);
}

std::vector<PollSet::Event> PollSet::Ready() const {
  std::array<epoll_event, kEventsPerRound> events;
  const int count = epoll_wait(fd_, events.data(), kEventsPerRound, 0);
  std::vector<Event> ready;
  if (count <= 0) return ready;
  ready.reserve(static_cast<std::size_t>(count));
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count)))
    ready.push_back(Unpack(event));
  return ready;
}

#else  // kqueue

namespace {

bool Change(int queue, int socket, short filter, bool wanted, std::uint32_t tag) {
  struct kevent change;
  EV_SET(&change, socket, filter, wanted ? EV_ADD : EV_DELETE, 0, 0,
         reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag)));
  return kevent(queue, &change, 1, nullptr, 0, nullptr) == 0 || (!wanted && errno == ENOENT);
}

PollSet::Event Unpack(const struct kevent& event) {
  return {.socket = static_cast<int>(event.ident),
          .tag = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(event.udata)),
          .readable = event.filter == EVFILT_READ,
          .writable = event.filter == EVFILT_WRITE,
          .broken = (event.flags & EV_ERROR) != 0};
}

}  // namespace

std::optional<PollSet> PollSet::Create() noexcept {
  const int fd = kqueue();
  if (fd < 0) return std::nullopt;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return PollSet(fd);
}

bool PollSet::Watch(int socket, Interest interest, std::uint32_t tag) noexcept {
  return Change(fd_, socket, EVFILT_READ, interest.read, tag) &&
         Change(fd_, socket, EVFILT_WRITE, interest.write, tag);
}

void PollSet::Forget(int socket) noexcept {
  Change(fd_, socket, EVFILT_READ, false, 0);
  Change(fd_, socket, EVFILT_WRITE, false, 0);
}

std::vector<PollSet::Event> PollSet::Ready() const {
  std::array<struct kevent, kEventsPerRound> events;
  const timespec at_once{};
  const int count = kevent(fd_, nullptr, 0, events.data(), kEventsPerRound, &at_once);
  std::vector<Event> ready;
  if (count <= 0) return ready;
  for (const struct kevent& event : std::span(events).first(static_cast<std::size_t>(count)))
    ready.push_back(Unpack(event));
  return ready;
}

#endif

}  // namespace byok::http
