#pragma once

#include <optional>
#include <vector>

#include "http/message.hpp"
#include "router/breaker.hpp"
#include "router/leg.hpp"
#include "router/leg_life.hpp"
#include "router/provider.hpp"
#include "router/send_queue.hpp"

namespace byok {

// What MultiProviderRouter keeps of a request under way, and the steps that concern one leg alone.

/// The transport keeps the deadline and knows how far a transfer came, so whether it may be billed.
/// It gets this long to say so before the router cuts a leg itself and has to assume the worst.
constexpr http::Milliseconds kGrace{25};

/// What all requests to one provider share.
struct ProviderLine {
  Breaker breaker;
  SendQueue::Line sends;
};

/// One leg under way.
struct LegRun {
  LegRun(Leg given, http::TimePoint deadline, ProviderLine& its_line);

  Leg leg;
  const Provider* dialect;
  ProviderLine* line;
  LegLife life;
  SendAttempt next;      ///< the attempt that wants to be sent or is
  bool guarded = false;  ///< whether the breaker has a say
  bool probe = false;    ///< whether it holds the breaker's probe
  std::optional<http::TransferId> transfer;
  std::optional<http::TimePoint> wake_at;  ///< when it waits to send again
  LegResult result;                        ///< `error`, until it is done: of the last reply
};

/// One request under way.
struct AskRun {
  AskId id = 0;
  Purpose purpose = Purpose::kAnswer;
  Question question;
  http::TimePoint started_at;
  http::TimePoint deadline;
  std::vector<LegRun> legs;
};

/// Whether all its legs are.
bool IsDone(const AskRun& ask);
std::vector<LegResult> TakeResults(AskRun& ask);

/// Why a leg cannot even start, if so.
std::optional<LegError> Unstartable(const LegRun& run);
/// Why a leg ends that the caller left, after the phase it is in.
LegError CancelledError(const LegRun& run);
/// Why a leg ends at the deadline.
LegError TimeoutError(const AskRun& ask);

/// Why a leg ends whose provider's breaker is open.
LegError CircuitOpenError(const LegRun& run, http::TimePoint now);

/// Whether the breaker lets the leg through, perhaps as its probe, which the leg holds then.
bool PassBreaker(LegRun& run, http::TimePoint now);
void ReleaseProbe(LegRun& run);

/// The request of the leg's next attempt, its key in the secret header.
http::Request MakeRequest(const AskRun& ask, const LegRun& run);
/// What came back for it. A provider that echoes a key tells it to nobody.
Reply ReadCompletion(const AskRun& ask, const LegRun& run, const http::Completion& completion,
                     http::TimePoint now);

/// The leg's next attempt is one from now on.
void OpenAttempt(LegRun& run, http::TimePoint now);
void CloseAttempt(Attempt& attempt, CallState state, std::optional<ErrorReason> error,
                  http::TimePoint now);
void CloseAttempt(Attempt& attempt, const Reply& reply, const http::Completion& completion,
                  http::TimePoint now);
void SetOutcome(LegResult& result, Reply reply);

/// What an ended attempt of a request says of its provider: a deadline that nobody could have kept
/// says nothing.
Sign SignOf(const AskRun& ask, const Attempt& attempt);
/// The same of one that ended so: nor does what was refused here.
Sign SignOf(const AskRun& ask, const Attempt& attempt, const http::Completion& completion);

}  // namespace byok
