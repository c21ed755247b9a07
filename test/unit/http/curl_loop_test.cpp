#include "http/curl_loop.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Answers nobody before so many requests have arrived together.
class Gathering {
 public:
  explicit Gathering(int expected) : missing_(expected) {}
  bool Arrive() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) all_here_.notify_all();
    return all_here_.wait_for(lock, seconds(15), [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int missing_;
};

LoopbackServer::Handler AnswerTogether(Gathering& gathering) {
  return [&gathering](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Answer(gathering.Arrive() ? "together" : "alone");
  };
}

void SilentAfterRequest(Peer& peer) {
  peer.ReadRequest();
  peer.WaitForClose();
}

Request PostBefore(std::string url, milliseconds time) {
  Request request = PostTo(std::move(url));
  request.deadline = Clock::now() + time;
  return request;
}

TEST(CurlLoop, SendsTheRequestAsGiven) {
  LoopbackServer server([](Peer& peer) { peer.Answer(peer.ReadRequest()); });
  LoopDriver driver;
  Request request = PostTo(server.Url("/v1/chat?x=1"), "the prompt");
  request.headers.emplace_back("X-Empty", "");
  const std::string seen = driver.Answer(std::move(request)).body;
  EXPECT_TRUE(seen.starts_with("POST /v1/chat?x=1 HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nAuthorization: Bearer sk-test-0123456789\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nX-Empty:\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nContent-Length: 10\r\n"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\nthe prompt"));
  EXPECT_EQ(seen.find("Accept-Encoding"), std::string::npos);
  EXPECT_EQ(seen.find("Expect"), std::string::npos);
}

TEST(CurlLoop, GetsWithoutBody) {
  LoopbackServer server([](Peer& peer) { peer.Answer(peer.ReadRequest()); });
  LoopDriver driver;
  Request request = PostTo(server.Url("/v1/models"), "");
  request.method = "GET";
  EXPECT_TRUE(driver.Answer(std::move(request)).body.starts_with("GET /v1/models HTTP/1.1\r\n"));
}

TEST(CurlLoop, SendsALongBodyWholeAndAtOnce) {
  LoopbackServer server([](Peer& peer) { peer.Answer(std::to_string(peer.ReadRequest().size())); });
  LoopDriver driver;
  const TimePoint start = Clock::now();
  const std::string size = driver.Answer(PostTo(server.Url(), std::string(3'000'000, 'p'))).body;
  EXPECT_GT(std::stoul(size), 3'000'000U);
  EXPECT_LT(Clock::now() - start, milliseconds(900)) << "waited for 100 Continue?";
}

TEST(CurlLoop, GivesStatusHeadersAndBodyOfTheAnswer) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n");
    peer.Send(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After:  7 \r\nX-EMPTY:\r\n"
        "Transfer-Encoding: chunked\r\nTrailer: x-late\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n");
  });
  LoopDriver driver;
  const Response response = driver.Answer(PostTo(server.Url()));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, "abcde");
  EXPECT_EQ(response.HeaderValue("retry-after"), "7");
  const std::set<std::string> names = [&] {
    std::set<std::string> all;
    for (const auto& [name, value] : response.headers) all.insert(name);
    return all;
  }();
  EXPECT_EQ(names,
            (std::set<std::string>{"retry-after", "x-empty", "transfer-encoding", "trailer"}));
}

TEST(CurlLoop, RunsTransfersAtTheSameTime) {
  Gathering gathering(3);
  LoopbackServer server(AnswerTogether(gathering));
  LoopDriver driver;
  for (int i = 0; i < 3; ++i) driver.Start(PostTo(server.Url()));
  const std::vector<Completion> completed = driver.Collect(3);
  ASSERT_EQ(completed.size(), 3U);
  for (const Completion& completion : completed)
    EXPECT_EQ(std::get<Response>(completion.outcome).body, "together");
}

TEST(CurlLoop, RunsFiveHundredTransfersAtTheSameTime) {
  constexpr int kTransfers = 500;
  Gathering gathering(kTransfers);
  LoopbackServer server(AnswerTogether(gathering));
  LoopDriver driver;
  std::set<TransferId> ids;
  for (int i = 0; i < kTransfers; ++i) {
    Request request = PostTo(server.Url());
    request.deadline = Clock::now() + seconds(18);
    ids.insert(driver.Start(std::move(request)));
  }
  for (const Completion& completion : driver.Collect(kTransfers)) {
    const auto* response = std::get_if<Response>(&completion.outcome);
    ASSERT_NE(response, nullptr) << std::get<Failure>(completion.outcome).message;
    EXPECT_EQ(response->body, "together");
    EXPECT_EQ(ids.erase(completion.id), 1U) << "each exactly once";
  }
  EXPECT_TRUE(ids.empty());
}

TEST(CurlLoop, ReusesItsConnections) {
  LoopbackServer server(AnswerAlways("{}"));
  LoopDriver driver;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(driver.Answer(PostTo(server.Url())).status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlLoop, KeepsNoMoreIdleConnectionsThanToldAndNoFewerUnderLoad) {
  constexpr int kParallel = 20;
  Gathering first(kParallel);
  LoopbackServer server([&](Peer& peer) {
    while (!peer.ReadRequest().empty()) {
      first.Arrive();
      peer.Answer("{}");
    }
  });
  LoopDriver driver({.ca_file = "", .max_idle_connections = kParallel});
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kParallel; ++i) driver.Start(PostTo(server.Url()));
    ASSERT_EQ(driver.Collect(kParallel).size(), std::size_t{kParallel});
  }
  EXPECT_EQ(server.connections(), kParallel);
}

TEST(CurlLoop, CarriesNothingOfOneRequestToTheNext) {
  LoopbackServer server([](Peer& peer) {
    for (std::string request; !(request = peer.ReadRequest()).empty();) peer.Answer(request);
  });
  LoopDriver driver;
  driver.Answer(PostTo(server.Url()));
  Request second = PostTo(server.Url());
  second.headers.clear();
  second.secret_value = Secret();
  const std::string seen = driver.Answer(std::move(second)).body;
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(seen.find("sk-test"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("application/json"), std::string::npos) << seen;
}

TEST(CurlLoop, ReconnectsAfterThePeerClosedAnIdleConnection) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Answer("once");
  });
  LoopDriver driver;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(driver.Answer(PostTo(server.Url())).body, "once");
    driver.DriveFor(milliseconds(20));
  }
  EXPECT_EQ(server.connections(), 5);
}

TEST(CurlLoop, CancelledTransferIsNeverReportedAndItsConnectionCloses) {
  std::atomic<bool> closed = false;
  LoopbackServer server([&closed](Peer& peer) {
    SilentAfterRequest(peer);
    closed = true;
  });
  LoopDriver driver;
  const TransferId id = driver.Start(PostTo(server.Url()));
  EXPECT_TRUE(driver.DriveFor(milliseconds(50)).empty());
  driver.loop().Cancel(id);
  EXPECT_TRUE(driver.DriveFor(milliseconds(100)).empty());
  EXPECT_TRUE(closed);
  driver.loop().Cancel(id);
  driver.loop().Cancel(12345);
}

TEST(CurlLoop, CancellingOneLeavesTheOthers) {
  Gathering gathering(3);
  LoopbackServer server(AnswerTogether(gathering));
  LoopDriver driver;
  const TransferId kept = driver.Start(PostTo(server.Url()));
  driver.loop().Cancel(driver.Start(PostTo(server.Url())));
  const TransferId also_kept = driver.Start(PostTo(server.Url()));
  driver.DriveFor(milliseconds(30));
  driver.Start(PostTo(server.Url()));
  std::set<TransferId> ended;
  for (const Completion& completion : driver.Collect(3)) ended.insert(completion.id);
  EXPECT_TRUE(ended.contains(kept) && ended.contains(also_kept));
  EXPECT_EQ(ended.size(), 3U);
}

TEST(CurlLoop, DiesQuietlyWithTransfersInFlight) {
  LoopbackServer server(SilentAfterRequest);
  LoopDriver driver;
  for (int i = 0; i < 5; ++i) driver.Start(PostTo(server.Url()));
  driver.Start(PostTo("http://name-that-resolves-slowly.invalid/"));
  driver.DriveFor(milliseconds(20));
}

TEST(CurlLoop, DeadlineWhileWaitingForTheAnswer) {
  LoopbackServer server(SilentAfterRequest);
  LoopDriver driver;
  const TimePoint start = Clock::now();
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(200)));
  const auto took = Clock::now() - start;
  EXPECT_EQ(failure.phase, Phase::kWait);
  EXPECT_TRUE(failure.timed_out);
  EXPECT_TRUE(failure.MayHaveBeenProcessed());
  EXPECT_EQ(failure.message, "timed out while waiting for the answer");
  EXPECT_GE(took, milliseconds(195));
  EXPECT_LT(took, milliseconds(600));
}

TEST(CurlLoop, DeadlineWhileSendingTheBody) {
  LoopbackServer server([](Peer& peer) {
    const int small = 4096;
    setsockopt(peer.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    std::this_thread::sleep_for(milliseconds(600));
  });
  LoopDriver driver;
  Request request = PostBefore(server.Url(), milliseconds(300));
  request.body = std::string(64'000'000, 'x');
  const Failure failure = driver.Fail(std::move(request));
  EXPECT_EQ(failure.phase, Phase::kSend) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(CurlLoop, DeadlineWhileReceivingAByteAtATime) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (peer.Send("\n")) std::this_thread::sleep_for(milliseconds(20));
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(200)));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.timed_out);
}

TEST(CurlLoop, DeadlineWhileReceivingAHeaderAtATime) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-Slow: 1\r\n")) std::this_thread::sleep_for(milliseconds(20));
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(200)));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.timed_out);
}

TEST(CurlLoop, DeadlineDuringTheTlsHandshake) {
  LoopbackServer server([](Peer& peer) { peer.WaitForClose(); });
  LoopDriver driver;
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  const Failure failure = driver.Fail(PostBefore(url, milliseconds(200)));
  EXPECT_EQ(failure.phase, Phase::kTls) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(CurlLoop, ConnectTimeoutComesBeforeTheDeadline) {
  LoopbackServer server([](Peer& peer) { peer.WaitForClose(); });
  LoopDriver driver;
  Request request = PostTo("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  request.connect_timeout = milliseconds(100);
  const TimePoint start = Clock::now();
  EXPECT_TRUE(driver.Fail(std::move(request)).timed_out);
  EXPECT_LT(Clock::now() - start, seconds(2));
}

/// A listener that accepts nobody and whose queue is full: connecting to it never ends.
class FullListener {
 public:
  FullListener() {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    for (int& client : clients_) {
      client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      connect(client, reinterpret_cast<sockaddr*>(&address), size);
    }
  }
  ~FullListener() {
    for (const int client : clients_) close(client);
    close(listener_);
  }
  [[nodiscard]] std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  int clients_[8] = {};
  std::uint16_t port_ = 0;
};

TEST(CurlLoop, DeadlineWhileConnecting) {
  const FullListener listener;
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(listener.Url(), milliseconds(200)));
  EXPECT_EQ(failure.phase, Phase::kConnect) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_EQ(failure.message, "timed out while connecting");
}

TEST(CurlLoop, RefusedConnection) {
  std::uint16_t port = 0;
  {
    const LoopbackServer gone([](Peer&) {});
    port = gone.port();
  }
  LoopDriver driver;
  const Failure failure = driver.Fail(PostTo("http://127.0.0.1:" + std::to_string(port) + "/"));
  EXPECT_EQ(failure.phase, Phase::kConnect);
  EXPECT_FALSE(failure.timed_out);
  EXPECT_EQ(failure.message, "could not connect");
}

TEST(CurlLoop, UnknownHostName) {
  LoopDriver driver;
  const Failure failure = driver.Fail(PostTo("https://no-such-host.invalid/"));
  EXPECT_EQ(failure.phase, Phase::kResolve) << failure.message;
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(CurlLoop, DescriptorIsReadableOnlyWhenThereIsSomethingToDo) {
  Gathering gathering(2);
  LoopbackServer server(AnswerTogether(gathering));
  LoopDriver driver;
  driver.Start(PostTo(server.Url()));
  EXPECT_TRUE(driver.DriveFor(milliseconds(100)).empty());
  pollfd entry{.fd = driver.loop().Fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&entry, 1, 50), 0) << "busy without an answer";
  gathering.Arrive();
  EXPECT_EQ(poll(&entry, 1, 2000), 1) << "silent in spite of an answer";
  EXPECT_EQ(driver.Collect(1).size(), 1U);
}

TEST(CurlLoop, NextDeadlineIsNowAtTheStartThenTheTransfersThenNone) {
  LoopbackServer server(SilentAfterRequest);
  LoopDriver driver;
  EXPECT_FALSE(driver.loop().NextDeadline().has_value());
  Request request = PostBefore(server.Url(), milliseconds(400));
  const TimePoint deadline = request.deadline;
  const TransferId id = driver.Start(std::move(request));
  ASSERT_TRUE(driver.loop().NextDeadline().has_value());
  EXPECT_LE(*driver.loop().NextDeadline(), Clock::now());
  driver.DriveFor(milliseconds(350));
  ASSERT_TRUE(driver.loop().NextDeadline().has_value());
  EXPECT_LE(*driver.loop().NextDeadline(), deadline + milliseconds(10));
  driver.loop().Cancel(id);
  EXPECT_TRUE(driver.DriveFor(milliseconds(30)).empty());
}

TEST(CurlLoop, DescriptorIsNotInheritedByPrograms) {
  LoopDriver driver;
  EXPECT_NE(fcntl(driver.loop().Fd(), F_GETFD) & FD_CLOEXEC, 0);
}

/// Sets a variable of the environment for the life of the object.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~EnvironmentVariable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(CurlLoop, IgnoresProxiesOfTheEnvironment) {
  LoopbackServer proxy(AnswerAlways("proxy"));
  LoopbackServer server(AnswerAlways("direct"));
  const EnvironmentVariable http("http_proxy", proxy.Url());
  const EnvironmentVariable https("https_proxy", proxy.Url());
  const EnvironmentVariable upper_https("HTTPS_PROXY", proxy.Url());
  const EnvironmentVariable all("ALL_PROXY", proxy.Url());
  LoopDriver driver;
  EXPECT_EQ(driver.Answer(PostTo(server.Url())).body, "direct");
  driver.Fail(PostTo("https://no-such-host.invalid/"));
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(CurlLoop, IgnoresTheNetrcFile) {
  const auto home =
      std::filesystem::temp_directory_path() / ("byok-home-" + std::to_string(getpid()));
  std::filesystem::create_directory(home);
  const auto netrc = home / ".netrc";
  const int fd = open(netrc.c_str(), O_CREAT | O_WRONLY, 0600);
  const std::string_view entry = "machine 127.0.0.1 login somebody password netrc-canary\n";
  ASSERT_EQ(write(fd, entry.data(), entry.size()), static_cast<ssize_t>(entry.size()));
  close(fd);
  const std::string old_home = getenv("HOME") != nullptr ? getenv("HOME") : "/";
  setenv("HOME", home.c_str(), 1);
  LoopbackServer server([](Peer& peer) { peer.Answer(peer.ReadRequest()); });
  LoopDriver driver;
  Request request = PostTo(server.Url());
  request.secret_value = Secret();
  EXPECT_EQ(driver.Answer(std::move(request)).body.find("Authorization"), std::string::npos);
  setenv("HOME", old_home.c_str(), 1);
  std::filesystem::remove_all(home);
}

std::atomic<int> signals_on_other_threads = 0;
pthread_t test_thread;

void CountForeignThreads(int) {
  if (pthread_equal(pthread_self(), test_thread) == 0) ++signals_on_other_threads;
}

TEST(CurlLoop, ResolverThreadsTakeNoSignals) {
  test_thread = pthread_self();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = CountForeignThreads;
  sigaction(SIGUSR1, &action, &before);
  LoopDriver driver;
  for (int i = 0; i < 10; ++i)
    driver.Start(PostTo("https://no-such-host-" + std::to_string(i) + ".invalid/"));
  sigset_t usr1;
  sigset_t mask;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &usr1, &mask);
  std::size_t ended = 0;
  for (int i = 0; i < 200 && ended < 10; ++i) {
    ended += driver.Step(milliseconds(5)).size();
    kill(getpid(), SIGUSR1);
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(signals_on_other_threads, 0);
}

TEST(CurlLoop, LeavesTheSignalMaskAsItWas) {
  LoopbackServer server(AnswerAlways("{}"));
  sigset_t before;
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  LoopDriver driver;
  driver.Answer(PostTo(server.Url()));
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int signal = 1; signal < NSIG; ++signal)
    EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
}

}  // namespace
}  // namespace byok::http::test
