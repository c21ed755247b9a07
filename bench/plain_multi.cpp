// The peer of the benchmark: the same three calls by a plain libcurl-multi program, without a
// database, keys, consensus or billing. Usage: plain_multi BASE_URL CALLERS ROUNDS; prints one
// latency in microseconds per line, per round of three.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <curl/curl.h>

namespace {

using Clock = std::chrono::steady_clock;

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

std::size_t Discard(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

/// One caller: three calls at once, again and again, over connections that are kept.
std::vector<long> RunCaller(const std::string& base, int rounds) {
  std::vector<long> latencies;
  CURLM* multi = curl_multi_init();
  for (int round = 0; round < rounds; ++round) {
    const auto start = Clock::now();
    std::vector<std::pair<CURL*, curl_slist*>> calls;
    for (const Call& call : kCalls) {
      CURL* easy = curl_easy_init();
      curl_slist* headers = curl_slist_append(nullptr, "content-type: application/json");
      headers = curl_slist_append(headers, call.auth);
      if (call.extra != nullptr) headers = curl_slist_append(headers, call.extra);
      curl_easy_setopt(easy, CURLOPT_URL, (base + call.path).c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Discard);
      curl_multi_add_handle(multi, easy);
      calls.emplace_back(easy, headers);
    }
    for (int running = 1; running > 0;) {
      curl_multi_perform(multi, &running);
      if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    for (const auto& [easy, headers] : calls) {
      curl_multi_remove_handle(multi, easy);
      curl_easy_cleanup(easy);
      curl_slist_free_all(headers);
    }
    latencies.push_back(static_cast<long>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count()));
  }
  curl_multi_cleanup(multi);
  return latencies;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: plain_multi BASE_URL CALLERS ROUNDS\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::string base = argv[1];
  const int callers = std::atoi(argv[2]);
  const int rounds = std::atoi(argv[3]);
  std::vector<std::vector<long>> latencies(static_cast<std::size_t>(callers));
  std::vector<std::thread> threads;
  for (auto& own : latencies)
    threads.emplace_back([&own, &base, rounds] { own = RunCaller(base, rounds); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& own : latencies) {
    for (const long latency : own) std::printf("%ld\n", latency);
  }
  return 0;
}
