#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "router/breaker.hpp"
#include "router/leg.hpp"

namespace byok {

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

/// An attempt that wants to be sent. Its host commits an intent for it, then calls Permit; nothing
/// leaves before.
struct Intent {
  AskId ask = 0;
  std::size_t leg = 0;  ///< index into Ask::legs
  int attempt = 1;      ///< counted over all keys of the leg
  KeySource key_source = KeySource::kSystemKey;
  std::optional<Uuid> key_id;
  /// The leg's attempt before this one, ended: its outcome goes with this intent.
  std::optional<Attempt> previous;
};

struct RouterLimits {
  std::size_t max_transfers = 10'000;  ///< to all providers together; at least 1
  bool breaker = true;                 ///< whether a provider that fails is left alone for a while
};

/// How a provider stands.
struct ProviderStatus {
  std::string provider;
  std::string base_url;
  std::size_t in_flight = 0;
  BreakerState breaker = BreakerState::kClosed;
  std::optional<http::TimePoint> open_until;  ///< when a breaker not closed lets a probe through
};

/// Hears of every attempt that ended, those permitted and never sent included. Must not call the
/// router.
using AttemptObserver = std::function<void(const std::string& provider, const Attempt& attempt)>;

/// The seed's MultiProviderRouter: runs many requests over one transport. Every leg starts at once;
/// retries wait on a timer, not on a connection. Does no I/O itself and never waits: its host calls
/// OnReady after the transport made progress or NextDeadline came.
///
/// Every attempt needs a permit: after Start and OnReady the host takes the intents, records them,
/// and permits them, many at once. A permitted attempt is sent when the limits let it, first come,
/// first served per provider. One that is never sent although permitted (the deadline came, the
/// caller went, the breaker opened) is a CallState::kSkipped; one never permitted leaves no
/// Attempt.
///
/// What is kept per provider goes by its name and base_url and stays: a changed URL starts afresh.
class MultiProviderRouter {
 public:
  /// `jitter` yields numbers in [0, 1) for the back-off; tests inject a constant.
  MultiProviderRouter(http::Transport& transport, std::function<double()> jitter,
                      RouterLimits limits = {}, AttemptObserver on_attempt = {});
  ~MultiProviderRouter();
  MultiProviderRouter(const MultiProviderRouter&) = delete;
  MultiProviderRouter& operator=(const MultiProviderRouter&) = delete;

  AskId Start(Ask ask, http::TimePoint now);
  /// Those wanted since the last call, each once.
  std::vector<Intent> TakeIntents();
  /// Sends what waits for it; nothing when the leg ended meanwhile or its intent was not taken.
  void Permit(AskId ask, std::size_t leg, http::TimePoint now);

  /// Whether a taken intent still waits for its permit: not so once its leg ended.
  [[nodiscard]] bool AwaitsPermit(AskId ask, std::size_t leg) const;

  // An unknown id, or one that finished, is ignored by all three:
  /// The caller is gone: what was sent runs to its end, at most the deadline; what was not, ends as
  /// cancelled. Nothing is sent any more. TakeFinished reports it as usual.
  void Abandon(AskId id, http::TimePoint now);
  /// Ends it now: what was sent is unknown and its transfer is cancelled, the rest as Abandon.
  /// TakeFinished reports it.
  void Interrupt(AskId id, http::TimePoint now);
  /// Drops it: transfers are cancelled, nothing is reported.
  void Cancel(AskId id);

  void OnReady(http::TimePoint now);
  /// The requests that ended since the last call, each once.
  std::vector<AskResult> TakeFinished();
  /// When OnReady must be called even if the transport stays silent; long past when at once.
  [[nodiscard]] std::optional<http::TimePoint> NextDeadline() const;

  /// Transfers under way.
  [[nodiscard]] std::size_t InFlight() const;
  /// Requests started and not finished.
  [[nodiscard]] std::size_t Waiting() const;
  /// Every provider asked so far.
  [[nodiscard]] std::vector<ProviderStatus> Providers(http::TimePoint now) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace byok
