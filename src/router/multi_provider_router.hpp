#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "http/transport.hpp"
#include "router/leg.hpp"

namespace byok {

using AskId = std::uint64_t;

/// One request to the router: the same question to several providers at once.
struct Ask {
  Purpose purpose = Purpose::kAnswer;
  Question question;
  std::vector<Leg> legs;
  http::TimePoint deadline;  ///< of the whole request, retries included
};

struct AskResult {
  AskId id = 0;
  std::vector<LegResult> legs;  ///< in the order of Ask::legs
};

/// The seed's MultiProviderRouter: runs many requests over one transport. Every leg starts at once;
/// retries wait on a timer, not on a connection. Does no I/O itself and never waits: its host calls
/// OnReady after the transport made progress or NextDeadline came.
class MultiProviderRouter {
 public:
  /// `jitter` yields numbers in [0, 1) for the back-off; tests inject a constant.
  MultiProviderRouter(http::Transport& transport, std::function<double()> jitter);
  ~MultiProviderRouter();
  MultiProviderRouter(const MultiProviderRouter&) = delete;
  MultiProviderRouter& operator=(const MultiProviderRouter&) = delete;

  AskId Start(Ask ask, http::TimePoint now);
  /// Drops the request: transfers are cancelled, nothing is reported.
  void Cancel(AskId id);
  void OnReady(http::TimePoint now);
  /// The requests that ended since the last call, each once.
  std::vector<AskResult> TakeFinished();
  /// When OnReady must be called even if the transport stays silent.
  [[nodiscard]] std::optional<http::TimePoint> NextDeadline() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace byok
