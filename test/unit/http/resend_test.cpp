#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {
namespace {

/// Answers the first request of a connection and drops the connection after reading the second: a
/// provider that may have begun to work, and bill.
class DropsTheSecond {
 public:
  explicit DropsTheSecond(bool with_reset) : with_reset_(with_reset) {}
  void operator()(Peer& peer) const {
    if (peer.ReadRequest().empty()) return;
    ++*requests_;
    peer.Answer("first");
    if (peer.ReadRequest().empty()) return;
    ++*requests_;
    if (with_reset_) peer.Reset();
  }
  [[nodiscard]] int requests() const { return *requests_; }

 private:
  std::shared_ptr<std::atomic<int>> requests_ = std::make_shared<std::atomic<int>>(0);
  bool with_reset_;
};

class Resend : public testing::TestWithParam<bool> {};

TEST_P(Resend, NeverHappensToARequestThatAReusedConnectionSwallowed) {
  const DropsTheSecond handler(GetParam());
  LoopbackServer server(handler);
  LoopDriver driver;
  EXPECT_EQ(driver.Answer(PostTo(server.Url())).body, "first");
  const Failure failure = driver.Fail(PostTo(server.Url()));
  EXPECT_EQ(failure.phase, Phase::kWait) << failure.message;
  EXPECT_TRUE(failure.MayHaveBeenProcessed());
  EXPECT_EQ(handler.requests(), 2);
}

TEST_P(Resend, NeverHappensToALongRequestEither) {
  const DropsTheSecond handler(GetParam());
  LoopbackServer server(handler);
  LoopDriver driver;
  EXPECT_EQ(driver.Answer(PostTo(server.Url())).body, "first");
  const Failure failure = driver.Fail(PostTo(server.Url(), std::string(200'000, 'p')));
  EXPECT_EQ(failure.phase, Phase::kWait) << failure.message;
  EXPECT_EQ(handler.requests(), 2);
}

INSTANTIATE_TEST_SUITE_P(CloseAndReset, Resend, testing::Bool(),
                         [](const auto& info) { return info.param ? "Reset" : "Close"; });

}  // namespace
}  // namespace byok::http::test
