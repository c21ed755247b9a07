#pragma once

#include <vector>

#include "pg/statement.hpp"

#include "dispatch/dispatcher.hpp"

namespace byok::pg {

/// What the transaction of a turn reads before the core decides. The router is the only writer of
/// accounts and counters, so what it reads is what it will change. Arguments and results belong to
/// memory contexts; everything inside the caller's owner section.

/// The accounts of these owners, those who have one.
void LoadAccounts(const Extension& extension, const std::vector<Payer>& owners, Books* books);
/// Makes accounts; an owner may be named twice.
void MakeAccounts(const Extension& extension, const std::vector<Payer>& owners);

/// Whether anybody has a budget.
bool HaveBudgets(const Extension& extension);
/// The owners' budgets for the periods that hold `at`. A counter is made with what was spent since
/// the period began.
void LoadBudgets(const Extension& extension, const std::vector<Payer>& owners, TimestampTz at,
                 Books* books);

/// The requests that the orders' idempotency keys were used for.
void LoadKnownRequests(const Extension& extension, const std::vector<IdempotencyId>& ids,
                       KnownRequests* known);

/// Committed requests for credit that are not booked, the oldest first: at most `limit`, and all of
/// these owners; without those of `skip`.
void LoadCredits(const Extension& extension, int limit, const std::vector<Payer>& owners,
                 const std::vector<std::int64_t>& skip, std::vector<CreditRequest>* credits);
/// Takes them off the list; of corrections writes what they say.
void CloseCredits(const Extension& extension, const std::vector<CreditRequest>& credits,
                  TimestampTz at);

}  // namespace byok::pg
