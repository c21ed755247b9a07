#include <latch>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/curl_loop.hpp"
#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Request PostBefore(std::string url, milliseconds time) {
  Request request = PostTo(std::move(url));
  request.deadline = Clock::now() + time;
  return request;
}

TEST(Deadline, ComesWhileWaitingForTheAnswer) {
  LoopbackServer server(SilentAfterRequest);
  LoopDriver driver;
  const TimePoint start = Clock::now();
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(500)));
  const auto took = Clock::now() - start;
  EXPECT_EQ(failure.phase, Phase::kWait);
  EXPECT_TRUE(failure.timed_out);
  EXPECT_TRUE(failure.MayHaveBeenProcessed());
  EXPECT_EQ(failure.message, "timed out while waiting for the answer");
  EXPECT_GE(took, milliseconds(495));
  EXPECT_LT(took, milliseconds(900));
}

TEST(Deadline, ComesWhileSendingTheBody) {
  std::latch over(1);  // the server reads nothing and stays until then, however busy the machine
  LoopbackServer server([&over](Peer& peer) {
    const int small = 4096;
    setsockopt(peer.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    over.wait();
  });
  LoopDriver driver;
  Request request = PostTo(server.Url());
  request.body = std::string(16'000'000, 'x');  // more than both sockets' buffers take
  request.deadline = Clock::now() + milliseconds(300);
  const Failure failure = driver.Fail(std::move(request));
  over.count_down();
  EXPECT_EQ(failure.phase, Phase::kSend) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(Deadline, ComesWhileReceivingAByteAtATime) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (peer.Send("\n")) std::this_thread::sleep_for(milliseconds(20));
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(500)));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.timed_out);
}

TEST(Deadline, ComesWhileReceivingAHeaderAtATime) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-Slow: 1\r\n")) std::this_thread::sleep_for(milliseconds(20));
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(server.Url(), milliseconds(500)));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.timed_out);
}

TEST(Deadline, ComesDuringTheTlsHandshake) {
  LoopbackServer server([](Peer& peer) { peer.WaitForClose(); });
  LoopDriver driver;
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  const Failure failure = driver.Fail(PostBefore(url, milliseconds(500)));
  EXPECT_EQ(failure.phase, Phase::kTls) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(Deadline, LeavesConnectingItsOwnTimeout) {
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

TEST(Deadline, ComesWhileConnecting) {
  const FullListener listener;
  LoopDriver driver;
  const Failure failure = driver.Fail(PostBefore(listener.Url(), milliseconds(500)));
  EXPECT_EQ(failure.phase, Phase::kConnect) << failure.message;
  EXPECT_TRUE(failure.timed_out);
  EXPECT_EQ(failure.message, "timed out while connecting");
}

TEST(Deadline, OfTheLoopIsNowAtTheStartThenTheTransfersThenNone) {
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

}  // namespace
}  // namespace byok::http::test
