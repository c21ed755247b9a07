// The peer of the benchmark: the same three calls by bare libcurl in one event loop, without a
// database, keys, consensus or billing. CALLERS ask again and again for SECONDS over connections
// that are kept; 21 callers share one multi handle, because libcurl's cost grows with the transfers
// of a multi. Usage: plain_multi BASE_URL CALLERS SECONDS; prints a line per round of three as
// pgbench's log has it: caller, round, latency in microseconds, 0, end in seconds and microseconds.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCallersPerLane = 21;
constexpr int kMostWaitMs = 100;

struct Call {
  const char* path;
  const char* auth;
  const char* extra;
  const char* body;
};

constexpr Call kCalls[] = {
    {"/openai/v1/chat/completions", "Authorization: Bearer sk-test-bench-0000", nullptr,
     R"({"model":"gpt-4","messages":[{"role":"user","content":"bench"}],"max_completion_tokens":1024})"},
    {"/anthropic/v1/messages", "x-api-key: sk-test-bench-0000", "anthropic-version: 2023-06-01",
     R"({"model":"claude-3-sonnet","max_tokens":1024,"messages":[{"role":"user","content":"bench"}]})"},
    {"/deepseek/chat/completions", "Authorization: Bearer sk-test-bench-0000", nullptr,
     R"({"model":"deepseek-chat","messages":[{"role":"user","content":"bench"}],"max_tokens":1024})"},
};

/// A multi handle whose sockets wait in the epoll descriptor that all lanes share.
struct Lane {
  int epoll;
  std::uint32_t index;
  CURLM* multi = curl_multi_init();
  std::optional<Clock::time_point> due = std::nullopt;
};

/// Asks the three calls at once, and again when all are answered.
struct Caller {
  int index;
  Lane* lane;
  std::vector<CURL*> calls = {};
  int waiting = 0;
  int round = 0;
  Clock::time_point start = {};
};

std::size_t Discard(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

int OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  const auto* lane = static_cast<Lane*>(self);
  epoll_event event{};
  event.events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.u64 = (std::uint64_t{lane->index} << 32) | static_cast<std::uint32_t>(socket);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(lane->epoll, EPOLL_CTL_DEL, socket, &event);
  } else if (epoll_ctl(lane->epoll, EPOLL_CTL_MOD, socket, &event) != 0 && errno == ENOENT) {
    epoll_ctl(lane->epoll, EPOLL_CTL_ADD, socket, &event);
  }
  return 0;
}

int OnTimer(CURLM*, long milliseconds, void* self) {
  auto* lane = static_cast<Lane*>(self);
  lane->due.reset();
  if (milliseconds >= 0) lane->due = Clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

std::vector<std::unique_ptr<Lane>> MakeLanes(int epoll, int callers) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int first = 0; first < callers; first += kCallersPerLane) {
    lanes.push_back(std::make_unique<Lane>(epoll, static_cast<std::uint32_t>(lanes.size())));
    Lane* lane = lanes.back().get();
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, OnSocket);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, OnTimer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, 4L * kCallersPerLane);
  }
  return lanes;
}

CURL* MakeCall(const std::string& base, const Call& call, Caller* caller) {
  CURL* easy = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "content-type: application/json");
  headers = curl_slist_append(headers, call.auth);
  if (call.extra != nullptr) headers = curl_slist_append(headers, call.extra);
  curl_easy_setopt(easy, CURLOPT_URL, (base + call.path).c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Discard);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, caller);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  return easy;
}

void Ask(Caller& caller) {
  caller.start = Clock::now();
  for (CURL* easy : caller.calls) curl_multi_add_handle(caller.lane->multi, easy);
  caller.waiting = static_cast<int>(caller.calls.size());
}

void Log(Caller& caller) {
  const auto latency =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - caller.start);
  timeval now{};
  gettimeofday(&now, nullptr);
  std::printf("%d %d %ld 0 %ld %ld\n", caller.index, caller.round++,
              static_cast<long>(latency.count()), static_cast<long>(now.tv_sec),
              static_cast<long>(now.tv_usec));
}

void RequireAnswer(CURL* easy, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status == 200) return;
  std::fprintf(stderr, "a call failed: %s, status %ld\n", curl_easy_strerror(code), status);
  std::exit(1);
}

/// Those of a lane that are answered ask again.
void TakeAnswers(const Lane& lane) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(lane.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    RequireAnswer(easy, message->data.result);
    Caller* caller = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &caller);
    curl_multi_remove_handle(lane.multi, easy);
    if (--caller->waiting > 0) continue;
    Log(*caller);
    Ask(*caller);
  }
}

int WaitMilliseconds(const std::vector<std::unique_ptr<Lane>>& lanes) {
  auto wait = std::chrono::milliseconds(kMostWaitMs);
  for (const auto& lane : lanes) {
    if (!lane->due) continue;
    wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(*lane->due - Clock::now()));
  }
  return static_cast<int>(std::max<std::int64_t>(wait.count(), 0));
}

void OneTurn(int epoll, const std::vector<std::unique_ptr<Lane>>& lanes) {
  epoll_event events[256];
  int running = 0;
  const int count = epoll_wait(epoll, events, 256, WaitMilliseconds(lanes));
  for (int i = 0; i < count; ++i) {
    const int ready = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                      ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                      ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    const auto socket = static_cast<curl_socket_t>(events[i].data.u64 & 0xffffffffU);
    curl_multi_socket_action(lanes[events[i].data.u64 >> 32]->multi, socket, ready, &running);
  }
  for (const auto& lane : lanes) {
    if (lane->due && *lane->due <= Clock::now()) {
      lane->due.reset();
      curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    TakeAnswers(*lane);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: plain_multi BASE_URL CALLERS SECONDS\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::string base = argv[1];
  const int callers = std::atoi(argv[2]);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const auto lanes = MakeLanes(epoll, callers);
  std::vector<Caller> all;
  all.reserve(static_cast<std::size_t>(callers));
  for (int i = 0; i < callers; ++i) {
    Caller& caller =
        all.emplace_back(i, lanes[static_cast<std::size_t>(i / kCallersPerLane)].get());
    for (const Call& call : kCalls) caller.calls.push_back(MakeCall(base, call, &caller));
    Ask(caller);
  }
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(argv[3]));
  while (Clock::now() < end) OneTurn(epoll, lanes);
  return 0;
}
