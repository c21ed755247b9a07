#include "dispatch/rows.hpp"

#include <algorithm>
#include <iterator>
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

/// Which attempt of which call.
Json CallKey(const Job& job, const std::string& provider, Purpose purpose, int attempt) {
  return Json::MakeObject()
      .Set("request_id", job.order.request_id)
      .Set("provider", provider)
      .Set("purpose", PurposeName(purpose))
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

Json ToJson(std::optional<std::int64_t> number) {
  return number ? Json(*number) : Json();
}

/// The other side of a credit: where the money came from.
std::string ContraOf(const std::string& type) {
  if (type == "purchase") return "platform:cash";
  if (type == "promo") return "platform:promo";
  return type == "refund" ? "platform:revenue" : "platform:adjust";
}

/// Who pays, when there is something to pay.
Json AccountOf(const Job& job, const Books& books) {
  const Account* account = books.accounts.Find(job.pricing.payer);
  return account == nullptr ? Json() : Json(account->id);
}

void AddHold(const Job& job, const Books& books, RowBatch& rows) {
  const Usd hold = HoldOf(job);
  if (hold.IsZero()) return;
  rows.holds.Append(Json::MakeObject()
                        .Set("request_id", job.order.request_id)
                        .Set("account_id", AccountOf(job, books))
                        .Set("amount_usd", ToJson(hold)));
}

void AddKey(const Job& job, RowBatch& rows) {
  if (!job.order.options.idempotency_key) return;
  const IdempotencyId id = IdempotencyIdOf(job.order);
  rows.keys.Append(Json::MakeObject()
                       .Set("tenant_id", id.tenant_id)
                       .Set("user_id", id.user_id)
                       .Set("idempotency_key", id.key)
                       .Set("request_hash", job.order.request_hash)
                       .Set("request_id", job.order.request_id));
}

void AddEntry(const LedgerEntry& entry, RowBatch& rows) {
  rows.entries.Append(Json::MakeObject()
                          .Set("account_id", entry.account_id)
                          .Set("user_id", entry.owner_id)
                          .Set("amount_cents", entry.cents)
                          .Set("type", entry.type)
                          .Set("description", entry.description)
                          .Set("metadata", entry.metadata)
                          .Set("amount_usd", ToJson(entry.amount))
                          .Set("balance_after_usd", ToJson(entry.balance_after))
                          .Set("contra", entry.contra)
                          .Set("request_id", ToJson(entry.request_id))
                          .Set("reverses_id", ToJson(entry.reverses_id))
                          .Set("credit_request_id", ToJson(entry.credit_request_id))
                          .Set("idempotency_key", ToJson(entry.idempotency_key)));
}

LedgerEntry ChargeEntry(const Job& job) {
  LedgerEntry entry;
  entry.type = "triangle_query";
  entry.description = job.settlement.description;
  entry.metadata = LedgerMetadata(job);
  entry.amount = -job.settlement.charge;
  entry.request_id = job.order.request_id;
  return entry;
}

/// Results and errors are kept for those who come back for them; a caller who waits has them.
void SetOutcome(const Job& job, Json& row) {
  if (!IsKept(job)) return;
  if (const Status error = ErrorOf(job); !error.ok()) row.Set("error", ErrorToJson(error));
  row.Set("result", job.result);
}

/// What the counters of the job's owners move by; nothing while nobody has a budget.
BudgetMoves MovesOf(const Job& job, const std::vector<Spend>& spends, const Books& books) {
  BudgetMoves moves;
  if (books.has_budgets) AddMoves(OwnersOf(job.order), spends, job.pricing.started_at, moves);
  return moves;
}

/// Whether what the leg is charged is taken out of something that ends.
bool IsLimited(const Job& job, const LegBound& bound, const Books& books) {
  const Account* account = books.accounts.Find(job.pricing.payer);
  return (account != nullptr && !account->debt_allowed) ||
         books.budgets.Limits(OwnersOf(job.order), bound.provider);
}

/// The legs whose charge has a limit must have a price: without one no hold could keep it.
Status CheckLimited(const Job& job, const Books& books) {
  std::vector<LegBound> limited;
  std::copy_if(job.bounds.begin(), job.bounds.end(), std::back_inserter(limited),
               [&](const LegBound& bound) { return IsLimited(job, bound, books); });
  return CheckPriced(limited);
}

}  // namespace

Status Admit(const Job& job, Books& books) {
  if (Status status = CheckLimited(job, books); !status.ok()) return status;
  const Usd hold = HoldOf(job);
  if (hold.IsZero()) return {};
  const BudgetMoves moves = MovesOf(job, BoundsOf(job), books);
  if (Status status = books.budgets.Check(moves); !status.ok()) return status;
  if (Status status = CheckCredit(*books.accounts.Find(job.pricing.payer), hold); !status.ok())
    return status;
  books.accounts.Hold(job.pricing.payer, hold);
  books.budgets.Apply(moves);
  return {};
}

void AddRequest(const Job& job, const Books& books, RowBatch& rows) {
  AddHold(job, books, rows);
  AddKey(job, rows);
  Json row = Json::MakeObject()
                 .Set("id", job.order.request_id)
                 .Set("account_id", AccountOf(job, books))
                 .Set("bound_usd", ToJson(HoldOf(job)));
  if (job.order.queued) {
    rows.admitted.Append(std::move(row));
    return;
  }
  row.Set("user_id", job.order.user_id)
      .Set("tenant_id", ToJson(job.order.tenant_id))
      .Set("lease_ms", std::int64_t{job.order.options.timeout.count()} + kLeaseGraceMs)
      .Set("idempotency_key", ToJson(job.order.options.idempotency_key));
  rows.requests.Append(std::move(row));
}

void AddIntent(const Job& job, const Intent& intent, RowBatch& rows) {
  const bool is_extra = intent.ask == job.extra_ask;
  const std::size_t place = is_extra ? job.bounds.size() - 1 : job.asked[intent.leg];
  const LegBound& bound = job.bounds[place];
  const LegResult& leg = is_extra ? *job.extra_result : job.legs[place];
  rows.intents.Append(
      CallKey(job, leg.provider, leg.purpose, intent.attempt)
          .Set("model", leg.model_asked)
          .Set("key_source", KeySourceName(intent.key_source))
          .Set("credential_id", ToJson(intent.key_id))
          .Set("bound_input_tokens",
               bound.max_input_tokens ? Json(*bound.max_input_tokens - kTokenSlack) : Json())
          .Set("max_output_tokens",
               is_extra ? job.extra->question.max_tokens : job.order.options.max_tokens)
          .Set("bound_cost_usd", ToJson(bound.cost))
          .Set("reserved_usd", ToJson(is_extra ? Usd() : ReservedBy(job, place))));
  if (!intent.previous) return;
  rows.outcomes.Append(CallKey(job, leg.provider, leg.purpose, intent.previous->number)
                           .Set("state", CallStateName(intent.previous->state))
                           .Set("http_status", intent.previous->http_status));
}

void AddSettlement(const Job& job, Books& books, RowBatch& rows) {
  if (job.intended) books.accounts.Release(job.pricing.payer, HoldOf(job));
  if (!job.settlement.charge.IsZero()) {
    AddEntry(books.accounts.Post(job.pricing.payer, ChargeEntry(job)), rows);
  }
  if (job.intended) books.budgets.Apply(MovesOf(job, ChangesOf(job), books));
  Json row = Json::MakeObject()
                 .Set("id", job.order.request_id)
                 .Set("state", FinalState(job))
                 .Set("account_id", AccountOf(job, books))
                 .Set("charged_usd", ToJson(job.settlement.charge))
                 .Set("surcharge_usd", ToJson(job.settlement.surcharge));
  SetOutcome(job, row);
  rows.settled.Append(std::move(row));
  for (const SettledCall& call : job.settlement.calls) {
    rows.calls.Append(CallToJson(call)
                          .Set("request_id", job.order.request_id)
                          .Set("purpose", PurposeName(call.purpose)));
  }
}

void AddRefusal(const std::string& request_id, const Status& why, RowBatch& rows) {
  rows.refused.Append(Json::MakeObject().Set("id", request_id).Set("error", ErrorToJson(why)));
}

void AddRepeat(const std::string& request_id, const AskReply& outcome, RowBatch& rows) {
  Json row = Json::MakeObject().Set("id", request_id);
  row.Set("state", outcome.status.ok() ? "succeeded" : "failed");
  if (!outcome.status.ok()) row.Set("error", ErrorToJson(outcome.status));
  if (auto result = Json::Parse(outcome.result); result.ok()) row.Set("result", *result);
  rows.repeated.Append(std::move(row));
}

bool IsPosted(const CreditRequest& credit) {
  return !credit.owner.id.empty() && !credit.amount.IsZero();
}

void AddCredit(const CreditRequest& credit, Books& books, RowBatch& rows) {
  if (!IsPosted(credit)) return;
  LedgerEntry entry;
  entry.type = credit.type;
  entry.description = credit.description;
  entry.contra = ContraOf(credit.type);
  entry.amount = credit.amount;
  entry.request_id = credit.request_id;
  entry.reverses_id = credit.reverses_id;
  entry.credit_request_id = credit.id;
  entry.idempotency_key = credit.idempotency_key;
  AddEntry(books.accounts.Post(credit.owner, std::move(entry)), rows);
}

void AddFigures(const Books& books, RowBatch& rows) {
  for (const Account* account : books.accounts.Changed()) {
    rows.accounts.Append(Json::MakeObject()
                             .Set("id", account->id)
                             .Set("posted_usd", ToJson(account->posted))
                             .Set("held_usd", ToJson(account->held))
                             .Set("carry_usd", ToJson(account->carry))
                             .Set("credit_limit_usd", ToJson(account->credit_limit))
                             .Set("debt_allowed", account->debt_allowed)
                             .Set("version", account->version));
  }
  for (const auto& [key, amount] : books.budgets.Moved()) {
    rows.budgets.Append(Json::MakeObject()
                            .Set("owner_kind", key.owner.kind)
                            .Set("owner_id", key.owner.id)
                            .Set("provider", key.provider)
                            .Set("period", key.period)
                            .Set("period_start", key.period_start)
                            .Set("amount_usd", ToJson(amount)));
  }
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
