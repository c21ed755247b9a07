#include "pg/router_books.hpp"

#include <cstdlib>

#include "pg/owned.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

Statement read_accounts = {R"(
  SELECT a.id, a.owner_kind, a.owner_id, a.posted_usd, a.held_usd, a.carry_usd, a.credit_limit_usd, a.debt_allowed, a.version
    FROM @s@.credit_accounts a
   WHERE a.owner_kind = ANY (ARRAY['user', 'tenant']) AND a.owner_id = ANY ($1))",
                           1,
                           {TEXTARRAYOID}};

Statement insert_accounts = {R"(
  INSERT INTO @s@.credit_accounts (owner_kind, owner_id)
  SELECT DISTINCT o.kind, o.id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS o (kind, id))",
                             2,
                             {TEXTARRAYOID, TEXTARRAYOID}};

// A counter goes on after its budget was taken away: it may be set again.
Statement any_budget = {R"(
  SELECT EXISTS (SELECT FROM @s@.budgets)
      OR EXISTS (SELECT FROM @s@.budget_spend s
                  WHERE s.period_start >= pg_catalog.date_trunc('month', pg_catalog.now() AT TIME ZONE 'UTC')::date))",
                        0,
                        {}};

Statement make_counters = {R"(
  INSERT INTO @s@.budget_spend (owner_kind, owner_id, provider, period, period_start, spent_usd)
  SELECT b.owner_kind, b.owner_id, b.provider, b.period, p.first, @s@.byok_budget_count(b.owner_kind, b.owner_id, b.provider, p.first)
    FROM @s@.budgets b
         CROSS JOIN LATERAL (SELECT pg_catalog.date_trunc(b.period, $2 AT TIME ZONE 'UTC')::date AS first) p
   WHERE b.owner_id = ANY ($1)
     AND NOT EXISTS (SELECT FROM @s@.budget_spend s
                      WHERE (s.owner_kind, s.owner_id, s.provider, s.period, s.period_start)
                            = (b.owner_kind, b.owner_id, b.provider, b.period, p.first)))",
                           2,
                           {TEXTARRAYOID, TIMESTAMPTZOID}};

Statement read_budgets = {R"(
  SELECT b.owner_kind, b.owner_id, b.provider, b.period, s.period_start, b.limit_usd, s.spent_usd
    FROM @s@.budgets b JOIN @s@.budget_spend s
      ON (s.owner_kind, s.owner_id, s.provider, s.period) = (b.owner_kind, b.owner_id, b.provider, b.period)
     AND s.period_start = pg_catalog.date_trunc(b.period, $2 AT TIME ZONE 'UTC')::date
   WHERE b.owner_id = ANY ($1))",
                          2,
                          {TEXTARRAYOID, TIMESTAMPTZOID}};

Statement read_known = {R"(
  SELECT k.tenant_id, k.user_id, k.idempotency_key, pg_catalog.encode(k.request_hash, 'hex'), q.id, q.state, q.result, q.error
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) AS w (tenant_id, user_id, idempotency_key)
         JOIN @s@.idempotency_keys k USING (tenant_id, user_id, idempotency_key)
         JOIN @s@.triangle_requests q ON q.id = k.request_id)",
                        3,
                        {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}};

// Of a refund the account and the amount are those of the charge it takes back.
// The oldest, and all of those who ask in this turn: what was granted before a query counts for it.
Statement read_credits = {R"(
  WITH chosen AS (
    (SELECT p.id FROM @s@.credit_pending p WHERE NOT p.id = ANY ($2::bigint[]) ORDER BY p.id LIMIT $1)
    UNION
    SELECT p.id
      FROM (SELECT DISTINCT o.kind, o.id FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) AS o (kind, id)) o
           JOIN @s@.credit_pending p ON p.owner_kind = o.kind AND p.owner_id = o.id
     WHERE NOT p.id = ANY ($2::bigint[])
  )
  SELECT r.id, r.kind, coalesce(a.owner_kind, r.owner_kind), coalesce(a.owner_id, r.owner_id),
         CASE r.kind WHEN 'grant' THEN r.amount_cents * 0.01 WHEN 'refund' THEN -t.amount_usd END,
         r.type, r.description, r.request_id, t.id, r.idempotency_key
    FROM chosen c
         JOIN @s@.credit_requests r ON r.id = c.id
         LEFT JOIN @s@.credit_transactions t ON r.kind = 'refund' AND t.request_id = r.request_id AND t.type = 'triangle_query'
         LEFT JOIN @s@.credit_accounts a ON a.id = t.account_id
   ORDER BY c.id)",
                          4,
                          {INT4OID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}};

Statement close_credits = {
    "DELETE FROM @s@.credit_pending WHERE id = ANY ($1::bigint[])", 1, {TEXTARRAYOID}};

// What a call really used and cost, less what is booked for it: a row of today, the call's own
// stays as it was.
Statement write_corrections = {R"(
  WITH truth AS (
    SELECT DISTINCT ON (r.request_id, d.provider, d.purpose, d.attempt) r.request_id, d.* FROM @s@.credit_requests r,
           LATERAL pg_catalog.jsonb_to_record(r.details) AS d (provider text, purpose text, attempt int, input_tokens bigint,
             output_tokens bigint, cost_usd numeric)
     WHERE r.id = ANY ($1::bigint[]) AND r.kind = 'correction'
       AND NOT EXISTS (  -- a later one that was committed earlier has been booked
         SELECT FROM @s@.credit_requests o
          WHERE o.request_id = r.request_id AND o.kind = 'correction' AND o.id > r.id AND (o.details ->> 'provider', o.details ->> 'purpose',
            o.details ->> 'attempt') = (d.provider, d.purpose, d.attempt::text)
            AND NOT EXISTS (SELECT FROM @s@.credit_pending w WHERE w.id = o.id))
     ORDER BY r.request_id, d.provider, d.purpose, d.attempt, r.id DESC  -- the last word counts
  ), booked AS (
    SELECT p.request_id, p.provider, p.purpose, p.attempt, pg_catalog.min(p.id) FILTER (WHERE p.corrects_id IS NULL) AS id,
           pg_catalog.min(p.used_at) FILTER (WHERE p.corrects_id IS NULL) AS used_at,
           pg_catalog.min(p.model) AS model, pg_catalog.sum(p.input_tokens) AS input_tokens,
           pg_catalog.sum(p.output_tokens) AS output_tokens, pg_catalog.sum(p.cost_usd) AS cost_usd,
           pg_catalog.sum(p.cost_usd) FILTER (WHERE p.estimated AND p.corrects_id IS NULL) AS estimated_usd,
           pg_catalog.bool_or(p.corrects_id IS NOT NULL) AS corrected
      FROM @s@.platform_api_usage p
     WHERE p.request_id = ANY (ARRAY(SELECT request_id FROM truth))
     GROUP BY p.request_id, p.provider, p.purpose, p.attempt
    HAVING pg_catalog.bool_or(p.corrects_id IS NULL)  -- or its month was dropped, and the sums are not what was booked
  ), correction AS (
    INSERT INTO @s@.platform_api_usage (request_id, purpose, attempt, provider, model, input_tokens, output_tokens, cost_usd,
      corrects_id, used_at)
    SELECT b.request_id, b.purpose, b.attempt, b.provider, b.model, coalesce(t.input_tokens - b.input_tokens, 0),
           coalesce(t.output_tokens - b.output_tokens, 0), t.cost_usd - b.cost_usd, b.id, $2
      FROM truth t JOIN booked b USING (request_id, provider, purpose, attempt)
    RETURNING request_id, provider, model, input_tokens, output_tokens, cost_usd, corrects_id
  ), made AS (
    SELECT c.*, b.used_at AS called_at, CASE WHEN b.corrected THEN 0 ELSE coalesce(b.estimated_usd, 0) END AS estimated_usd
      FROM correction c JOIN booked b ON b.id = c.corrects_id
  ), call AS (  -- the usage of the corrected requests, which says whose they were and who brought the keys
    SELECT u.request_id, u.used_at, u.tenant_id, u.provider, u.key_source
      FROM (SELECT DISTINCT request_id, called_at FROM made) m
           JOIN @s@.key_usage_log u ON u.request_id = m.request_id AND u.used_at = m.called_at
  ), leg AS (
    SELECT request_id, used_at, pg_catalog.min(tenant_id) AS tenant_id, pg_catalog.bool_or(key_source = 'system_key') AS platform
      FROM call GROUP BY request_id, used_at, provider
  ), query AS (
    SELECT request_id, used_at, pg_catalog.min(tenant_id) AS tenant_id,
           pg_catalog.count(*) FILTER (WHERE NOT platform) AS own_keys, pg_catalog.bool_or(platform) AS platform
      FROM leg GROUP BY request_id, used_at
  ), tiers AS (
    INSERT INTO @s@.tier_daily AS d (day, own_keys, platform, queries, platform_cost_usd, charge_usd)
    SELECT (q.used_at AT TIME ZONE 'UTC')::date, q.own_keys, q.platform, 0, pg_catalog.sum(m.cost_usd), 0
      FROM made m JOIN query q USING (request_id) GROUP BY 1, 2, 3
    ON CONFLICT (day, own_keys, platform) DO UPDATE SET platform_cost_usd = d.platform_cost_usd + excluded.platform_cost_usd
  )
  INSERT INTO @s@.usage_daily AS d (day, tenant_id, provider, model, key_source, calls, answered, input_tokens, output_tokens,
    cost_usd, estimated_cost_usd, call_cost_usd, charge_usd)
  SELECT (x.at AT TIME ZONE 'UTC')::date, coalesce(q.tenant_id, ''), m.provider, m.model, 'system_key', 0, 0,
         pg_catalog.sum(m.input_tokens * x.booked), pg_catalog.sum(m.output_tokens * x.booked),
         pg_catalog.sum(m.cost_usd * x.booked), -pg_catalog.sum(m.estimated_usd * x.booked), pg_catalog.sum(m.cost_usd * (1 - x.booked)), 0
    FROM made m LEFT JOIN query q USING (request_id),
         LATERAL (VALUES ($2, 1), (m.called_at, 0)) AS x (at, booked)
   GROUP BY 1, 2, 3, 4
  ON CONFLICT (day, tenant_id, provider, model, key_source) DO UPDATE
    SET input_tokens = d.input_tokens + excluded.input_tokens, output_tokens = d.output_tokens + excluded.output_tokens,
        cost_usd = d.cost_usd + excluded.cost_usd, estimated_cost_usd = d.estimated_cost_usd + excluded.estimated_cost_usd,
        call_cost_usd = d.call_cost_usd + excluded.call_cost_usd)",
                               2,
                               {TEXTARRAYOID, TIMESTAMPTZOID}};

// --- arguments
// ---------------------------------------------------------------------------------------

/// A text[] of what `text_of` says of each value.
template <typename Value>
Parameter TextsOf(const std::vector<Value>& values, const char* (*text_of)(const Value&)) {
  auto** texts = static_cast<const char**>(palloc(sizeof(char*) * (values.size() + 1)));
  for (size_t i = 0; i < values.size(); ++i) texts[i] = text_of(values[i]);
  return TextArrayParameter(texts, static_cast<int>(values.size()));
}

Parameter OwnerIds(const std::vector<Payer>& owners) {
  return TextsOf<Payer>(owners, [](const Payer& owner) { return owner.id.c_str(); });
}

Parameter OwnerKinds(const std::vector<Payer>& owners) {
  return TextsOf<Payer>(owners, [](const Payer& owner) { return owner.kind.c_str(); });
}

Parameter IdsOf(const std::vector<CreditRequest>& credits) {
  return TextsOf<CreditRequest>(credits, [](const CreditRequest& credit) -> const char* {
    return psprintf(INT64_FORMAT, credit.id);
  });
}

// --- results
// -----------------------------------------------------------------------------------------

constexpr int kMaxColumns = 10;
struct Row {
  const char* column[kMaxColumns + 1];
};

template <typename Target>
void ReadRows(int columns, Target* target, void (*add)(const Row&, Target&)) {
  for (uint64 i = 0; i < SPI_processed; ++i) {
    Row row{};
    for (int column = 1; column <= columns; ++column) row.column[column] = Column(i, column);
    RunCore([&row, target, add] {
      add(row, *target);
      return Status();
    });
  }
}

std::int64_t Integer(const char* text) {
  return std::strtoll(text, nullptr, 10);
}

Usd Amount(const char* text) {
  return text == nullptr ? Usd() : Usd::Parse(text).value_or(Usd());
}

std::string Text(const char* text) {
  return text == nullptr ? "" : text;
}

std::optional<std::string> TextOrNull(const char* text) {
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

void AddAccount(const Row& row, std::vector<Account>& accounts) {
  const auto& c = row.column;
  Account account;
  account.id = Integer(c[1]);
  account.owner = {c[2], c[3]};
  account.posted = Amount(c[4]);
  account.held = Amount(c[5]);
  account.carry = Amount(c[6]);
  account.credit_limit = Amount(c[7]);
  account.debt_allowed = *c[8] == 't';
  account.version = Integer(c[9]);
  accounts.push_back(std::move(account));
}

void AddBudget(const Row& row, std::vector<Budget>& budgets) {
  const auto& c = row.column;
  budgets.push_back(
      {.key = {{c[1], c[2]}, c[3], c[4], c[5]}, .limit = Amount(c[6]), .spent = Amount(c[7])});
}

void AddKnown(const Row& row, KnownRequests& known) {
  const auto& c = row.column;
  known[{c[1], c[2], c[3]}] = {.request_id = c[5],
                               .request_hash = c[4],
                               .state = c[6],
                               .result = Text(c[7]),
                               .error = Text(c[8])};
}

void AddCreditRow(const Row& row, std::vector<CreditRequest>& credits) {
  const auto& c = row.column;
  CreditRequest credit;
  credit.id = Integer(c[1]);
  credit.kind = c[2];
  credit.owner = {Text(c[3]), Text(c[4])};
  credit.amount = Amount(c[5]);
  credit.type = c[6];
  credit.description = Text(c[7]);
  credit.request_id = TextOrNull(c[8]);
  if (c[9] != nullptr) credit.reverses_id = Integer(c[9]);
  credit.idempotency_key = TextOrNull(c[10]);
  credits.push_back(std::move(credit));
}

}  // namespace

void LoadAccounts(const Extension& extension, const std::vector<Payer>& owners, Books* books) {
  const Parameter parameters[] = {OwnerIds(owners)};
  Execute(read_accounts, extension, parameters, false);
  auto* accounts = NewInContext<std::vector<Account>>(CurrentMemoryContext);
  ReadRows(9, accounts, AddAccount);
  RunCore([=] {
    books->accounts = AccountBook(std::move(*accounts));
    return Status();
  });
}

void MakeAccounts(const Extension& extension, const std::vector<Payer>& owners) {
  const Parameter parameters[] = {OwnerKinds(owners), OwnerIds(owners)};
  Execute(insert_accounts, extension, parameters, false);
}

bool HaveBudgets(const Extension& extension) {
  Execute(any_budget, extension, nullptr, false);
  return *Column(0, 1) == 't';
}

void LoadBudgets(const Extension& extension, const std::vector<Payer>& owners, TimestampTz at,
                 Books* books) {
  const Parameter parameters[] = {OwnerIds(owners), TimestampParameter(at)};
  Execute(make_counters, extension, parameters, false);
  Execute(read_budgets, extension, parameters, false);
  auto* budgets = NewInContext<std::vector<Budget>>(CurrentMemoryContext);
  ReadRows(7, budgets, AddBudget);
  RunCore([=] {
    books->budgets = BudgetBook(std::move(*budgets));
    return Status();
  });
}

void LoadKnownRequests(const Extension& extension, const std::vector<IdempotencyId>& ids,
                       KnownRequests* known) {
  const Parameter parameters[] = {
      TextsOf<IdempotencyId>(ids, [](const IdempotencyId& id) { return id.tenant_id.c_str(); }),
      TextsOf<IdempotencyId>(ids, [](const IdempotencyId& id) { return id.user_id.c_str(); }),
      TextsOf<IdempotencyId>(ids, [](const IdempotencyId& id) { return id.key.c_str(); })};
  Execute(read_known, extension, parameters, false);
  ReadRows(8, known, AddKnown);
}

void LoadCredits(const Extension& extension, int limit, const std::vector<Payer>& owners,
                 const std::vector<std::int64_t>& skip, std::vector<CreditRequest>* credits) {
  const Parameter skipped = TextsOf<std::int64_t>(
      skip, [](const std::int64_t& id) -> const char* { return psprintf(INT64_FORMAT, id); });
  const Parameter parameters[] = {IntParameter(limit), skipped, OwnerKinds(owners),
                                  OwnerIds(owners)};
  Execute(read_credits, extension, parameters, false);
  ReadRows(10, credits, AddCreditRow);
}

void CloseCredits(const Extension& extension, const std::vector<CreditRequest>& credits,
                  TimestampTz at) {
  const Parameter parameters[] = {IdsOf(credits), TimestampParameter(at)};
  Execute(write_corrections, extension, parameters, false);
  Execute(close_credits, extension, parameters, false);
}

}  // namespace byok::pg
