#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace byok::http::test {
namespace {

/// Sends nothing to the server, whatever the request.
class RequestRefusal : public testing::Test {
 protected:
  Failure FailBeforeTheStart(Request request) {
    Failure failure = driver_.Fail(std::move(request));
    EXPECT_EQ(failure.phase, Phase::kRefused) << failure.message;
    EXPECT_FALSE(failure.MayHaveBeenProcessed());
    EXPECT_EQ(server_.connections(), 0);
    return failure;
  }
  [[nodiscard]] std::string Port() const { return std::to_string(server_.port()); }

  LoopbackServer server_{AnswerAlways("{}")};
  LoopDriver driver_;
};

TEST_F(RequestRefusal, PrivateAddressInEverySpelling) {
  for (const char* host : {"127.0.0.1", "2130706433", "0177.0.0.1", "0x7f000001", "127.1",
                           "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]"}) {
    Request request = PostTo("https://" + std::string(host) + ":" + Port() + "/");
    request.allow_private = false;
    const Failure failure = FailBeforeTheStart(std::move(request));
    EXPECT_EQ(failure.message, "the host has a private address, which is not allowed") << host;
  }
}

TEST_F(RequestRefusal, NameThatResolvesToAPrivateAddress) {
  Request request = PostTo("https://localhost:" + Port() + "/");
  request.allow_private = false;
  const Failure failure = FailBeforeTheStart(std::move(request));
  EXPECT_EQ(failure.message, "the host has a private address, which is not allowed");
}

TEST_F(RequestRefusal, PlainHttpWithoutAllowPrivate) {
  Request request = PostTo(server_.Url());
  request.allow_private = false;
  EXPECT_EQ(FailBeforeTheStart(std::move(request)).message,
            "plain http is not allowed for this provider");
}

TEST_F(RequestRefusal, UrlsWithUserInfoFragmentsOrOtherSchemes) {
  for (const std::string& url :
       {"http://user:pw@127.0.0.1:" + Port() + "/", "http://127.0.0.1:" + Port() + "/#x",
        "file:///etc/passwd?" + Port(), "gopher://127.0.0.1:" + Port() + "/",
        "http://127.0.0.1:" + Port() + "/a b", "http://127.0.0.1:" + Port() + "/\r\nX: y",
        std::string("http://127.0.0.1:0/")})
    EXPECT_EQ(FailBeforeTheStart(PostTo(url)).message, "the URL is not acceptable");
}

TEST_F(RequestRefusal, KeyThatWouldBreakOutOfItsHeaderLine) {
  for (const char* key :
       {"sk-test-1\r\nX-Injected: 1", "sk-test-1\n", "sk-test-\t1", "sk-test-\xC3\xA9",
        "sk-test-\x7F", "sk-test-1\r\n\r\nGET / HTTP/1.1\r\n\r\n"}) {
    Request request = PostTo(server_.Url());
    request.secret_value = Secret::CopyOf(std::string_view(key));
    const Failure failure = FailBeforeTheStart(std::move(request));
    EXPECT_EQ(failure.message, "the key has bytes that are not allowed in a header");
  }
}

TEST_F(RequestRefusal, KeyWithoutAHeaderName) {
  Request request = PostTo(server_.Url());
  request.secret_header.clear();
  FailBeforeTheStart(std::move(request));
}

TEST_F(RequestRefusal, HeaderThatWouldBreakOutOfItsLine) {
  for (const Header& header :
       {Header{"X-A", "1\r\nX-B: 2"}, Header{"X-A: 1\r\nX-B", "2"}, Header{"X A", "1"},
        Header{"", "1"}, Header{"X-A", std::string(1, '\0')}}) {
    Request request = PostTo(server_.Url());
    request.headers.push_back(header);
    EXPECT_EQ(FailBeforeTheStart(std::move(request)).message, "a header is not allowed");
  }
}

TEST_F(RequestRefusal, DeadlineThatHasPassed) {
  Request request = PostTo(server_.Url());
  request.deadline = Clock::now();
  EXPECT_TRUE(FailBeforeTheStart(std::move(request)).timed_out);
}

TEST_F(RequestRefusal, OtherMethods) {
  Request request = PostTo(server_.Url());
  request.method = "DELETE";
  FailBeforeTheStart(std::move(request));
}

TEST_F(RequestRefusal, IsReportedOnceAndWakesTheHostAtOnce) {
  Request request = PostTo("nonsense");
  const TransferId id = driver_.Start(std::move(request));
  ASSERT_TRUE(driver_.loop().NextDeadline().has_value());
  EXPECT_LE(*driver_.loop().NextDeadline(), Clock::now());
  const std::vector<Completion> completed = driver_.loop().TakeCompleted();
  ASSERT_EQ(completed.size(), 1U);
  EXPECT_EQ(completed[0].id, id);
  EXPECT_TRUE(driver_.loop().TakeCompleted().empty());
  EXPECT_FALSE(driver_.loop().NextDeadline().has_value());
}

TEST_F(RequestRefusal, IsForgottenWhenCancelled) {
  driver_.loop().Cancel(driver_.Start(PostTo("nonsense")));
  EXPECT_TRUE(driver_.loop().TakeCompleted().empty());
}

}  // namespace
}  // namespace byok::http::test
