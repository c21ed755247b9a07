#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {
namespace {

using std::chrono::milliseconds;

/// Sends these bytes for an answer and closes.
LoopbackServer::Handler Raw(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
  };
}

Failure FailureOf(const std::string& answer) {
  LoopbackServer server(Raw(answer));
  LoopDriver driver;
  Failure failure = driver.Fail(PostTo(server.Url()));
  EXPECT_TRUE(failure.MayHaveBeenProcessed()) << failure.message;
  EXPECT_EQ(server.connections(), 1) << "asked twice";
  return failure;
}

TEST(HostileAnswer, BodyIsNotReadPastTheCap) {
  std::atomic<std::size_t> sent = 0;
  LoopbackServer server([&sent](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    for (int i = 0; i < 1600 && peer.Send(chunk);) ++i;
    sent = peer.bytes_sent();
  });
  LoopDriver driver;
  Request request = PostTo(server.Url());
  request.max_body_bytes = 1'000'000;
  const Failure failure = driver.Fail(std::move(request));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.too_large);
  EXPECT_EQ(failure.message, "response larger than 1000000 bytes");
  for (int i = 0; i < 100 && sent == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_LT(sent, 20'000'000U) << "100 MB were offered";
}

TEST(HostileAnswer, BodyOfExactlyTheCapIsTaken) {
  LoopbackServer server(AnswerAlways(std::string(5000, 'x')));
  LoopDriver driver;
  Request request = PostTo(server.Url());
  request.max_body_bytes = 5000;
  EXPECT_EQ(driver.Answer(std::move(request)).body.size(), 5000U);
  request = PostTo(server.Url());
  request.max_body_bytes = 4999;
  EXPECT_TRUE(driver.Fail(std::move(request)).too_large);
}

TEST(HostileAnswer, AnnouncedBodyOverTheCapIsNotReadAtAll) {
  const Failure failure = FailureOf("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nx");
  EXPECT_TRUE(failure.too_large);
  EXPECT_EQ(failure.message, "response larger than 4194304 bytes");
}

TEST(HostileAnswer, ManyHeadersStopAtTheCap) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 20'000; ++i) answer += "X-Header: 0123456789\r\n";
  const Failure failure = FailureOf(answer);
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_TRUE(failure.too_large);
  EXPECT_EQ(failure.message, "response headers larger than 65536 bytes");
}

TEST(HostileAnswer, EndlessInterimAnswersStopAtTheCap) {
  std::string answer;
  for (int i = 0; i < 20'000; ++i) answer += "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_TRUE(FailureOf(answer).too_large);
}

TEST(HostileAnswer, EndlessTrailersStopAtTheCap) {
  std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
  for (int i = 0; i < 20'000; ++i) answer += "X-Trailer: 0123456789\r\n";
  EXPECT_EQ(FailureOf(answer).phase, Phase::kReceive);
}

TEST(HostileAnswer, HeaderLineOf400Kilobytes) {
  const Failure failure =
      FailureOf("HTTP/1.1 200 OK\r\nX: " + std::string(400'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(failure.phase, Phase::kReceive) << failure.message;
}

TEST(HostileAnswer, RedirectsAreAnswersAndNotFollowed) {
  LoopbackServer elsewhere(AnswerAlways("stolen"));
  for (const int status : {301, 302, 303, 307, 308}) {
    LoopbackServer server(Raw("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " +
                              elsewhere.Url() + "\r\nContent-Length: 0\r\n\r\n"));
    LoopDriver driver;
    const Response response = driver.Answer(PostTo(server.Url()));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.HeaderValue("location"), elsewhere.Url());
  }
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(HostileAnswer, CompressedBodyStaysAsItIs) {
  const std::string gzip("\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03\xAB\x56", 12);
  LoopbackServer server(
      [&gzip](Peer& peer) { peer.ReadRequest(), peer.Answer(gzip, "Content-Encoding: gzip\r\n"); });
  LoopDriver driver;
  EXPECT_EQ(driver.Answer(PostTo(server.Url())).body, gzip);
}

TEST(HostileAnswer, BodyShorterThanAnnounced) {
  const Failure failure = FailureOf("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":");
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_EQ(failure.message, "the answer broke off");
}

TEST(HostileAnswer, ChunkedBodyWithoutItsEnd) {
  EXPECT_EQ(
      FailureOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n").phase,
      Phase::kReceive);
}

TEST(HostileAnswer, ChunkSizeThatIsNone) {
  EXPECT_EQ(FailureOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n").phase,
            Phase::kReceive);
}

TEST(HostileAnswer, ResetInTheMiddleOfTheBody) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    std::this_thread::sleep_for(milliseconds(50));
    peer.Reset();
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostTo(server.Url()));
  EXPECT_EQ(failure.phase, Phase::kReceive);
  EXPECT_EQ(failure.message, "the connection broke while receiving the answer");
}

TEST(HostileAnswer, CloseWithoutAnAnswer) {
  const Failure failure = FailureOf("");
  EXPECT_EQ(failure.phase, Phase::kWait);
  EXPECT_EQ(failure.message, "the connection broke while waiting for the answer");
}

TEST(HostileAnswer, ResetWithoutAnAnswer) {
  LoopbackServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Reset();
  });
  LoopDriver driver;
  EXPECT_EQ(driver.Fail(PostTo(server.Url())).phase, Phase::kWait);
}

TEST(HostileAnswer, ResetBeforeTheBodyWasRead) {
  LoopbackServer server([](Peer& peer) {
    std::this_thread::sleep_for(milliseconds(50));
    peer.Reset();
  });
  LoopDriver driver;
  const Failure failure = driver.Fail(PostTo(server.Url(), std::string(64'000'000, 'x')));
  EXPECT_EQ(failure.phase, Phase::kSend) << failure.message;
  EXPECT_FALSE(failure.MayHaveBeenProcessed());
}

TEST(HostileAnswer, BytesThatAreNoHttp) {
  for (const char* bytes : {"hello\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "<html>", "SSH-2.0-x\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"})
    EXPECT_EQ(FailureOf(bytes).phase, Phase::kReceive) << bytes;
}

TEST(HostileAnswer, MessageNeverQuotesUrlOrKey) {
  LoopbackServer server(Raw("garbage sk-test-0123456789\r\n\r\n"));
  LoopDriver driver;
  const Failure failure = driver.Fail(PostTo(server.Url("/secret-path")));
  EXPECT_EQ(failure.message.find("secret-path"), std::string::npos);
  EXPECT_EQ(failure.message.find("sk-test"), std::string::npos);
  EXPECT_EQ(failure.message.find("127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace byok::http::test
