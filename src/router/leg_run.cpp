#include "router/leg_run.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "router/provider_error.hpp"
#include "router/redact.hpp"

namespace byok {
namespace {

using http::Milliseconds;
using http::TimePoint;

/// A provider that is well may need this long. Who waited less learned nothing of it; else a few
/// callers in a hurry could close it to all.
constexpr Milliseconds kFairWait{5000};

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

/// Neither in an answer nor in what looks like a name or an id.
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

void NameModel(Reply& reply, const std::string& asked) {
  auto* answer = std::get_if<Answer>(&reply.outcome);
  if (answer != nullptr && answer->model.empty()) answer->model = asked;
}

Reply ReadResponse(const AskRun& ask, const LegRun& run, const http::Response& response) {
  const std::string_view key = run.leg.keys[run.next.key].key.Reveal();
  Reply reply = ask.purpose == Purpose::kVerify ? run.dialect->ParseVerification(response, key)
                                                : run.dialect->ParseReply(response, key);
  ConcealKeys(reply, run.leg.keys);
  NameModel(reply, run.leg.provider.model);
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

bool WasHurried(const AskRun& ask, const Attempt& attempt) {
  return attempt.http_status == 0 && attempt.ended_at + kGrace >= ask.deadline &&
         attempt.latency < kFairWait;
}

}  // namespace

LegRun::LegRun(Leg given, TimePoint deadline, ProviderLine& its_line)
    : leg(std::move(given)),
      dialect(FindDialect(leg.provider.dialect)),
      line(&its_line),
      life({leg.keys.size(), leg.provider.max_retries, deadline}) {
  result.provider = leg.provider.name;
  result.model_asked = leg.provider.model;
}

bool IsDone(const AskRun& ask) {
  return std::all_of(ask.legs.begin(), ask.legs.end(),
                     [](const LegRun& run) { return run.life.done(); });
}

std::vector<LegResult> TakeResults(AskRun& ask) {
  std::vector<LegResult> results;
  results.reserve(ask.legs.size());
  for (LegRun& run : ask.legs) results.push_back(std::move(run.result));
  return results;
}

std::optional<LegError> Unstartable(const LegRun& run) {
  if (run.leg.keys.empty()) return LocalError(ErrorReason::kNoKey, "no key is available");
  if (run.dialect != nullptr) return std::nullopt;
  return LocalError(
      ErrorReason::kBadRequest,
      "dialect \"" + run.leg.provider.dialect + "\" is not known, only " + DialectNames() + " are");
}

LegError CancelledError(const LegRun& run) {
  const bool waiting_for_answer = run.life.phase() == LegPhase::kSending;
  const bool again = run.result.error.has_value();
  return LocalError(ErrorReason::kCancelled, waiting_for_answer
                                                 ? "cancelled while waiting for the answer"
                                             : again ? "cancelled before it was sent again"
                                                     : "cancelled before it was sent");
}

LegError TimeoutError(const AskRun& ask) {
  const auto waited = std::max(Milliseconds(0), Elapsed(ask.started_at, ask.deadline));
  return LocalError(ErrorReason::kTimeout,
                    "timed out after " + std::to_string(waited.count()) + " ms");
}

LegError CircuitOpenError(const LegRun& run, TimePoint now) {
  return LocalError(ErrorReason::kCircuitOpen,
                    DescribeRefusal(run.leg.provider.name, run.line->breaker, now));
}

bool PassBreaker(LegRun& run, TimePoint now) {
  if (!run.guarded || run.probe) return true;
  const Breaker::Pass pass = run.line->breaker.Request(now);
  run.probe = pass == Breaker::Pass::kProbe;
  return pass != Breaker::Pass::kRefused;
}

void ReleaseProbe(LegRun& run) {
  if (std::exchange(run.probe, false)) run.line->breaker.Release();
}

http::Request MakeRequest(const AskRun& ask, const LegRun& run) {
  const ProviderConfig& provider = run.leg.provider;
  const Secret& key = run.leg.keys[run.next.key].key;
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

Reply ReadCompletion(const AskRun& ask, const LegRun& run, const http::Completion& completion,
                     TimePoint now) {
  const auto* response = std::get_if<http::Response>(&completion.outcome);
  return response ? ReadResponse(ask, run, *response)
                  : ReadFailure(ask, run, std::get<http::Failure>(completion.outcome), now);
}

void OpenAttempt(LegRun& run, TimePoint now) {
  const LegKey& key = run.leg.keys[run.next.key];
  Attempt attempt;
  attempt.number = run.next.number;
  attempt.key_source = key.source;
  attempt.key_id = key.key_id;
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

void CloseAttempt(Attempt& attempt, const Reply& reply, const http::Completion& completion,
                  TimePoint now) {
  const auto* error = std::get_if<LegError>(&reply.outcome);
  const auto* response = std::get_if<http::Response>(&completion.outcome);
  CloseAttempt(attempt, reply.state, error ? std::optional(error->reason) : std::nullopt, now);
  attempt.http_status = response ? response->status : 0;
  attempt.provider_request_id = reply.request_id;
  attempt.usage = reply.usage;
  if (!error) attempt.model = std::get<Answer>(reply.outcome).model;
}

void SetOutcome(LegResult& result, Reply reply) {
  result.error.reset();
  if (auto* answer = std::get_if<Answer>(&reply.outcome)) {
    result.answer = std::move(*answer);
  } else {
    result.error = std::move(std::get<LegError>(reply.outcome));
  }
}

Sign SignOf(const AskRun& ask, const Attempt& attempt) {
  return WasHurried(ask, attempt) ? Sign::kNone : SignOf(attempt);
}

Sign SignOf(const AskRun& ask, const Attempt& attempt, const http::Completion& completion) {
  const auto* failure = std::get_if<http::Failure>(&completion.outcome);
  const bool refused_here = failure != nullptr && failure->phase == http::Phase::kRefused;
  return refused_here ? Sign::kNone : SignOf(ask, attempt);
}

}  // namespace byok
