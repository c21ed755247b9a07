#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "http/transport.hpp"

namespace byok {

/// A transport without a network: keeps what was sent, answers when the test says so.
class FakeTransport final : public http::Transport {
 public:
  http::TransferId Start(http::Request request, http::TimePoint) override {
    sent.push_back(std::move(request));
    open.push_back(sent.size());
    return sent.size();
  }
  void Cancel(http::TransferId id) override {
    std::erase(open, id);
    std::erase_if(completed_, [id](const http::Completion& done) { return done.id == id; });
    cancelled.push_back(id);
  }
  std::vector<http::Completion> TakeCompleted() override { return std::exchange(completed_, {}); }

  /// Ends the `id`-th transfer that was started (from 1).
  void Respond(http::TransferId id, int status, std::string body,
               std::vector<http::Header> headers = {}) {
    Complete({id, http::Response{status, std::move(headers), std::move(body)}});
  }
  void Fail(http::TransferId id, http::Failure failure) { Complete({id, std::move(failure)}); }

  std::vector<http::Request> sent;
  std::vector<http::TransferId> open;
  std::vector<http::TransferId> cancelled;

 private:
  void Complete(http::Completion completion) {
    std::erase(open, completion.id);
    completed_.push_back(std::move(completion));
  }
  std::vector<http::Completion> completed_;
};

}  // namespace byok
