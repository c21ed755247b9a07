#pragma once

#include <string>

#include "base/json.hpp"
#include "billing/account_book.hpp"
#include "billing/budget.hpp"

#include "dispatch/idempotency.hpp"
#include "dispatch/job.hpp"

namespace byok {

/// What the transaction of a turn has read before anything is decided.
struct Books {
  AccountBook accounts;
  BudgetBook budgets;
  bool has_budgets = false;  ///< whether anybody has one
};

/// A row of credit_requests that is committed and not booked, with what it refers to.
struct CreditRequest {
  std::int64_t id = 0;
  std::string kind;  ///< grant, refund or correction
  Payer owner;       ///< of a refund the one who was charged; nobody when nothing was
  Usd amount;        ///< what is credited; of a refund what was charged
  std::string type{}, description{};
  std::optional<std::string> request_id{};
  std::optional<std::int64_t> reverses_id{};
  std::optional<std::string> idempotency_key{};
};

/// Whether it moves an account: a correction and the refund of a query that was free do not.
bool IsPosted(const CreditRequest& credit);

/// What some requests want written, as JSON arrays of objects whose members are the tables'
/// columns. One statement of the host takes each, so that many requests share one commit.
struct RowBatch {
  Json requests = Json::MakeArray();  ///< INTENT: new triangle_requests, in state running
  Json admitted = Json::MakeArray();  ///< INTENT: the bounds of queued triangle_requests
  Json keys = Json::MakeArray();      ///< INTENT: idempotency_keys taken
  Json holds = Json::MakeArray();     ///< INTENT: credit_holds
  Json intents = Json::MakeArray();   ///< INTENT: new triangle_calls, in state intent
  Json outcomes = Json::MakeArray();  ///< INTENT of a retry: how the attempt before it ended
  Json settled = Json::MakeArray();   ///< SETTLE: the triangle_requests that ended
  Json calls = Json::MakeArray();     ///< SETTLE: their triangle_calls, priced
  Json refused = Json::MakeArray();   ///< queued triangle_requests that are not asked
  Json repeated = Json::MakeArray();  ///< queued ones that got the outcome of another
  Json entries = Json::MakeArray();   ///< credit_transactions, in their order
  Json accounts = Json::MakeArray();  ///< credit_accounts that moved, as they are now
  Json budgets = Json::MakeArray();   ///< budget_spend: by how much each counter moves
};

/// P0402 when the request's account or budgets do not let it be sent; else puts its hold aside and
/// counts its bounds.
Status Admit(const Job& job, Books& books);
/// The request's own row, before its first call, with its hold; of a queued one what was not known
/// before.
void AddRequest(const Job& job, const Books& books, RowBatch& rows);
/// The row of an attempt that is about to be sent, and the outcome of the one before it.
void AddIntent(const Job& job, const Intent& intent, RowBatch& rows);
/// The bill of a landed request: its hold is gone, its charge posted and counted instead of its
/// bounds.
void AddSettlement(const Job& job, Books& books, RowBatch& rows);
/// A queued request that could not be asked.
void AddRefusal(const std::string& request_id, const Status& why, RowBatch& rows);
/// A queued request whose idempotency key another one has answered.
void AddRepeat(const std::string& request_id, const AskReply& outcome, RowBatch& rows);
/// A grant or a refund, posted.
void AddCredit(const CreditRequest& credit, Books& books, RowBatch& rows);
/// The accounts as they are after all this, and by how much the budgets' counters moved.
void AddFigures(const Books& books, RowBatch& rows);

/// {"sqlstate", "message", "detail", "hint"}: an error as triangle_requests keeps it.
Json ErrorToJson(const Status& status);
/// The error that ErrorToJson wrote; kInternal when the SQLSTATE is none of ours.
Status ErrorFromJson(const Json& error);

}  // namespace byok
