#include "pg/router_tables.hpp"

#include <cstdlib>

#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

// How rows are found here: always by `key = ANY (ARRAY(…))`, beside the join. A plan is made once,
// often while the tables are empty, and then a join that reads the other side whole looks as cheap
// as any; the array leaves only the index of the key. And by IS NOT DISTINCT FROM 'running', which
// the index of open requests cannot serve: it holds an entry of each request that ended until no
// snapshot of a waiting caller needs it.

Statement next_generation = {"SELECT pg_catalog.nextval('@s@.router_generation')", 0, {}};

// INTENT in one statement: requests (of queued ones what was not known before), their holds, their
// idempotency keys, and the calls.
Statement write_intents = {R"(
  WITH new AS (
    INSERT INTO @s@.triangle_requests (id, user_id, tenant_id, state, account_id, bound_usd, router_generation, started_at,
      lease_until, idempotency_key, request)
    SELECT r.id, r.user_id, r.tenant_id, 'running', r.account_id, r.bound_usd, $3, $2, $2 + r.lease_ms * interval '1 millisecond',
           r.idempotency_key, CASE WHEN r.idempotency_key IS NOT NULL THEN '{"version": 1}'::jsonb END
      FROM pg_catalog.json_to_recordset($1 -> 'requests') AS r (id uuid, user_id text, tenant_id text, account_id bigint,
             bound_usd numeric, lease_ms bigint, idempotency_key text)
  ), queued AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1 -> 'admitted') AS r (id uuid, account_id bigint, bound_usd numeric)
  ), admitted AS (
    UPDATE @s@.triangle_requests q SET bound_usd = r.bound_usd, account_id = r.account_id
      FROM queued r WHERE q.id = r.id AND q.id = ANY (ARRAY(SELECT id FROM queued))
  ), keys AS (
    INSERT INTO @s@.idempotency_keys (tenant_id, user_id, idempotency_key, request_hash, request_id)
    SELECT k.tenant_id, k.user_id, k.idempotency_key, pg_catalog.decode(k.request_hash, 'hex'), k.request_id
      FROM pg_catalog.json_to_recordset($1 -> 'keys') AS k (tenant_id text, user_id text, idempotency_key text, request_hash text,
             request_id uuid)
  ), holds AS (
    INSERT INTO @s@.credit_holds (account_id, request_id, amount_usd, created_at)
    SELECT h.account_id, h.request_id, h.amount_usd, $2
      FROM pg_catalog.json_to_recordset($1 -> 'holds') AS h (account_id bigint, request_id uuid, amount_usd numeric)
  )
  INSERT INTO @s@.triangle_calls (request_id, provider, purpose, attempt, state, model, key_source, credential_id,
                                  bound_input_tokens, max_output_tokens, bound_cost_usd, reserved_usd)
  SELECT c.request_id, c.provider, c.purpose, c.attempt, 'intent', c.model, c.key_source, c.credential_id,
         c.bound_input_tokens, c.max_output_tokens, c.bound_cost_usd, c.reserved_usd
    FROM pg_catalog.json_to_recordset($1 -> 'intents') AS c (request_id uuid, provider text, purpose text, attempt int, model text,
           key_source text, credential_id uuid, bound_input_tokens bigint, max_output_tokens bigint, bound_cost_usd numeric,
           reserved_usd numeric))",
                           3,
                           {JSONOID, TIMESTAMPTZOID, INT8OID}};

Statement update_outcomes = {R"(
  WITH c AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1) AS c (request_id uuid, provider text, purpose text, attempt int, state text,
      http_status int))
  UPDATE @s@.triangle_calls t
     SET state = c.state, http_status = c.http_status, done_at = pg_catalog.clock_timestamp()
    FROM c
   WHERE t.request_id = c.request_id AND t.provider = c.provider AND t.purpose = c.purpose AND t.attempt = c.attempt
     AND t.request_id = ANY (ARRAY(SELECT request_id FROM c)))",
                             1,
                             {JSONOID}};

// Usage by day, kept in the transaction that writes the rows: day, tenant, provider, model, key
// source. One writer, so it never waits.
#define ROLL_UP(rows)                                                                           \
  "rolled_up AS ("                                                                              \
  "  INSERT INTO @s@.usage_daily AS d (day, tenant_id, provider, model, key_source, calls, "    \
  "answered, "                                                                                  \
  "    input_tokens, output_tokens, cost_usd, estimated_cost_usd, call_cost_usd, charge_usd)"   \
  "  SELECT (c.started_at AT TIME ZONE 'UTC')::pg_catalog.date, coalesce(c.tenant_id, ''), "    \
  "c.provider, "                                                                                \
  "    coalesce(c.model, ''), c.key_source, pg_catalog.count(*), "                              \
  "    pg_catalog.count(*) FILTER (WHERE c.status = 'ok'), "                                    \
  "    coalesce(pg_catalog.sum(c.input_tokens), 0), coalesce(pg_catalog.sum(c.output_tokens), " \
  "0), "                                                                                        \
  "    coalesce(pg_catalog.sum(c.cost_usd), 0), "                                               \
  "    coalesce(pg_catalog.sum(c.cost_usd) FILTER (WHERE c.estimated), 0), "                    \
  "    coalesce(pg_catalog.sum(c.cost_usd), 0), "                                               \
  "    coalesce(pg_catalog.sum(c.charge_usd), 0)"                                               \
  "    FROM " rows                                                                              \
  " c GROUP BY 1, 2, 3, 4, 5"                                                                   \
  "  ON CONFLICT (day, tenant_id, provider, model, key_source) DO UPDATE "                      \
  "    SET calls = d.calls + excluded.calls, answered = d.answered + excluded.answered, "       \
  "        input_tokens = d.input_tokens + excluded.input_tokens, "                             \
  "        output_tokens = d.output_tokens + excluded.output_tokens, "                          \
  "        cost_usd = d.cost_usd + excluded.cost_usd, "                                         \
  "        estimated_cost_usd = d.estimated_cost_usd + excluded.estimated_cost_usd, "           \
  "        call_cost_usd = d.call_cost_usd + excluded.call_cost_usd, "                          \
  "        charge_usd = d.charge_usd + excluded.charge_usd)"

// The same by who brought the keys: a provider is the platform's as soon as one of its calls was.
#define COUNT_TIERS(rows)                                                                         \
  "tiers AS ("                                                                                    \
  "  INSERT INTO @s@.tier_daily AS d (day, own_keys, platform, queries, platform_cost_usd, "      \
  "    charge_usd)"                                                                               \
  "  SELECT (q.started_at AT TIME ZONE 'UTC')::pg_catalog.date, q.own_keys, q.platform, "         \
  "    pg_catalog.count(*), coalesce(pg_catalog.sum(q.cost), 0), "                                \
  "    coalesce(pg_catalog.sum(q.charge), 0)"                                                     \
  "    FROM (SELECT l.request_id, l.started_at, pg_catalog.bool_or(l.platform) AS platform, "     \
  "            pg_catalog.count(*) FILTER (WHERE NOT l.platform) AS own_keys, "                   \
  "            pg_catalog.sum(l.cost) AS cost, "                                                  \
  "            coalesce(pg_catalog.sum(l.charge), 0) + pg_catalog.max(l.surcharge_usd) AS charge" \
  "            FROM (SELECT c.request_id, c.started_at, c.surcharge_usd, "                        \
  "                    pg_catalog.bool_or(c.key_source = 'system_key') AS platform, "             \
  "                    pg_catalog.sum(c.cost_usd) FILTER (WHERE c.key_source = 'system_key') "    \
  "                      AS cost, "                                                               \
  "                    pg_catalog.sum(c.charge_usd) AS charge"                                    \
  "                    FROM " rows                                                                \
  " c GROUP BY c.request_id, c.started_at, c.surcharge_usd, c.provider) l"                        \
  "           GROUP BY l.request_id, l.started_at) q GROUP BY 1, 2, 3"                            \
  "  ON CONFLICT (day, own_keys, platform) DO UPDATE "                                            \
  "    SET queries = d.queries + excluded.queries, "                                              \
  "        platform_cost_usd = d.platform_cost_usd + excluded.platform_cost_usd, "                \
  "        charge_usd = d.charge_usd + excluded.charge_usd)"

// The request's own UPDATE comes first and decides: a request that does not run any more gets no
// second bill, and the caller of this statement is told by the count. What was intended but is not
// among the calls was never sent.
Statement write_settlements = {R"(
  WITH ended AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, state text, account_id bigint, charged_usd numeric,
      surcharge_usd numeric, result jsonb, error jsonb)
  ), done AS (
    UPDATE @s@.triangle_requests q
       SET state = e.state, charged_usd = e.charged_usd, surcharge_usd = coalesce(e.surcharge_usd, 0),
           account_id = coalesce(q.account_id, e.account_id), finished_at = pg_catalog.clock_timestamp(),
           result = e.result, error = e.error
      FROM ended e
     WHERE q.id = e.id AND q.id = ANY (ARRAY(SELECT id FROM ended)) AND q.state IS NOT DISTINCT FROM 'running'
    RETURNING q.id, q.user_id, q.tenant_id, q.started_at, q.surcharge_usd
  ), captured AS (
    UPDATE @s@.credit_holds h SET state = 'captured', closed_at = pg_catalog.clock_timestamp()
     WHERE h.request_id = ANY (ARRAY(SELECT id FROM done)) AND h.state IS NOT DISTINCT FROM 'held'
  ), calls AS MATERIALIZED (
    SELECT c.*, d.user_id, d.tenant_id, d.started_at, d.surcharge_usd
      FROM pg_catalog.json_to_recordset($2) AS c (
        request_id uuid, purpose text, provider text, model text, attempt int, key_source text, credential_id uuid,
        status text, error text, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint,
        output_tokens bigint, reasoning_tokens bigint, cost_usd numeric, estimated boolean, charge_usd numeric,
        price_id bigint, rule_id bigint, unit_prices jsonb, latency_ms int, http_status int, provider_request_id text)
      JOIN done d ON d.id = c.request_id
  ), closed AS (
    UPDATE @s@.triangle_calls t
       SET state = CASE c.status WHEN 'ok' THEN 'answered' ELSE c.status END, returned_model = c.model,
           provider_request_id = c.provider_request_id, http_status = c.http_status, cost_usd = c.cost_usd,
           charge_usd = c.charge_usd, done_at = pg_catalog.clock_timestamp()
      FROM calls c
     WHERE t.request_id = c.request_id AND t.provider = c.provider AND t.purpose = c.purpose AND t.attempt = c.attempt
       AND t.request_id = ANY (ARRAY(SELECT id FROM done))
  ), usage AS (
    INSERT INTO @s@.key_usage_log (request_id, purpose, used_at, user_id, tenant_id, provider, model, attempt, key_source,
      credential_id, status, error, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      reasoning_tokens, cost_usd, estimated, charge_usd, price_id, rule_id, unit_prices, latency_ms, http_status,
      provider_request_id)
    SELECT request_id, purpose, started_at, user_id, tenant_id, provider, model, attempt, key_source, credential_id, status,
      error, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, estimated,
      charge_usd, price_id, rule_id, unit_prices, latency_ms, http_status, provider_request_id FROM calls
  ), platform AS (
    INSERT INTO @s@.platform_api_usage (request_id, purpose, used_at, attempt, provider, model, input_tokens, output_tokens,
      cost_usd, cached_input_tokens, reasoning_tokens, estimated, provider_request_id, price_id)
    SELECT request_id, purpose, started_at, attempt, provider, model, coalesce(input_tokens, 0), coalesce(output_tokens, 0),
      coalesce(cost_usd, 0), cached_input_tokens, reasoning_tokens, estimated, provider_request_id, price_id
      FROM calls WHERE key_source = 'system_key' AND status IN ('ok', 'failed_billed', 'unknown')
  ), )" ROLL_UP("calls") ", " COUNT_TIERS("calls") R"(
  SELECT pg_catalog.count(*) FROM done)",
                               2,
                               {JSONOID, JSONOID}};

// A ledger row's hash covers the hash of the row before: the one writer goes on from the last one.
Statement write_entries = {R"(
  WITH last AS (
    SELECT chain_no, chain_hash FROM @s@.credit_transactions WHERE chain_no IS NOT NULL ORDER BY chain_no DESC LIMIT 1
  ), entry AS (
    SELECT e.*, coalesce(l.chain_no, 0) + e.place AS chain_no, l.chain_hash AS previous
      FROM ROWS FROM (pg_catalog.json_to_recordset($1) AS (account_id bigint, user_id text, amount_cents int, type text,
             description text, metadata jsonb, amount_usd numeric, balance_after_usd numeric, contra text, request_id uuid,
             reverses_id bigint, credit_request_id bigint, idempotency_key text)) WITH ORDINALITY
           AS e (account_id, user_id, amount_cents, type, description, metadata, amount_usd, balance_after_usd, contra, request_id,
                 reverses_id, credit_request_id, idempotency_key, place)
      LEFT JOIN last l ON true
  )
  INSERT INTO @s@.credit_transactions (account_id, user_id, amount_cents, type, description, metadata, amount_usd,
    balance_after_usd, contra, request_id, reverses_id, credit_request_id, idempotency_key, created_at, chain_no, chain_hash)
  SELECT account_id, user_id, amount_cents, type, description, metadata, amount_usd, balance_after_usd, contra, request_id,
         reverses_id, credit_request_id, idempotency_key, $2, chain_no,
         @s@.byok_chain(previous, @s@.byok_ledger_entry(chain_no, account_id, user_id, amount_cents, type, description, metadata,
           amount_usd, balance_after_usd, contra, request_id, reverses_id, credit_request_id, idempotency_key, $2))
           OVER (ORDER BY chain_no)
    FROM entry ORDER BY chain_no)",
                           2,
                           {JSONOID, TIMESTAMPTZOID}};

Statement write_accounts = {R"(
  WITH m AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1) AS m (id bigint, posted_usd numeric, held_usd numeric, carry_usd numeric,
      credit_limit_usd numeric, debt_allowed boolean, version bigint))
  UPDATE @s@.credit_accounts a
     SET posted_usd = m.posted_usd, held_usd = m.held_usd, carry_usd = m.carry_usd, credit_limit_usd = m.credit_limit_usd,
         debt_allowed = m.debt_allowed, version = a.version + 1
    FROM m WHERE a.id = m.id AND a.id = ANY (ARRAY(SELECT id FROM m)) AND a.version = m.version)",
                            1,
                            {JSONOID}};

Statement write_budgets = {R"(
  WITH m AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1) AS m (owner_kind text, owner_id text, provider text, period text,
      period_start date, amount_usd numeric))
  UPDATE @s@.budget_spend s SET spent_usd = s.spent_usd + m.amount_usd
    FROM m
   WHERE s.owner_kind = m.owner_kind AND s.owner_id = m.owner_id AND s.provider = m.provider AND s.period = m.period
     AND s.period_start = m.period_start AND s.owner_id = ANY (ARRAY(SELECT owner_id FROM m)))",
                           1,
                           {JSONOID}};

Statement fail_requests = {R"(
  WITH r AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, error jsonb))
  UPDATE @s@.triangle_requests q
     SET state = 'failed', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(), error = r.error
    FROM r WHERE q.id = r.id AND q.id = ANY (ARRAY(SELECT id FROM r)) AND q.state IS NOT DISTINCT FROM 'running')",
                           1,
                           {JSONOID}};

Statement repeat_requests = {R"(
  WITH r AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, state text, result jsonb, error jsonb))
  UPDATE @s@.triangle_requests q
     SET state = r.state, charged_usd = 0, finished_at = pg_catalog.clock_timestamp(), result = r.result, error = r.error
    FROM r WHERE q.id = r.id AND q.id = ANY (ARRAY(SELECT id FROM r)) AND q.state IS NOT DISTINCT FROM 'running')",
                             1,
                             {JSONOID}};

// Usage rows are written by SETTLE alone, so a request that still runs has none. Calls that an
// earlier attempt's outcome is known of keep it.
Statement find_lost = {R"(
  SELECT q.id FROM @s@.triangle_requests q
   WHERE q.state = 'running'
     AND CASE WHEN $2 THEN q.router_generation IS DISTINCT FROM $1
              ELSE q.lease_until < pg_catalog.now() AND NOT q.id = ANY ($3::uuid[]) END)",
                       3,
                       {INT8OID, BOOLOID, TEXTARRAYOID}};

Statement recover_requests = {R"(
  WITH lost AS (
    UPDATE @s@.triangle_requests q
       SET state = 'unknown', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(),
           error = pg_catalog.jsonb_build_object('sqlstate', '08006',
             'message', 'the outcome of request ' || q.id || ' is not known',
             'detail', 'The router ended while the request ran. Calls may have been answered and paid for.',
             'hint', 'It was not asked again. Nothing is charged.')
     WHERE q.state = 'running' AND q.id = ANY ($1::uuid[])
    RETURNING q.id, q.user_id, q.tenant_id, q.started_at, q.bound_usd
  ), released AS (
    UPDATE @s@.credit_holds h SET state = 'released', closed_at = pg_catalog.clock_timestamp()
     WHERE h.request_id = ANY (ARRAY(SELECT id FROM lost)) AND h.state = 'held'
    RETURNING h.account_id, h.amount_usd
  ), freed AS (
    UPDATE @s@.credit_accounts a SET held_usd = a.held_usd - r.amount_usd, version = a.version + 1
      FROM (SELECT account_id, pg_catalog.sum(amount_usd) AS amount_usd FROM released GROUP BY account_id) r
     WHERE a.id = r.account_id
  ), reserved AS (
    SELECT l.user_id, l.tenant_id, l.started_at, t.provider, pg_catalog.max(t.reserved_usd) AS amount_usd
      FROM lost l JOIN @s@.triangle_calls t ON t.request_id = l.id
     GROUP BY l.id, l.user_id, l.tenant_id, l.started_at, t.provider
    UNION ALL
    SELECT l.user_id, l.tenant_id, l.started_at, '', l.bound_usd FROM lost l WHERE l.bound_usd IS NOT NULL
  ), unspent AS (
    UPDATE @s@.budget_spend s SET spent_usd = s.spent_usd - r.amount_usd
      FROM (SELECT b.owner_kind, b.owner_id, b.provider, b.period, b.period_start, pg_catalog.sum(v.amount_usd) AS amount_usd
              FROM @s@.budget_spend b JOIN reserved v
                ON CASE b.owner_kind WHEN 'user' THEN v.user_id ELSE v.tenant_id END = b.owner_id
               AND b.provider = v.provider
               AND b.period_start = pg_catalog.date_trunc(b.period, v.started_at AT TIME ZONE 'UTC')::date
             GROUP BY b.owner_kind, b.owner_id, b.provider, b.period, b.period_start) r
     WHERE (s.owner_kind, s.owner_id, s.provider, s.period, s.period_start)
           = (r.owner_kind, r.owner_id, r.provider, r.period, r.period_start)
  ), calls AS (
    UPDATE @s@.triangle_calls t
       SET state = CASE t.state WHEN 'intent' THEN 'unknown' ELSE t.state END,
           cost_usd = CASE WHEN t.state = 'intent' THEN coalesce(t.bound_cost_usd, CASE t.key_source WHEN 'system_key' THEN 0 END)
                           ELSE coalesce(t.cost_usd, 0) END,
           charge_usd = 0, done_at = pg_catalog.clock_timestamp()
      FROM lost l WHERE t.request_id = l.id
    RETURNING t.*, l.user_id, l.tenant_id, l.started_at, 0 AS surcharge_usd, t.state AS status, t.state = 'unknown' AS estimated,
              NULL::bigint AS input_tokens, NULL::bigint AS output_tokens
  ), usage AS (
    INSERT INTO @s@.key_usage_log (request_id, purpose, used_at, user_id, tenant_id, provider, model, attempt, key_source,
      credential_id, status, error, cost_usd, estimated, http_status)
    SELECT request_id, purpose, started_at, user_id, tenant_id, provider, model, attempt, key_source, credential_id, state,
      CASE state WHEN 'unknown' THEN 'router_lost' END, cost_usd, estimated, http_status FROM calls
  ), )" ROLL_UP("calls") ", " COUNT_TIERS("calls") R"(, platform AS (
    INSERT INTO @s@.platform_api_usage (request_id, purpose, used_at, attempt, provider, model, input_tokens, output_tokens,
      cost_usd, estimated)
    SELECT request_id, purpose, started_at, attempt, provider, model, 0, 0, coalesce(cost_usd, 0), true
      FROM calls WHERE key_source = 'system_key' AND state IN ('failed_billed', 'unknown')
  )
  SELECT pg_catalog.count(*) FROM lost)",
                              1,
                              {TEXTARRAYOID}};

Statement claim_requests = {R"(
  UPDATE @s@.triangle_requests q
     SET state = 'running', router_generation = $3, started_at = $2,
         lease_until = $2 + interval '30 seconds'
           + coalesce((q.request -> 'options' ->> 'timeout_ms')::bigint, 60000) * interval '1 millisecond'
    FROM (SELECT id FROM @s@.triangle_requests
           WHERE state = 'queued' AND origin_sysid = $4
           ORDER BY state, created_at LIMIT $1 FOR UPDATE SKIP LOCKED) n
   WHERE q.id = n.id
  RETURNING q.id, q.user_id, q.tenant_id, q.request)",
                            4,
                            {INT4OID, TIMESTAMPTZOID, INT8OID, TEXTOID}};

Statement fail_queued = {R"(
  UPDATE @s@.triangle_requests q
     SET state = 'failed', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(), error = $2
    FROM (SELECT id FROM @s@.triangle_requests
           WHERE state = 'queued' AND origin_sysid = $1 AND id = coalesce($3, id)
           ORDER BY state, created_at LIMIT 1 FOR UPDATE SKIP LOCKED) n
   WHERE q.id = n.id)",
                         3,
                         {TEXTOID, JSONBOID, UUIDOID}};

Statement blank_old_results = {R"(
  UPDATE @s@.triangle_requests q
     SET request = NULL,
         result = CASE WHEN q.result IS NOT NULL THEN pg_catalog.jsonb_build_object('request_id', q.id, 'state', q.state,
           'expired', true, 'key_sources', q.result -> 'key_sources', 'charge', q.result -> 'charge') END
    FROM (SELECT id FROM @s@.triangle_requests
           WHERE request IS NOT NULL AND finished_at < pg_catalog.now() - $1 * interval '1 second'
           ORDER BY finished_at LIMIT 500 FOR UPDATE SKIP LOCKED) o
   WHERE q.id = o.id)",
                               1,
                               {INT4OID}};

Statement forget_old_keys = {R"(
  DELETE FROM @s@.idempotency_keys WHERE created_at < pg_catalog.now() - interval '30 days')",
                             0,
                             {}};

Statement make_months = {"SELECT missing FROM @s@.byok_make_months()", 0, {}};

Parameter JsonParameter(const char* utf8) {
  return TextParameter(utf8);  // json and text are stored alike; the core wrote it well-formed
}

void Run(Statement& statement, const Extension& extension,
         std::initializer_list<Parameter> values) {
  Execute(statement, extension, values.begin(), false);
}

}  // namespace

std::int64_t NextGeneration(const Extension& extension) {
  Execute(next_generation, extension, nullptr, false);
  return std::strtoll(Column(0, 1), nullptr, 10);
}

void WriteIntents(const Extension& extension, const char* rows, TimestampTz started_at,
                  std::int64_t generation) {
  Run(write_intents, extension,
      {JsonParameter(rows), TimestampParameter(started_at), LongParameter(generation)});
}

void UpdateOutcomes(const Extension& extension, const char* outcomes) {
  Run(update_outcomes, extension, {JsonParameter(outcomes)});
}

std::uint64_t WriteSettlements(const Extension& extension, const char* requests,
                               const char* calls) {
  Run(write_settlements, extension, {JsonParameter(requests), JsonParameter(calls)});
  return std::strtoull(Column(0, 1), nullptr, 10);
}

void WriteEntries(const Extension& extension, const char* entries, TimestampTz at) {
  Run(write_entries, extension, {JsonParameter(entries), TimestampParameter(at)});
}

std::uint64_t WriteAccounts(const Extension& extension, const char* accounts) {
  Run(write_accounts, extension, {JsonParameter(accounts)});
  return SPI_processed;
}

void WriteBudgets(const Extension& extension, const char* moves) {
  Run(write_budgets, extension, {JsonParameter(moves)});
}

void RepeatRequests(const Extension& extension, const char* repeated) {
  Run(repeat_requests, extension, {JsonParameter(repeated)});
}

void FailRequests(const Extension& extension, const char* refused) {
  Run(fail_requests, extension, {JsonParameter(refused)});
}

std::uint64_t FindLostRequests(const Extension& extension, std::int64_t generation, bool at_start,
                               const Parameter& mine) {
  Run(find_lost, extension, {LongParameter(generation), BoolParameter(at_start), mine});
  return SPI_processed;
}

std::uint64_t RecoverRequests(const Extension& extension, const Parameter& ids) {
  Run(recover_requests, extension, {ids});
  return std::strtoull(Column(0, 1), nullptr, 10);
}

Claim* ClaimRequests(const Extension& extension, int limit, TimestampTz started_at,
                     std::int64_t generation, const char* system_identifier, std::uint64_t* count) {
  Run(claim_requests, extension,
      {IntParameter(limit), TimestampParameter(started_at), LongParameter(generation),
       TextParameter(system_identifier)});
  *count = SPI_processed;
  auto* claims = static_cast<Claim*>(palloc(sizeof(Claim) * (SPI_processed + 1)));
  for (uint64 row = 0; row < SPI_processed; ++row) {
    claims[row] = {Column(row, 1), Column(row, 2), Column(row, 3), Column(row, 4)};
  }
  return claims;
}

void FailQueued(const Extension& extension, const char* system_identifier, const char* id,
                const char* error) {
  Run(fail_queued, extension,
      {TextParameter(system_identifier), JsonbParameter(error), UuidParameter(id)});
}

std::uint64_t BlankOldResults(const Extension& extension, int retention_seconds) {
  Run(blank_old_results, extension, {IntParameter(retention_seconds)});
  return SPI_processed;
}

void ForgetOldKeys(const Extension& extension) {
  Run(forget_old_keys, extension, {});
}

std::uint64_t MakeMonths(const Extension& extension) {
  Run(make_months, extension, {});
  return std::strtoull(Column(0, 1), nullptr, 10);
}

}  // namespace byok::pg
