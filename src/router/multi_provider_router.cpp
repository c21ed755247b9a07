#include "router/multi_provider_router.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "router/leg_life.hpp"
#include "router/provider.hpp"
#include "router/provider_error.hpp"
#include "router/redact.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;

/// The transport keeps the deadline and knows how far a transfer came, so whether it may be billed.
/// It gets this long to say so before the router cuts a leg itself and has to assume the worst.
constexpr Milliseconds kGrace{25};

/// One leg under way.
struct LegRun {
  LegRun(Leg given, TimePoint deadline)
      : leg(std::move(given)),
        dialect(FindDialect(leg.provider.dialect)),
        life({leg.keys.size(), leg.provider.max_retries, deadline}) {
    result.provider = leg.provider.name;
    result.model_asked = leg.provider.model;
  }

  Leg leg;
  const Provider* dialect;
  LegLife life;
  std::size_t key = 0;  ///< in leg.keys, of the attempt under way
  std::optional<http::TransferId> transfer;
  std::optional<TimePoint> wake_at;  ///< when it waits to send again
  LegResult result;
};

/// One request under way.
struct AskRun {
  AskId id = 0;
  Purpose purpose = Purpose::kAnswer;
  Question question;
  TimePoint started_at;
  TimePoint deadline;
  std::vector<LegRun> legs;
};

Milliseconds Elapsed(TimePoint from, TimePoint to) {
  return std::chrono::round<Milliseconds>(to - from);
}

/// The header's whole value, never held by anything but Secrets.
Secret JoinSecret(std::string_view prefix, const Secret& key) {
  Secret value(prefix.size() + key.size());
  const ByteView head = AsBytes(prefix);
  const auto end = std::copy(head.begin(), head.end(), value.mutable_bytes().begin());
  std::copy(key.bytes().begin(), key.bytes().end(), end);
  return value;
}

http::Request MakeRequest(const AskRun& ask, const LegRun& run) {
  const ProviderConfig& provider = run.leg.provider;
  const Secret& key = run.leg.keys[run.key].key;
  http::Request request = ask.purpose == Purpose::kVerify
                              ? run.dialect->BuildVerification(provider)
                              : run.dialect->BuildRequest(provider, ask.question);
  if (!key.empty() && !provider.auth_header.empty()) {
    request.secret_header = provider.auth_header;
    request.secret_value = JoinSecret(provider.auth_prefix, key);
  }
  request.deadline = ask.deadline;
  request.connect_timeout = provider.connect_timeout;
  request.allow_private = provider.allow_private;
  return request;
}

/// A provider that echoes a key, in its answer or in what looks like a name or an id, tells it to
/// nobody.
void ConcealKeys(Reply& reply, const std::vector<LegKey>& keys) {
  std::vector<std::string_view> secrets;
  secrets.reserve(keys.size());
  for (const LegKey& key : keys) secrets.push_back(key.key.Reveal());
  if (CarriesSecret(reply.request_id, secrets)) reply.request_id.clear();
  auto* answer = std::get_if<Answer>(&reply.outcome);
  if (answer == nullptr) return;
  answer->text = ConcealSecrets(std::move(answer->text), secrets);
  if (CarriesSecret(answer->model, secrets)) answer->model.clear();
  if (CarriesSecret(answer->service_tier, secrets)) answer->service_tier = "unknown";
}

Reply ReadResponse(const AskRun& ask, const LegRun& run, const http::Response& response) {
  const std::string_view key = run.leg.keys[run.key].key.Reveal();
  Reply reply = ask.purpose == Purpose::kVerify ? run.dialect->ParseVerification(response, key)
                                                : run.dialect->ParseReply(response, key);
  ConcealKeys(reply, run.leg.keys);
  return reply;
}

/// How long the user waited, when the deadline ended it (the transport's clock may be a little
/// early), else how long this attempt took to fail.
Reply ReadFailure(const AskRun& ask, const LegRun& run, const http::Failure& failure,
                  TimePoint now) {
  const bool at_deadline = failure.timed_out && now + kGrace >= ask.deadline;
  const TimePoint attempt_started = run.result.attempts.back().started_at;
  return FailureReply(
      failure, at_deadline ? Elapsed(ask.started_at, ask.deadline) : Elapsed(attempt_started, now));
}

void OpenAttempt(LegRun& run, int number, TimePoint now) {
  Attempt attempt;
  attempt.number = number;
  attempt.key_source = run.leg.keys[run.key].source;
  attempt.key_id = run.leg.keys[run.key].key_id;
  attempt.model = run.leg.provider.model;
  attempt.started_at = now;
  run.result.key_source = attempt.key_source;
  run.result.attempts.push_back(std::move(attempt));
}

void CloseAttempt(Attempt& attempt, CallState state, std::optional<ErrorReason> error,
                  TimePoint now) {
  attempt.state = state;
  attempt.error = error;
  attempt.ended_at = now;
  attempt.latency = Elapsed(attempt.started_at, now);
}

void CloseAttempt(Attempt& attempt, const Reply& reply, int http_status, TimePoint now) {
  const auto* error = std::get_if<LegError>(&reply.outcome);
  CloseAttempt(attempt, reply.state, error ? std::optional(error->reason) : std::nullopt, now);
  attempt.http_status = http_status;
  attempt.provider_request_id = reply.request_id;
  attempt.usage = reply.usage;
  if (!error) attempt.model = std::get<Answer>(reply.outcome).model;
}

void NameModel(Reply& reply, const std::string& asked) {
  auto* answer = std::get_if<Answer>(&reply.outcome);
  if (answer != nullptr && answer->model.empty()) answer->model = asked;
}

void SetOutcome(LegResult& result, Reply reply) {
  if (auto* answer = std::get_if<Answer>(&reply.outcome)) {
    result.answer = std::move(*answer);
  } else {
    result.error = std::move(std::get<LegError>(reply.outcome));
  }
}

/// Why a leg cannot even start, if so.
std::optional<LegError> Unstartable(const Leg& leg, const Provider* dialect) {
  if (leg.keys.empty()) return LocalError(ErrorReason::kNoKey, "no key is available");
  if (dialect != nullptr) return std::nullopt;
  return LocalError(
      ErrorReason::kBadRequest,
      "dialect \"" + leg.provider.dialect + "\" is not known, only " + DialectNames() + " are");
}

}  // namespace

class MultiProviderRouter::Impl {
 public:
  Impl(http::Transport& transport, std::function<double()> jitter)
      : transport_(transport), jitter_(std::move(jitter)) {}

  AskId Start(Ask ask, TimePoint now);
  void Cancel(AskId id);
  void OnReady(TimePoint now);
  std::vector<AskResult> TakeFinished() { return std::exchange(finished_, {}); }
  [[nodiscard]] std::optional<TimePoint> NextDeadline() const;

 private:
  /// A leg of a request, or with kWholeAsk the request itself.
  struct Place {
    AskId ask;
    std::size_t leg;
    auto operator<=>(const Place&) const = default;
  };
  static constexpr std::size_t kWholeAsk = static_cast<std::size_t>(-1);

  void StartLeg(AskRun& ask, std::size_t leg, TimePoint now);
  void Do(const LegAction& action, AskRun& ask, std::size_t leg, TimePoint now);
  void Send(const SendAttempt& attempt, AskRun& ask, std::size_t leg, TimePoint now);
  void OnCompletion(const http::Completion& completion, TimePoint now);
  void OnAlarm(const Place& place, TimePoint now);
  void Expire(AskRun& ask, TimePoint now);
  void DropTransfer(LegRun& run);
  void FinishIfDone(AskRun& ask);
  void Forget(const AskRun& ask);

  http::Transport& transport_;
  std::function<double()> jitter_;
  AskId last_id_ = 0;
  std::map<AskId, AskRun> asks_;
  std::unordered_map<http::TransferId, Place> transfers_;
  std::set<std::pair<TimePoint, Place>> alarms_;  ///< retries and deadlines, the earliest first
  std::vector<AskResult> finished_;
};

AskId MultiProviderRouter::Impl::Start(Ask ask, TimePoint now) {
  const AskId id = ++last_id_;
  AskRun& run = asks_[id];
  run = {id, ask.purpose, std::move(ask.question), now, ask.deadline, {}};
  run.legs.reserve(ask.legs.size());
  for (Leg& leg : ask.legs) run.legs.emplace_back(std::move(leg), ask.deadline);
  alarms_.emplace(run.deadline + kGrace, Place{id, kWholeAsk});
  for (std::size_t leg = 0; leg < run.legs.size(); ++leg) StartLeg(run, leg, now);
  FinishIfDone(run);
  return id;
}

void MultiProviderRouter::Impl::StartLeg(AskRun& ask, std::size_t leg, TimePoint now) {
  LegRun& run = ask.legs[leg];
  if (auto error = Unstartable(run.leg, run.dialect)) {
    run.result.error = std::move(error);
    run.life.Interrupt();
  } else if (now < ask.deadline) {
    Do(run.life.Start(), ask, leg, now);
  }
}

void MultiProviderRouter::Impl::Do(const LegAction& action, AskRun& ask, std::size_t leg,
                                   TimePoint now) {
  if (const auto* attempt = std::get_if<SendAttempt>(&action)) {
    Send(*attempt, ask, leg, now);
  } else if (const auto* wait = std::get_if<WaitUntil>(&action)) {
    ask.legs[leg].wake_at = wait->at;
    alarms_.emplace(wait->at, Place{ask.id, leg});
  } else {
    ask.legs[leg].leg.keys.clear();  // a secret lives no longer than its use
  }
}

void MultiProviderRouter::Impl::Send(const SendAttempt& attempt, AskRun& ask, std::size_t leg,
                                     TimePoint now) {
  LegRun& run = ask.legs[leg];
  run.key = attempt.key;
  OpenAttempt(run, attempt.number, now);
  http::Request request = MakeRequest(ask, run);
  run.result.request_bytes = request.body.size();
  run.transfer = transport_.Start(std::move(request), now);
  transfers_.emplace(*run.transfer, Place{ask.id, leg});
}

void MultiProviderRouter::Impl::OnReady(TimePoint now) {
  for (const http::Completion& completion : transport_.TakeCompleted()) {
    OnCompletion(completion, now);
  }
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    const Place place = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    OnAlarm(place, now);
  }
}

void MultiProviderRouter::Impl::OnCompletion(const http::Completion& completion, TimePoint now) {
  const auto found = transfers_.extract(completion.id);
  if (found.empty()) return;
  const auto [id, leg] = found.mapped();
  AskRun& ask = asks_.at(id);
  LegRun& run = ask.legs[leg];
  run.transfer.reset();
  const auto* response = std::get_if<http::Response>(&completion.outcome);
  Reply reply = response ? ReadResponse(ask, run, *response)
                         : ReadFailure(ask, run, std::get<http::Failure>(completion.outcome), now);
  NameModel(reply, run.leg.provider.model);
  CloseAttempt(run.result.attempts.back(), reply, response ? response->status : 0, now);
  const LegAction action = run.life.OnReply(reply, now, jitter_());
  Do(action, ask, leg, now);
  if (run.life.done()) SetOutcome(run.result, std::move(reply));
  FinishIfDone(ask);
}

void MultiProviderRouter::Impl::OnAlarm(const Place& place, TimePoint now) {
  AskRun& ask = asks_.at(place.ask);
  if (place.leg == kWholeAsk) {
    Expire(ask, now);
  } else if (now < ask.deadline) {  // else the request's own alarm follows
    ask.legs[place.leg].wake_at.reset();
    Do(ask.legs[place.leg].life.OnTimer(), ask, place.leg, now);
  }
}

void MultiProviderRouter::Impl::Expire(AskRun& ask, TimePoint now) {
  const auto waited = std::max(Milliseconds(0), Elapsed(ask.started_at, ask.deadline));
  for (LegRun& run : ask.legs) {
    if (run.life.done()) continue;
    DropTransfer(run);
    if (run.life.Interrupt()) {
      CloseAttempt(run.result.attempts.back(), CallState::kUnknown, ErrorReason::kTimeout, now);
    }
    run.result.error = LocalError(ErrorReason::kTimeout,
                                  "timed out after " + std::to_string(waited.count()) + " ms");
  }
  FinishIfDone(ask);
}

void MultiProviderRouter::Impl::FinishIfDone(AskRun& ask) {
  const bool done = std::all_of(ask.legs.begin(), ask.legs.end(),
                                [](const LegRun& run) { return run.life.done(); });
  if (!done) return;
  AskResult result{ask.id, {}};
  for (LegRun& run : ask.legs) result.legs.push_back(std::move(run.result));
  finished_.push_back(std::move(result));
  Forget(ask);
}

void MultiProviderRouter::Impl::Cancel(AskId id) {
  const auto found = asks_.find(id);
  if (found == asks_.end()) return;
  for (LegRun& run : found->second.legs) DropTransfer(run);
  Forget(found->second);
}

void MultiProviderRouter::Impl::DropTransfer(LegRun& run) {
  if (!run.transfer) return;
  transport_.Cancel(*run.transfer);
  transfers_.erase(*run.transfer);
  run.transfer.reset();
}

void MultiProviderRouter::Impl::Forget(const AskRun& ask) {
  alarms_.erase({ask.deadline + kGrace, Place{ask.id, kWholeAsk}});
  for (std::size_t leg = 0; leg < ask.legs.size(); ++leg) {
    if (const auto& at = ask.legs[leg].wake_at) alarms_.erase({*at, Place{ask.id, leg}});
  }
  asks_.erase(asks_.find(ask.id));
}

std::optional<TimePoint> MultiProviderRouter::Impl::NextDeadline() const {
  return alarms_.empty() ? std::nullopt : std::optional(alarms_.begin()->first);
}

MultiProviderRouter::MultiProviderRouter(http::Transport& transport, std::function<double()> jitter)
    : impl_(std::make_unique<Impl>(transport, std::move(jitter))) {}

MultiProviderRouter::~MultiProviderRouter() = default;

AskId MultiProviderRouter::Start(Ask ask, TimePoint now) {
  return impl_->Start(std::move(ask), now);
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

}  // namespace byok
