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

Statement insert_requests = {R"(
  INSERT INTO @s@.triangle_requests (id, user_id, tenant_id, state, bound_usd, router_generation, started_at, lease_until)
  SELECT r.id, r.user_id, r.tenant_id, 'running', r.bound_usd, $3, $2, $2 + r.lease_ms * interval '1 millisecond'
    FROM pg_catalog.json_to_recordset($1) AS r (id uuid, user_id text, tenant_id text, bound_usd numeric, lease_ms bigint))",
                             3,
                             {JSONOID, TIMESTAMPTZOID, INT8OID}};

Statement update_bounds = {R"(
  WITH r AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, bound_usd numeric))
  UPDATE @s@.triangle_requests q SET bound_usd = r.bound_usd
    FROM r WHERE q.id = r.id AND q.id = ANY (ARRAY(SELECT id FROM r)))",
                           1,
                           {JSONOID}};

Statement insert_intents = {R"(
  INSERT INTO @s@.triangle_calls (request_id, provider, purpose, attempt, state, model, key_source, credential_id,
                                  bound_input_tokens, max_output_tokens, bound_cost_usd)
  SELECT c.request_id, c.provider, c.purpose, c.attempt, 'intent', c.model, c.key_source, c.credential_id,
         c.bound_input_tokens, c.max_output_tokens, c.bound_cost_usd
    FROM pg_catalog.json_to_recordset($1) AS c (request_id uuid, provider text, purpose text, attempt int, model text,
           key_source text, credential_id uuid, bound_input_tokens bigint, max_output_tokens bigint, bound_cost_usd numeric))",
                            1,
                            {JSONOID}};

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

// The request's own UPDATE comes first and decides: a request that does not run any more gets no
// second bill. What was intended but is not among the calls was never sent.
Statement write_settlements = {R"(
  WITH ended AS MATERIALIZED (
    SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, state text, charged_usd numeric, amount_usd numeric,
      amount_cents int, description text, metadata jsonb, result jsonb, error jsonb)
  ), done AS (
    UPDATE @s@.triangle_requests q
       SET state = e.state, charged_usd = e.charged_usd, finished_at = pg_catalog.clock_timestamp(),
           result = e.result, error = e.error
      FROM ended e
     WHERE q.id = e.id AND q.id = ANY (ARRAY(SELECT id FROM ended)) AND q.state IS NOT DISTINCT FROM 'running'
    RETURNING q.id, q.user_id, q.tenant_id, q.started_at
  ), calls AS MATERIALIZED (
    SELECT c.*, d.user_id, d.tenant_id, d.started_at
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
  )
  INSERT INTO @s@.credit_transactions (request_id, user_id, amount_cents, type, description, metadata, amount_usd)
  SELECT d.id, d.user_id, e.amount_cents, 'triangle_query', e.description, e.metadata, e.amount_usd
    FROM done d JOIN ended e ON e.id = d.id WHERE e.charged_usd <> 0)",
                               2,
                               {JSONOID, JSONOID}};

Statement fail_requests = {R"(
  WITH r AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($1) AS r (id uuid, error jsonb))
  UPDATE @s@.triangle_requests q
     SET state = 'failed', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(), error = r.error
    FROM r WHERE q.id = r.id AND q.id = ANY (ARRAY(SELECT id FROM r)) AND q.state IS NOT DISTINCT FROM 'running')",
                           1,
                           {JSONOID}};

// Usage rows are written by SETTLE alone, so a request that still runs has none. Calls that an
// earlier attempt's outcome is known of keep it.
Statement recover_requests = {R"(
  WITH lost AS (
    UPDATE @s@.triangle_requests q
       SET state = 'unknown', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(),
           error = pg_catalog.jsonb_build_object('sqlstate', '08006',
             'message', 'the outcome of request ' || q.id || ' is not known',
             'detail', 'The router ended while the request ran. Calls may have been answered and paid for.',
             'hint', 'It was not asked again. Nothing is charged.')
     WHERE q.state = 'running'
       AND CASE WHEN $2 THEN q.router_generation IS DISTINCT FROM $1
                ELSE q.lease_until < pg_catalog.now() AND NOT q.id = ANY ($3::uuid[]) END
    RETURNING q.id, q.user_id, q.tenant_id, q.started_at
  ), calls AS (
    UPDATE @s@.triangle_calls t
       SET state = CASE t.state WHEN 'intent' THEN 'unknown' ELSE t.state END,
           cost_usd = CASE WHEN t.state = 'intent' THEN coalesce(t.bound_cost_usd, CASE t.key_source WHEN 'system_key' THEN 0 END)
                           ELSE coalesce(t.cost_usd, 0) END,
           charge_usd = 0, done_at = pg_catalog.clock_timestamp()
      FROM lost l WHERE t.request_id = l.id
    RETURNING t.*, l.user_id, l.tenant_id, l.started_at
  ), usage AS (
    INSERT INTO @s@.key_usage_log (request_id, purpose, used_at, user_id, tenant_id, provider, model, attempt, key_source,
      credential_id, status, error, cost_usd, estimated, http_status)
    SELECT request_id, purpose, started_at, user_id, tenant_id, provider, model, attempt, key_source, credential_id, state,
      CASE state WHEN 'unknown' THEN 'router_lost' END, cost_usd, state = 'unknown', http_status FROM calls
  ), platform AS (
    INSERT INTO @s@.platform_api_usage (request_id, purpose, used_at, attempt, provider, model, input_tokens, output_tokens,
      cost_usd, estimated)
    SELECT request_id, purpose, started_at, attempt, provider, model, 0, 0, coalesce(cost_usd, 0), true
      FROM calls WHERE key_source = 'system_key' AND state IN ('failed_billed', 'unknown')
  )
  SELECT pg_catalog.count(*) FROM lost)",
                              3,
                              {INT8OID, BOOLOID, TEXTARRAYOID}};

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

Statement fail_oldest = {R"(
  UPDATE @s@.triangle_requests q
     SET state = 'failed', charged_usd = 0, finished_at = pg_catalog.clock_timestamp(), error = $2
    FROM (SELECT id FROM @s@.triangle_requests
           WHERE state = 'queued' AND origin_sysid = $1
           ORDER BY state, created_at LIMIT 1 FOR UPDATE SKIP LOCKED) n
   WHERE q.id = n.id)",
                         2,
                         {TEXTOID, JSONBOID}};

Statement blank_old_results = {R"(
  UPDATE @s@.triangle_requests q SET request = NULL, result = NULL
    FROM (SELECT id FROM @s@.triangle_requests
           WHERE request IS NOT NULL AND finished_at < pg_catalog.now() - $1 * interval '1 second'
           ORDER BY finished_at LIMIT 500 FOR UPDATE SKIP LOCKED) o
   WHERE q.id = o.id)",
                               1,
                               {INT4OID}};

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

void InsertRequests(const Extension& extension, const char* requests, TimestampTz started_at,
                    std::int64_t generation) {
  Run(insert_requests, extension,
      {JsonParameter(requests), TimestampParameter(started_at), LongParameter(generation)});
}

void UpdateBounds(const Extension& extension, const char* admitted) {
  Run(update_bounds, extension, {JsonParameter(admitted)});
}

void InsertIntents(const Extension& extension, const char* intents) {
  Run(insert_intents, extension, {JsonParameter(intents)});
}

void UpdateOutcomes(const Extension& extension, const char* outcomes) {
  Run(update_outcomes, extension, {JsonParameter(outcomes)});
}

void WriteSettlements(const Extension& extension, const char* requests, const char* calls) {
  Run(write_settlements, extension, {JsonParameter(requests), JsonParameter(calls)});
}

void FailRequests(const Extension& extension, const char* refused) {
  Run(fail_requests, extension, {JsonParameter(refused)});
}

std::uint64_t RecoverRequests(const Extension& extension, std::int64_t generation, bool all_others,
                              const Parameter& mine) {
  Run(recover_requests, extension, {LongParameter(generation), BoolParameter(all_others), mine});
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

void FailOldestQueued(const Extension& extension, const char* system_identifier,
                      const char* error) {
  Run(fail_oldest, extension, {TextParameter(system_identifier), JsonbParameter(error)});
}

std::uint64_t BlankOldResults(const Extension& extension, int retention_seconds) {
  Run(blank_old_results, extension, {IntParameter(retention_seconds)});
  return SPI_processed;
}

}  // namespace byok::pg
