#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "http/curl_loop.hpp"

namespace byok::http::test {

/// A POST to a loopback server with a fake key and ten seconds' time.
inline Request PostTo(std::string url, std::string body = R"({"prompt":"hi"})") {
  Request request;
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}};
  request.secret_header = "Authorization";
  request.secret_value = Secret::CopyOf("Bearer sk-test-0123456789");
  request.body = std::move(body);
  request.deadline = Clock::now() + std::chrono::seconds(10);
  request.allow_private = true;
  return request;
}

/// Owns a loop and drives it as every host does: poll(Fd, NextDeadline), OnReady, TakeCompleted.
class LoopDriver {
 public:
  explicit LoopDriver(const CurlOptions& options = {}) {
    auto loop = CurlLoop::Create(options);
    if (loop.ok()) loop_ = *std::move(loop);
  }

  CurlLoop& loop() { return *loop_; }
  TransferId Start(Request request) { return loop_->Start(std::move(request), Clock::now()); }

  /// One wait of at most `limit` and what it brought.
  std::vector<Completion> Step(Milliseconds limit) {
    pollfd entry{.fd = loop_->Fd(), .events = POLLIN, .revents = 0};
    poll(&entry, 1, static_cast<int>(Wait(limit).count()));
    loop_->OnReady(Clock::now());
    return loop_->TakeCompleted();
  }

  /// Drives until so many transfers ended; fewer when that takes longer than 20 s.
  std::vector<Completion> Collect(std::size_t count) {
    const TimePoint give_up = Clock::now() + std::chrono::seconds(20);
    std::vector<Completion> all;
    while (all.size() < count && Clock::now() < give_up)
      for (Completion& one : Step(Milliseconds(1000))) all.push_back(std::move(one));
    return all;
  }

  /// Drives for that long, whatever ends.
  std::vector<Completion> DriveFor(Milliseconds time) {
    const TimePoint end = Clock::now() + time;
    std::vector<Completion> all;
    while (Clock::now() < end)
      for (Completion& one : Step(Milliseconds(10))) all.push_back(std::move(one));
    return all;
  }

  std::variant<Response, Failure> Run(Request request) {
    const TransferId id = Start(std::move(request));
    std::vector<Completion> all = Collect(1);
    if (all.size() != 1 || all[0].id != id) return Failure{.message = "no completion"};
    return std::move(all[0].outcome);
  }
  /// The answer; a test failure when there is none.
  Response Answer(Request request) {
    auto outcome = Run(std::move(request));
    if (const auto* failure = std::get_if<Failure>(&outcome)) {
      ADD_FAILURE() << failure->message;
      return {};
    }
    return std::get<Response>(std::move(outcome));
  }
  /// The failure; a test failure when there is an answer.
  Failure Fail(Request request) {
    auto outcome = Run(std::move(request));
    if (const auto* response = std::get_if<Response>(&outcome)) {
      ADD_FAILURE() << "unexpected answer " << response->status;
      return {.message = "an answer"};
    }
    return std::get<Failure>(std::move(outcome));
  }

 private:
  Milliseconds Wait(Milliseconds limit) const {
    const auto next = loop_->NextDeadline();
    if (!next) return limit;
    const auto left = std::chrono::ceil<Milliseconds>(*next - Clock::now());
    return std::clamp(left, Milliseconds(0), limit);
  }

  std::unique_ptr<CurlLoop> loop_;
};

}  // namespace byok::http::test
