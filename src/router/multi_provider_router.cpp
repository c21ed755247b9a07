#include "router/multi_provider_router.hpp"

#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "router/leg_life.hpp"
#include "router/leg_run.hpp"
#include "router/send_queue.hpp"

namespace byok {

using http::TimePoint;

class MultiProviderRouter::Impl {
 public:
  Impl(http::Transport& transport, std::function<double()> jitter, RouterLimits limits,
       AttemptObserver on_attempt)
      : transport_(transport),
        jitter_(std::move(jitter)),
        on_attempt_(std::move(on_attempt)),
        breaks_(limits.breaker),
        queue_(limits.max_transfers) {}

  AskId Start(Ask ask, TimePoint now);
  std::vector<Intent> TakeIntents();
  void Permit(const LegPlace& place, TimePoint now);
  bool AwaitsPermit(const LegPlace& place);
  void Abandon(AskId id, TimePoint now);
  void Interrupt(AskId id, TimePoint now);
  void Cancel(AskId id);
  void OnReady(TimePoint now);
  std::vector<AskResult> TakeFinished() { return std::exchange(finished_, {}); }
  [[nodiscard]] std::optional<TimePoint> NextDeadline() const;
  [[nodiscard]] std::size_t InFlight() const { return transfers_.size(); }
  [[nodiscard]] std::size_t Waiting() const { return asks_.size(); }
  [[nodiscard]] std::vector<ProviderStatus> Providers(TimePoint now) const;

 private:
  static constexpr std::size_t kWholeAsk = static_cast<std::size_t>(-1);

  AskRun* FindAsk(AskId id);
  LegRun* FindLeg(const LegPlace& place);
  ProviderLine& LineOf(const ProviderConfig& provider);

  void StartLeg(AskRun& ask, std::size_t leg, TimePoint now);
  void Do(const LegAction& action, AskRun& ask, std::size_t leg, TimePoint now);
  void Want(const SendAttempt& attempt, AskRun& ask, std::size_t leg, TimePoint now);
  void Pause(TimePoint until, AskRun& ask, std::size_t leg, TimePoint now);
  void SendWhatMay(TimePoint now) {
    while (const auto turn = queue_.Pop()) TakeTurn(*turn, now);
  }
  void TakeTurn(const SendQueue::Turn& turn, TimePoint now);
  void Send(AskRun& ask, std::size_t leg, TimePoint now);

  void OnCompletion(const http::Completion& completion, TimePoint now);
  void OnAlarm(const LegPlace& place, TimePoint now);
  void Expire(AskRun& ask, TimePoint now);
  void Refuse(const AskRun& ask, LegRun& run, TimePoint now);
  void Conclude(LegRun& run, Sign sign, TimePoint now);
  void End(const AskRun& ask, LegRun& run, ErrorReason reason, TimePoint now);
  void CancelLeg(const AskRun& ask, LegRun& run, TimePoint now);
  void DropTransfer(LegRun& run);
  void FinishIfDone(AskRun& ask);
  void Forget(const AskRun& ask);

  http::Transport& transport_;
  std::function<double()> jitter_;
  AttemptObserver on_attempt_;
  bool breaks_;
  AskId last_id_ = 0;
  /// By name and base_url. Never shrinks: there are as many as there were rows of `providers`.
  std::map<std::pair<std::string, std::string>, ProviderLine> lines_;
  std::map<AskId, AskRun> asks_;
  std::vector<LegPlace> wanted_;  ///< legs whose intents were not taken yet
  SendQueue queue_;               ///< legs that are permitted
  std::unordered_map<http::TransferId, LegPlace> transfers_;
  /// Retries, and with kWholeAsk the deadlines of requests, the earliest first.
  std::set<std::pair<TimePoint, LegPlace>> alarms_;
  std::vector<AskResult> finished_;
};

// --- what the host says -------------------------------------------------------------------------

AskId MultiProviderRouter::Impl::Start(Ask ask, TimePoint now) {
  const AskId id = ++last_id_;
  AskRun& run = asks_[id];
  run = {id, ask.purpose, std::move(ask.question), now, ask.deadline, {}};
  run.legs.reserve(ask.legs.size());
  const bool guarded = breaks_ && ask.purpose != Purpose::kVerify;
  for (Leg& leg : ask.legs) {
    ProviderLine& line = LineOf(leg.provider);
    run.legs.emplace_back(std::move(leg), ask.deadline, line);
    run.legs.back().guarded = guarded;
    run.legs.back().result.purpose = ask.purpose;
  }
  alarms_.emplace(run.deadline + kGrace, LegPlace{id, kWholeAsk});
  for (std::size_t leg = 0; leg < run.legs.size(); ++leg) StartLeg(run, leg, now);
  FinishIfDone(run);
  return id;
}

void MultiProviderRouter::Impl::StartLeg(AskRun& ask, std::size_t leg, TimePoint now) {
  LegRun& run = ask.legs[leg];
  if (auto error = Unstartable(run)) {
    run.result.error = std::move(error);
    run.life.End();
  } else if (now < ask.deadline) {
    Do(run.life.Start(), ask, leg, now);
  }
}

std::vector<Intent> MultiProviderRouter::Impl::TakeIntents() {
  std::vector<Intent> intents;
  for (const LegPlace& place : std::exchange(wanted_, {})) {
    LegRun* run = FindLeg(place);
    if (run == nullptr || run->life.phase() != LegPhase::kWanting) continue;
    run->life.OnAsked();
    const LegKey& key = run->leg.keys[run->next.key];
    const auto& done = run->result.attempts;
    intents.push_back({place.ask, place.leg, run->next.number, key.source, key.key_id,
                       done.empty() ? std::nullopt : std::optional(done.back())});
  }
  return intents;
}

bool MultiProviderRouter::Impl::AwaitsPermit(const LegPlace& place) {
  const LegRun* run = FindLeg(place);
  return run != nullptr && run->life.phase() == LegPhase::kAsked;
}

void MultiProviderRouter::Impl::Permit(const LegPlace& place, TimePoint now) {
  if (!AwaitsPermit(place)) return;
  LegRun* run = FindLeg(place);
  run->life.OnPermit();
  OpenAttempt(*run, now);
  queue_.Push(run->line->sends, place);
  SendWhatMay(now);
}

void MultiProviderRouter::Impl::Abandon(AskId id, TimePoint now) {
  AskRun* ask = FindAsk(id);
  if (ask == nullptr) return;
  for (LegRun& run : ask->legs) {
    if (run.life.phase() != LegPhase::kSending) CancelLeg(*ask, run, now);
    run.life.ForgoRetries();
  }
  FinishIfDone(*ask);
}

void MultiProviderRouter::Impl::Interrupt(AskId id, TimePoint now) {
  AskRun* ask = FindAsk(id);
  if (ask == nullptr) return;
  for (LegRun& run : ask->legs) CancelLeg(*ask, run, now);
  FinishIfDone(*ask);
  SendWhatMay(now);
}

void MultiProviderRouter::Impl::Cancel(AskId id) {
  AskRun* ask = FindAsk(id);
  if (ask == nullptr) return;
  for (LegRun& run : ask->legs) {
    DropTransfer(run);
    ReleaseProbe(run);
  }
  Forget(*ask);
}

void MultiProviderRouter::Impl::OnReady(TimePoint now) {
  for (const http::Completion& completion : transport_.TakeCompleted()) {
    OnCompletion(completion, now);
  }
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    const LegPlace place = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    OnAlarm(place, now);
  }
  SendWhatMay(now);
}

/// A slot that Cancel freed is for others, and only OnReady can give it to them.
std::optional<TimePoint> MultiProviderRouter::Impl::NextDeadline() const {
  if (queue_.HasTurn()) return TimePoint();
  return alarms_.empty() ? std::nullopt : std::optional(alarms_.begin()->first);
}

std::vector<ProviderStatus> MultiProviderRouter::Impl::Providers(TimePoint now) const {
  std::vector<ProviderStatus> all;
  for (const auto& [key, line] : lines_) {
    all.push_back({key.first, key.second, line.sends.in_flight(), line.breaker.state(now),
                   line.breaker.open_until()});
  }
  return all;
}

AskRun* MultiProviderRouter::Impl::FindAsk(AskId id) {
  const auto found = asks_.find(id);
  return found == asks_.end() ? nullptr : &found->second;
}

LegRun* MultiProviderRouter::Impl::FindLeg(const LegPlace& place) {
  AskRun* ask = FindAsk(place.ask);
  return ask == nullptr || place.leg >= ask->legs.size() ? nullptr : &ask->legs[place.leg];
}

ProviderLine& MultiProviderRouter::Impl::LineOf(const ProviderConfig& provider) {
  ProviderLine& line = lines_[{provider.name, provider.base_url}];
  queue_.SetCap(line.sends, provider.max_in_flight);
  return line;
}

// --- the way out --------------------------------------------------------------------------------

void MultiProviderRouter::Impl::Do(const LegAction& action, AskRun& ask, std::size_t leg,
                                   TimePoint now) {
  if (const auto* attempt = std::get_if<SendAttempt>(&action)) {
    Want(*attempt, ask, leg, now);
  } else if (const auto* wait = std::get_if<WaitUntil>(&action)) {
    Pause(wait->at, ask, leg, now);
  } else {
    ask.legs[leg].leg.keys.clear();  // a secret lives no longer than its use
  }
}

void MultiProviderRouter::Impl::Want(const SendAttempt& attempt, AskRun& ask, std::size_t leg,
                                     TimePoint now) {
  LegRun& run = ask.legs[leg];
  run.next = attempt;
  if (!PassBreaker(run, now)) return Refuse(ask, run, now);
  wanted_.push_back({ask.id, leg});
}

void MultiProviderRouter::Impl::Pause(TimePoint until, AskRun& ask, std::size_t leg,
                                      TimePoint now) {
  LegRun& run = ask.legs[leg];
  const bool in_vain = run.guarded && run.line->breaker.state(until) == BreakerState::kOpen;
  if (in_vain) return Refuse(ask, run, now);
  run.wake_at = until;
  alarms_.emplace(until, LegPlace{ask.id, leg});
}

void MultiProviderRouter::Impl::TakeTurn(const SendQueue::Turn& turn, TimePoint now) {
  AskRun* ask = FindAsk(turn.place.ask);
  LegRun* run = FindLeg(turn.place);
  // Past the deadline the request's own alarm follows.
  if (run == nullptr || run->life.phase() != LegPhase::kPermitted || now >= ask->deadline) {
    return queue_.Release(*turn.line);
  }
  // The breaker may have opened since the attempt was wanted.
  if (PassBreaker(*run, now)) return Send(*ask, turn.place.leg, now);
  queue_.Release(*turn.line);
  Refuse(*ask, *run, now);
  FinishIfDone(*ask);
}

void MultiProviderRouter::Impl::Send(AskRun& ask, std::size_t leg, TimePoint now) {
  LegRun& run = ask.legs[leg];
  run.life.OnSent();
  run.result.attempts.back().started_at = now;
  http::Request request = MakeRequest(ask, run);
  run.result.request_bytes = request.body.size();
  run.transfer = transport_.Start(std::move(request), now);
  transfers_.emplace(*run.transfer, LegPlace{ask.id, leg});
}

// --- the way back -------------------------------------------------------------------------------

void MultiProviderRouter::Impl::OnCompletion(const http::Completion& completion, TimePoint now) {
  const auto found = transfers_.extract(completion.id);
  if (found.empty()) return;
  const auto [id, leg] = found.mapped();
  AskRun& ask = asks_.at(id);
  LegRun& run = ask.legs[leg];
  run.transfer.reset();
  queue_.Release(run.line->sends);
  Reply reply = ReadCompletion(ask, run, completion, now);
  CloseAttempt(run.result.attempts.back(), reply, completion, now);
  Conclude(run, SignOf(ask, run.result.attempts.back(), completion), now);
  const LegAction action = run.life.OnReply(reply, now, jitter_());
  SetOutcome(run.result, std::move(reply));
  Do(action, ask, leg, now);
  FinishIfDone(ask);
}

void MultiProviderRouter::Impl::OnAlarm(const LegPlace& place, TimePoint now) {
  AskRun& ask = asks_.at(place.ask);
  if (place.leg == kWholeAsk) return Expire(ask, now);
  LegRun& run = ask.legs[place.leg];
  run.wake_at.reset();
  // Ended while it waited; or the request's own alarm follows.
  if (run.life.phase() != LegPhase::kWaiting || now >= ask.deadline) return;
  Do(run.life.OnTimer(), ask, place.leg, now);
  FinishIfDone(ask);
}

void MultiProviderRouter::Impl::Expire(AskRun& ask, TimePoint now) {
  for (LegRun& run : ask.legs) {
    if (run.life.done()) continue;
    run.result.error = TimeoutError(ask);
    End(ask, run, ErrorReason::kTimeout, now);
  }
  FinishIfDone(ask);
}

/// What the provider itself said last, if anything, says more than that the breaker is open.
void MultiProviderRouter::Impl::Refuse(const AskRun& ask, LegRun& run, TimePoint now) {
  if (!run.result.error) run.result.error = CircuitOpenError(run, now);
  End(ask, run, ErrorReason::kCircuitOpen, now);
}

/// The last attempt is over.
void MultiProviderRouter::Impl::Conclude(LegRun& run, Sign sign, TimePoint now) {
  if (on_attempt_) on_attempt_(run.leg.provider.name, run.result.attempts.back());
  if (run.guarded) run.line->breaker.Report(sign, std::exchange(run.probe, false), now);
}

/// Ends a leg without a reply, where it is.
void MultiProviderRouter::Impl::End(const AskRun& ask, LegRun& run, ErrorReason reason,
                                    TimePoint now) {
  DropTransfer(run);
  const LegPhase phase = run.life.End();
  const bool sent = phase == LegPhase::kSending;
  if (sent || phase == LegPhase::kPermitted) {
    Attempt& attempt = run.result.attempts.back();
    CloseAttempt(attempt, sent ? CallState::kUnknown : CallState::kSkipped, reason, now);
    Conclude(run, SignOf(ask, attempt), now);
  }
  ReleaseProbe(run);
  run.leg.keys.clear();
}

void MultiProviderRouter::Impl::CancelLeg(const AskRun& ask, LegRun& run, TimePoint now) {
  if (run.life.done()) return;
  run.result.error = CancelledError(run);
  End(ask, run, ErrorReason::kCancelled, now);
}

void MultiProviderRouter::Impl::DropTransfer(LegRun& run) {
  if (!run.transfer) return;
  transport_.Cancel(*run.transfer);
  transfers_.erase(*run.transfer);
  run.transfer.reset();
  queue_.Release(run.line->sends);
}

void MultiProviderRouter::Impl::FinishIfDone(AskRun& ask) {
  if (!IsDone(ask)) return;
  finished_.push_back({ask.id, TakeResults(ask)});
  Forget(ask);
}

void MultiProviderRouter::Impl::Forget(const AskRun& ask) {
  alarms_.erase({ask.deadline + kGrace, LegPlace{ask.id, kWholeAsk}});
  for (std::size_t leg = 0; leg < ask.legs.size(); ++leg) {
    if (const auto& at = ask.legs[leg].wake_at) alarms_.erase({*at, LegPlace{ask.id, leg}});
  }
  asks_.erase(asks_.find(ask.id));
}

// --- the public face ----------------------------------------------------------------------------

MultiProviderRouter::MultiProviderRouter(http::Transport& transport, std::function<double()> jitter,
                                         RouterLimits limits, AttemptObserver on_attempt)
    : impl_(std::make_unique<Impl>(transport, std::move(jitter), limits, std::move(on_attempt))) {}

MultiProviderRouter::~MultiProviderRouter() = default;

AskId MultiProviderRouter::Start(Ask ask, TimePoint now) {
  return impl_->Start(std::move(ask), now);
}
std::vector<Intent> MultiProviderRouter::TakeIntents() {
  return impl_->TakeIntents();
}
void MultiProviderRouter::Permit(AskId ask, std::size_t leg, TimePoint now) {
  impl_->Permit({ask, leg}, now);
}
bool MultiProviderRouter::AwaitsPermit(AskId ask, std::size_t leg) const {
  return impl_->AwaitsPermit({ask, leg});
}
void MultiProviderRouter::Abandon(AskId id, TimePoint now) {
  impl_->Abandon(id, now);
}
void MultiProviderRouter::Interrupt(AskId id, TimePoint now) {
  impl_->Interrupt(id, now);
}
void MultiProviderRouter::Cancel(AskId id) {
  impl_->Cancel(id);
}
void MultiProviderRouter::OnReady(TimePoint now) {
  impl_->OnReady(now);
}
std::vector<AskResult> MultiProviderRouter::TakeFinished() {
  return impl_->TakeFinished();
}
std::optional<TimePoint> MultiProviderRouter::NextDeadline() const {
  return impl_->NextDeadline();
}
std::size_t MultiProviderRouter::InFlight() const {
  return impl_->InFlight();
}
std::size_t MultiProviderRouter::Waiting() const {
  return impl_->Waiting();
}
std::vector<ProviderStatus> MultiProviderRouter::Providers(TimePoint now) const {
  return impl_->Providers(now);
}

}  // namespace byok
