#pragma once

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/certificates.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {

/// `openssl s_server`, one connection at a time: what it decrypts is taken for requests without
/// body, each of which gets the same answer. Clients come through a relay that counts connections
/// and can cut them without TLS's farewell.
class TlsServer {
 public:
  TlsServer(const Identity& identity, std::string answer,
            const std::vector<std::string>& options = {})
      : answer_(std::move(answer)), port_(UnusedPort()) {
    identity.WriteCertificate(directory_.File("certificate.pem"));
    identity.WriteKey(directory_.File("key.pem"));
    Spawn(options);
    answerer_ = std::thread([this] { AnswerRequests(); });
    started_ = WaitUntilListening();
  }
  ~TlsServer() {
    Cut();
    if (process_ > 0) kill(process_, SIGKILL);
    if (process_ > 0) waitpid(process_, nullptr, 0);
    answerer_.join();
    close(from_server_);
    close(to_server_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] std::string Url(const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(relay_.port()) + "/";
  }
  [[nodiscard]] int connections() const { return relay_.connections(); }
  [[nodiscard]] int requests() const { return requests_; }
  /// Ends every connection with a bare FIN.
  void Cut() { cut_ = true; }

 private:
  static std::uint16_t UnusedPort() {
    const LoopbackServer probe([](Peer&) {});
    return probe.port();
  }

  void Spawn(const std::vector<std::string>& options) {
    std::vector<std::string> words = {"openssl",
                                      "s_server",
                                      "-quiet",
                                      "-accept",
                                      "127.0.0.1:" + std::to_string(port_),
                                      "-cert",
                                      directory_.File("certificate.pem"),
                                      "-key",
                                      directory_.File("key.pem")};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&process_, "openssl", &actions, nullptr, arguments.data(), environ) != 0)
      process_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to_server_ = in[1];
    from_server_ = out[0];
  }

  void AnswerRequests() {
    std::string seen;
    char chunk[4096];
    for (ssize_t count = 0; (count = read(from_server_, chunk, sizeof chunk)) > 0;) {
      seen.append(chunk, static_cast<std::size_t>(count));
      const auto end = seen.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      seen.erase(0, end + 4);
      ++requests_;
      if (write(to_server_, answer_.data(), answer_.size()) < 0) return;
    }
  }

  [[nodiscard]] int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(port_);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
  }

  bool WaitUntilListening() {
    for (int i = 0; i < 500; ++i) {
      const int fd = Connect();
      if (fd >= 0) return close(fd) == 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// False when the sender is done.
  static bool Copy(int from, int to) {
    char chunk[16384];
    const ssize_t count = recv(from, chunk, sizeof chunk, 0);
    return count > 0 && send(to, chunk, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  void Relay(const Peer& client) {
    const int server = Connect();
    pollfd ends[] = {{.fd = client.fd(), .events = POLLIN, .revents = 0},
                     {.fd = server, .events = POLLIN, .revents = 0}};
    bool open = server >= 0;
    while (open && !cut_) {
      poll(ends, 2, 10);
      if (ends[0].revents != 0) open = Copy(client.fd(), server);
      if (open && ends[1].revents != 0) open = Copy(server, client.fd());
    }
    if (server >= 0) close(server);
  }

  TemporaryDirectory directory_;
  std::string answer_;
  std::uint16_t port_;
  pid_t process_ = -1;
  int to_server_ = -1;
  int from_server_ = -1;
  std::atomic<bool> cut_ = false;
  std::atomic<int> requests_ = 0;
  bool started_ = false;
  std::thread answerer_;
  LoopbackServer relay_{[this](Peer& client) { Relay(client); }};
};

}  // namespace byok::http::test
