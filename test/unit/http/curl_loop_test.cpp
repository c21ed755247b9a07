#include "http/curl_loop.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>

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
  EXPECT_EQ(driver.loop().Connections(), std::size_t{kParallel}) << "idle ones count";
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

TEST(CurlLoop, ClosesItsConnectionsWhenItGoes) {
  std::atomic<int> closed = 0;
  LoopbackServer server([&closed](Peer& peer) {
    SilentAfterRequest(peer);
    ++closed;
  });
  {
    LoopDriver driver;
    for (int i = 0; i < 5; ++i) driver.Start(PostTo(server.Url()));
    EXPECT_TRUE(driver.DriveFor(milliseconds(100)).empty());
    EXPECT_EQ(closed, 0);
  }
  for (int i = 0; i < 200 && closed < 5; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(closed, 5);
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

}  // namespace
}  // namespace byok::http::test
