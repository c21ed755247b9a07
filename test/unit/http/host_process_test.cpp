#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include "http/certificates.hpp"
#include "http/curl_loop.hpp"
#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"
#include "http/signal_guard.hpp"

namespace byok::http::test {
namespace {

TEST(HostProcess, ItsProgramsDoNotInheritTheDescriptor) {
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

TEST(HostProcess, ProxiesOfItsEnvironmentAreIgnored) {
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

TEST(HostProcess, ItsNetrcFileIsIgnored) {
  const TemporaryDirectory home;
  std::ofstream(home.File(".netrc")) << "machine 127.0.0.1 login somebody password canary\n";
  const char* const old_home = getenv("HOME");
  const std::string restored = old_home != nullptr ? old_home : "/";
  setenv("HOME", home.File("").c_str(), 1);
  LoopbackServer server([](Peer& peer) { peer.Answer(peer.ReadRequest()); });
  LoopDriver driver;
  Request request = PostTo(server.Url());
  request.secret_value = Secret();
  EXPECT_EQ(driver.Answer(std::move(request)).body.find("Authorization"), std::string::npos);
  setenv("HOME", restored.c_str(), 1);
}

TEST(HostProcess, SurvivesABrokenPipeInsideLibcurl) {
  struct sigaction standard {};
  struct sigaction before {};
  standard.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &standard, &before);
  {
    const SignalGuard guard;
    pthread_kill(pthread_self(), SIGPIPE);
  }
  sigaction(SIGPIPE, &before, nullptr);
}

TEST(HostProcess, ItsSignalMaskStaysAsItWas) {
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
