#include "consensus/triangle_answer.hpp"

#include <algorithm>

namespace byok {
namespace {

/// The provider's own word for it: a refusal, or an answer its filter held back.
bool IsRefusal(const Answer& answer) {
  return answer.end == EndReason::kRefused || answer.end == EndReason::kFiltered;
}

bool HasText(const Answer& answer) {
  return answer.text.find_first_not_of(" \t\r\n") != std::string::npos;
}

bool CountsAsAnswer(const LegResult& leg) {
  return leg.answer && HasText(*leg.answer) && !IsRefusal(*leg.answer);
}

// --- members of the result
// -------------------------------------------------------------------------

/// {"<provider>": …} of the legs for which `value_of` has something to say.
template <typename ValueOf>
Json ByProvider(const std::vector<LegResult>& legs, ValueOf value_of) {
  Json object = Json::MakeObject();
  for (const LegResult& leg : legs) {
    if (std::optional<Json> value = value_of(leg)) object.Set(leg.provider, *std::move(value));
  }
  return object;
}

std::optional<Json> ResponseOf(const LegResult& leg) {
  return leg.answer ? std::optional(Json(leg.answer->text)) : std::nullopt;
}

std::optional<Json> KeySourceOf(const LegResult& leg) {
  return leg.key_source ? std::optional(Json(KeySourceName(*leg.key_source))) : std::nullopt;
}

std::optional<Json> ModelOf(const LegResult& leg) {
  return leg.answer ? std::optional(Json(leg.answer->model)) : std::nullopt;
}

std::optional<Json> UsageOf(const LegResult& leg) {
  if (!leg.answer || !leg.answer->usage) return {};
  const Usage& usage = *leg.answer->usage;
  return Json::MakeObject()
      .Set("input_tokens", usage.input)
      .Set("cached_input_tokens", usage.cached_input)
      .Set("cache_write_tokens", usage.cache_write)
      .Set("output_tokens", usage.output)
      .Set("reasoning_tokens", usage.reasoning);
}

std::optional<Json> ErrorOf(const LegResult& leg) {
  if (!leg.error) return {};
  Json error = Json::MakeObject().Set("reason", ErrorReasonName(leg.error->reason));
  if (leg.error->http_status != 0) error.Set("http_status", leg.error->http_status);
  error.Set("message", leg.error->message).Set("retryable", leg.error->retryable);
  return error;
}

Json AttemptToJson(const LegResult& leg, const Attempt& attempt) {
  Json json = Json::MakeObject()
                  .Set("provider", leg.provider)
                  .Set("key_source", KeySourceName(attempt.key_source))
                  .Set("attempt", attempt.number);
  if (leg.purpose != Purpose::kAnswer) json.Set("purpose", PurposeName(leg.purpose));
  if (attempt.http_status != 0) json.Set("status", attempt.http_status);
  if (attempt.error) json.Set("error", ErrorReasonName(*attempt.error));
  json.Set("latency_ms", static_cast<std::int64_t>(attempt.latency.count()));
  if (!attempt.provider_request_id.empty()) {
    json.Set("provider_request_id", attempt.provider_request_id);
  }
  return json;
}

Json AttemptsToJson(const TriangleAnswer& answer) {
  Json attempts = Json::MakeArray();
  const auto add = [&attempts](const LegResult& leg) {
    for (const Attempt& attempt : leg.attempts) attempts.Append(AttemptToJson(leg, attempt));
  };
  for (const LegResult& leg : answer.legs) add(leg);
  if (answer.extra) add(*answer.extra);
  return attempts;
}

Json AgreementOf(const TriangleAnswer& answer) {
  Json agreement = AgreementToJson(answer.consensus);
  if (!answer.strategy.IsNull()) agreement.Set("strategy", answer.strategy);
  return agreement;
}

// --- too few answers
// -------------------------------------------------------------------------------

/// "HTTP 401, key_rejected: invalid x-api-key", "timeout: no answer within 30 s", "refused".
std::string Outcome(const LegResult& leg) {
  if (leg.error) {
    const std::string status =
        leg.error->http_status == 0 ? "" : "HTTP " + std::to_string(leg.error->http_status) + ", ";
    return status + std::string(ErrorReasonName(leg.error->reason)) + ": " + leg.error->message;
  }
  if (CountsAsAnswer(leg)) return "answered";
  if (leg.answer && IsRefusal(*leg.answer)) return std::string(EndReasonName(leg.answer->end));
  return "empty answer";
}

bool LacksKey(const LegResult& leg) {
  return leg.error && leg.error->reason == ErrorReason::kNoKey;
}

template <typename Clause>
std::string JoinClauses(const std::vector<LegResult>& legs, Clause clause) {
  std::string text;
  for (const LegResult& leg : legs) {
    const std::string words = clause(leg);
    if (!words.empty()) text += (text.empty() ? "" : "; ") + leg.provider + ": " + words;
  }
  return text;
}

Status NoKeyAvailable(const std::vector<LegResult>& legs) {
  const auto first = std::find_if(legs.begin(), legs.end(), LacksKey);
  return Status(StatusCode::kKeyNotFound, "No " + first->provider + " API key available")
      .WithDetail(JoinClauses(
          legs, [](const LegResult& leg) { return LacksKey(leg) ? leg.error->message : ""; }))
      .WithHint(
          "Store one with store_key(), or set the platform's key in the server's environment.");
}

}  // namespace

std::vector<PanelAnswer> PanelOf(const std::vector<LegResult>& legs) {
  std::vector<PanelAnswer> panel;
  for (const LegResult& leg : legs) {
    PanelAnswer& member = panel.emplace_back();
    member.name = leg.provider;
    if (!leg.answer) continue;
    member.text = leg.answer->text;
    member.refused = IsRefusal(*leg.answer);
  }
  return panel;
}

std::size_t CountAnswers(const std::vector<LegResult>& legs) {
  return static_cast<std::size_t>(std::count_if(legs.begin(), legs.end(), CountsAsAnswer));
}

Json TriangleAnswerToJson(const TriangleAnswer& answer) {
  const std::vector<LegResult>& legs = answer.legs;
  const Consensus& consensus = answer.consensus;
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(answer.min_answers, 0));
  return Json::MakeObject()
      .Set("success", CountAnswers(legs) >= wanted)
      .Set("responses", ByProvider(legs, ResponseOf))
      .Set("consensus", consensus.text ? Json(*consensus.text) : Json())
      .Set("confidence", ConfidenceToJson(consensus.agreement))
      .Set("key_sources", ByProvider(legs, KeySourceOf))
      .Set("request_id", answer.request_id)
      .Set("degraded", consensus.agreement.degraded())
      .Set("models", ByProvider(legs, ModelOf))
      .Set("agreement", AgreementOf(answer))
      .Set("usage", ByProvider(legs, UsageOf))
      .Set("charge", answer.charge)
      .Set("errors", ByProvider(legs, ErrorOf))
      .Set("attempts", AttemptsToJson(answer))
      .Set("latency_ms", static_cast<std::int64_t>(answer.latency.count()));
}

Status NotEnoughAnswers(const std::vector<LegResult>& legs, std::int64_t min_answers) {
  const auto lacking = std::count_if(legs.begin(), legs.end(), LacksKey);
  const auto failed = legs.size() - CountAnswers(legs);
  if (lacking > 0 && static_cast<std::size_t>(lacking) == failed) return NoKeyAvailable(legs);
  return Status(StatusCode::kNoAnswer, "could not get an answer from enough providers")
      .WithDetail(JoinClauses(legs, Outcome))
      .WithHint("Option min_answers is " + std::to_string(min_answers) +
                "; with option on_error set to \"return\" the result comes as it is.");
}

}  // namespace byok
