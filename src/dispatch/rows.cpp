#include "dispatch/rows.hpp"

#include <utility>

namespace byok {
namespace {

/// Beyond the deadline a request is nobody's any more: the router ends every leg by then.
constexpr std::int64_t kLeaseGraceMs = 30'000;

Json ToJson(std::optional<Usd> amount) {
  return amount ? Json::Number(amount->ToString()) : Json();
}

Json ToJson(const std::optional<Uuid>& id) {
  return id ? Json(id->ToString()) : Json();
}

Json ToJson(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json();
}

/// What the platform may be paid for the request: its share of the bounds.
Usd BoundOf(const Job& job) {
  Usd total;
  for (const LegBound& bound : job.bounds) total += bound.charge.value_or(Usd());
  return total;
}

/// Which attempt of which call.
Json CallKey(const Job& job, const std::string& provider, int attempt) {
  return Json::MakeObject()
      .Set("request_id", job.order.request_id)
      .Set("provider", provider)
      .Set("purpose", "answer")
      .Set("attempt", attempt);
}

/// {"key_sources": {…}} as in the seed, and what the caller wanted kept beside it.
Json LedgerMetadata(const Job& job) {
  Json sources = Json::MakeObject();
  for (const LegResult& leg : job.legs) {
    if (leg.key_source) sources.Set(leg.provider, KeySourceName(*leg.key_source));
  }
  Json metadata = Json::MakeObject().Set("key_sources", std::move(sources));
  if (!job.order.options.metadata.IsNull()) metadata.Set("metadata", job.order.options.metadata);
  return metadata;
}

/// Results and errors are kept for those who come back for them; a caller who waits has them.
void SetOutcome(const Job& job, Json& row) {
  if (!job.order.queued) return;
  if (const Status error = ErrorOf(job); !error.ok()) row.Set("error", ErrorToJson(error));
  row.Set("result", job.result);
}

}  // namespace

void AddRequest(const Job& job, RowBatch& rows) {
  Json row =
      Json::MakeObject().Set("id", job.order.request_id).Set("bound_usd", ToJson(BoundOf(job)));
  if (job.order.queued) {
    rows.admitted.Append(std::move(row));
    return;
  }
  row.Set("user_id", job.order.user_id)
      .Set("tenant_id", ToJson(job.order.tenant_id))
      .Set("lease_ms", std::int64_t{job.order.options.timeout.count()} + kLeaseGraceMs);
  rows.requests.Append(std::move(row));
}

void AddIntent(const Job& job, const Intent& intent, RowBatch& rows) {
  const std::size_t leg = job.asked[intent.leg];
  const LegBound& bound = job.bounds[leg];
  const std::string& provider = job.legs[leg].provider;
  rows.intents.Append(
      CallKey(job, provider, intent.attempt)
          .Set("model", job.legs[leg].model_asked)
          .Set("key_source", KeySourceName(intent.key_source))
          .Set("credential_id", ToJson(intent.key_id))
          .Set("bound_input_tokens",
               bound.max_input_tokens ? Json(*bound.max_input_tokens - kTokenSlack) : Json())
          .Set("max_output_tokens", job.order.options.max_tokens)
          .Set("bound_cost_usd", ToJson(bound.cost)));
  if (!intent.previous) return;
  rows.outcomes.Append(CallKey(job, provider, intent.previous->number)
                           .Set("state", CallStateName(intent.previous->state))
                           .Set("http_status", intent.previous->http_status));
}

void AddSettlement(const Job& job, RowBatch& rows) {
  const Posting posting = PostWithCarry(job.settlement.charge, Usd());
  Json row = Json::MakeObject()
                 .Set("id", job.order.request_id)
                 .Set("state", FinalState(job))
                 .Set("charged_usd", ToJson(job.settlement.charge))
                 .Set("amount_usd", ToJson(-job.settlement.charge))
                 .Set("amount_cents", posting.cents)
                 .Set("description", job.settlement.description)
                 .Set("metadata", LedgerMetadata(job));
  SetOutcome(job, row);
  rows.settled.Append(std::move(row));
  for (const SettledCall& call : job.settlement.calls) {
    rows.calls.Append(
        CallToJson(call).Set("request_id", job.order.request_id).Set("purpose", "answer"));
  }
}

void AddRefusal(const std::string& request_id, const Status& why, RowBatch& rows) {
  rows.refused.Append(Json::MakeObject().Set("id", request_id).Set("error", ErrorToJson(why)));
}

Json ErrorToJson(const Status& status) {
  return Json::MakeObject()
      .Set("sqlstate", SqlState(status.code()))
      .Set("message", status.message())
      .Set("detail", status.detail())
      .Set("hint", status.hint());
}

Status ErrorFromJson(const Json& error) {
  const StatusCode code = CodeOfSqlState(error["sqlstate"].AsString().value_or(""));
  return Status(code, error["message"].AsString().value_or("the request failed"))
      .WithDetail(error["detail"].AsString().value_or(""))
      .WithHint(error["hint"].AsString().value_or(""));
}

}  // namespace byok
