#include <atomic>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <pthread.h>

#include "http/loop_driver.hpp"
#include "http/loopback_server.hpp"

namespace {

std::atomic<int> lookups = 0;
std::atomic<int> lookups_open_to_signals = 0;

void NoteSignalMask() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  ++lookups;
  if (sigismember(&mask, SIGUSR1) == 0 || sigismember(&mask, SIGTERM) == 0)
    ++lookups_open_to_signals;
}

}  // namespace

/// Stands before the C library's in this program: libcurl's resolver threads come through here.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name,
                                                                  const char* service,
                                                                  const addrinfo* hints,
                                                                  addrinfo** result) {
  NoteSignalMask();
  if (name != nullptr && std::string_view(name) == "slow.test") {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    return EAI_AGAIN;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, result);
}

namespace byok::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Resolver, ItsThreadsTakeNoSignals) {
  LoopDriver driver;
  lookups = lookups_open_to_signals = 0;
  driver.Fail(PostTo("https://no-such-host.invalid/"));
  EXPECT_GT(lookups, 0);
  EXPECT_EQ(lookups_open_to_signals, 0);
}

TEST(Resolver, IsNotAskedForNumericHosts) {
  LoopbackServer server(AnswerAlways("{}"));
  LoopDriver driver;
  lookups = 0;
  driver.Answer(PostTo(server.Url()));
  EXPECT_EQ(lookups, 0);
}

TEST(Resolver, DoesNotHoldBackTheDeadline) {
  LoopDriver driver;
  Request request = PostTo("https://slow.test/");
  const TimePoint start = Clock::now();
  request.deadline = start + milliseconds(200);
  const Failure failure = driver.Fail(std::move(request));
  EXPECT_LT(Clock::now() - start, seconds(1));
  EXPECT_EQ(failure.phase, Phase::kResolve);
  EXPECT_TRUE(failure.timed_out);
  EXPECT_EQ(failure.message, "timed out while resolving the host name");
}

TEST(Resolver, DoesNotHoldBackCancelOrTheEnd) {
  const TimePoint start = Clock::now();
  {
    LoopDriver driver;
    const TransferId id = driver.Start(PostTo("https://slow.test/"));
    driver.Start(PostTo("https://slow.test/"));
    EXPECT_TRUE(driver.DriveFor(milliseconds(50)).empty());
    driver.loop().Cancel(id);
  }
  EXPECT_LT(Clock::now() - start, seconds(1));
}

}  // namespace
}  // namespace byok::http::test
