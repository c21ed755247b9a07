#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace byok::http::test {

inline sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// The server's end of one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  /// The next request, head and body as they came; empty when the client is gone.
  std::string ReadRequest() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!Receive()) return {};
    const std::size_t size = end + 4 + ContentLength(buffer_.substr(0, end));
    while (buffer_.size() < size)
      if (!Receive()) return {};
    std::string request = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
  }

  /// False when the client is gone.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes_sent_ += static_cast<std::size_t>(sent);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool Answer(std::string_view body, std::string_view extra_headers = "") {
    return Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                std::string(extra_headers) + "\r\n" + std::string(body));
  }

  void WaitForClose() {
    while (Receive()) buffer_.clear();
  }

  /// The connection ends with RST instead of FIN.
  void Reset() const {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::size_t bytes_sent() const { return bytes_sent_; }

 private:
  bool Receive() {
    char chunk[16384];
    const ssize_t count = recv(fd_, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(count));
    return true;
  }

  static std::size_t ContentLength(const std::string& head) {
    constexpr std::string_view kName = "Content-Length: ";
    const auto at = head.find(kName);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + kName.size()));
  }

  int fd_;
  std::string buffer_;
  std::size_t bytes_sent_ = 0;
};

/// A TCP server on 127.0.0.1 with a thread for each connection. The connection closes when its
/// handler returns; on destruction all handlers find their client gone.
class LoopbackServer {
 public:
  using Handler = std::function<void(Peer&)>;

  explicit LoopbackServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 1024);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~LoopbackServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (const int fd : OpenConnections()) shutdown(fd, SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string Url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void Accept() {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0 || stopping_) {
        if (fd >= 0) close(fd);
        return;
      }
      ++connections_;
      const std::scoped_lock lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { Serve(fd); });
    }
  }

  void Serve(int fd) {
    Peer peer(fd);
    handler_(peer);
    const std::scoped_lock lock(mutex_);
    std::erase(open_, fd);
    close(fd);
  }

  std::vector<int> OpenConnections() {
    const std::scoped_lock lock(mutex_);
    return open_;
  }

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Answers every request of every connection with the same body.
inline LoopbackServer::Handler AnswerAlways(std::string body) {
  return [body = std::move(body)](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Answer(body);
  };
}

/// Takes one request and says nothing until the client leaves.
inline void SilentAfterRequest(Peer& peer) {
  peer.ReadRequest();
  peer.WaitForClose();
}

}  // namespace byok::http::test
