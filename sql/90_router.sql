-- Calls and bills in a process of their own: what is asked is billed whatever the caller's transaction does.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset null -
CREATE VIEW bill AS
  SELECT r.user_id, r.state, trim_scale(r.charged_usd) AS charged, count(c.*) AS calls,
         count(*) FILTER (WHERE c.state = 'answered') AS answered,
         (SELECT count(*) FROM key_usage_log u WHERE u.request_id = r.id) AS usage_rows,
         (SELECT count(*) FROM platform_api_usage p WHERE p.request_id = r.id) AS platform_rows,
         (SELECT trim_scale(sum(t.amount_usd)) FROM credit_transactions t WHERE t.request_id = r.id) AS ledger
    FROM triangle_requests r LEFT JOIN triangle_calls c ON c.request_id = r.id
   GROUP BY r.id, r.user_id, r.state, r.charged_usd;
-- rollback
BEGIN;
SELECT triangle_query('q', 'r_rollback') -> 'success' AS answered;
ROLLBACK;
-- savepoint
BEGIN;
SAVEPOINT s;
SELECT triangle_query('q', 'r_savepoint') -> 'success' AS answered;
ROLLBACK TO s;
COMMIT;
-- an exception block
DO $$ BEGIN
  PERFORM triangle_query('q', 'r_exception');
  RAISE EXCEPTION 'something else';
EXCEPTION WHEN raise_exception THEN NULL;
END $$;
-- too few answers is an error, and the answer that came is billed
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "status": 400}, {"provider": "deepseek", "status": 400}]'
SELECT code, message FROM attempt($$SELECT triangle_query('q', 'r_too_few', NULL, '{"min_answers": 2}')$$);
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT * FROM bill WHERE user_id LIKE 'r\_%' ORDER BY user_id;
-- the same transaction's keys are used, and gone with it; the bill stays
BEGIN;
SELECT store_key('openai', 'sk-test-uncommitted-0000', 'user', 'r_same_transaction') IS NOT NULL AS stored;
SELECT triangle_query('q', 'r_same_transaction') #>> '{key_sources,openai}' AS key_source;
ROLLBACK;
SELECT provider, key_source, trim_scale(charge_usd) AS charge FROM key_usage_log WHERE user_id = 'r_same_transaction'
 ORDER BY array_position('{openai,anthropic,deepseek}', provider);
SELECT count(*) FROM user_api_keys WHERE user_id = 'r_same_transaction';
-- prices are those committed when the query begins
BEGIN;
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, source) VALUES ('openai', 'gpt-r', 1000, 0, 'test');
COMMIT;
SELECT triangle_query('q', 'r_price', NULL, '{"providers": ["openai"], "models": {"openai": "gpt-r"}}') #> '{charge,amount_usd}' AS charged;
-- the procedure: a result, and no transaction block
CALL triangle_ask('Hello world', 'r_procedure', NULL, '{"providers": ["openai"]}') \gset
SELECT :'result'::jsonb -> 'responses' AS responses;
BEGIN;
CALL triangle_ask('Hello world', 'r_procedure');
ROLLBACK;
DO $$ DECLARE r jsonb; BEGIN CALL triangle_ask('Hello world', 'r_procedure', NULL, '{}', r); RAISE NOTICE '%', r -> 'success'; END $$;
-- an estimate spends nothing
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT jsonb_pretty(triangle_estimate('Hello world', 'example_user', NULL, '{"max_tokens": 50}')) AS estimate;
SELECT triangle_estimate('Hello', 'u', NULL, '{"providers": ["openai"], "models": {"openai": "nobody-knows"}}') AS unknown_price;
\! curl -s "$BYOK_FAKE_HTTP/_control/stats" | jq .requests
-- submit: in the transaction, run after it
SELECT triangle_submit('Hello world', 's_one', NULL, '{"providers": ["openai"]}') AS one \gset
SELECT triangle_result(:'one', '20s') ->> 'consensus' AS consensus;
SELECT * FROM bill WHERE user_id = 's_one';
BEGIN;
SELECT triangle_submit('never', 's_never') AS never \gset
SELECT triangle_result(:'never') AS "while queued";
ROLLBACK;
\set VERBOSITY sqlstate
SELECT triangle_result(:'never');
\set VERBOSITY default
-- cancelled in the queue: not sent; a second time: too late
BEGIN;
SELECT triangle_submit('never', 's_cancelled') AS cancelled \gset
SELECT triangle_cancel(:'cancelled');
COMMIT;
SELECT triangle_cancel(:'cancelled');
\set VERBOSITY sqlstate
SELECT triangle_result(:'cancelled');
\set VERBOSITY default
SELECT state, charged_usd FROM triangle_requests WHERE user_id = 's_cancelled';
\! curl -s "$BYOK_FAKE_HTTP/_control/requests" | jq '[.[] | select(.prompt == "never")] | length'
-- its error is raised where its result is fetched
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "status": 400}]'
SELECT triangle_submit('bad', 's_failed', NULL, '{"providers": ["openai"]}') AS failed \gset
SELECT code, message, detail FROM attempt(format('SELECT triangle_result(%L, ''20s'')', :'failed'));
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
-- refused where it is submitted
SELECT * FROM attempt($$SELECT triangle_submit('q', 'u', NULL, '{"nonsense": 1}')$$);
SELECT code, message FROM attempt($$SELECT triangle_submit('q', 'u', NULL, '{"allow_platform_keys": "never"}')$$);
SELECT code, message FROM attempt($$SELECT triangle_result('00000000-0000-0000-0000-000000000000')$$);
SELECT code, message FROM attempt($$SELECT triangle_result(NULL)$$);
-- keys are resolved when it runs: no key, a price gone
INSERT INTO model_aliases (provider, alias, model) VALUES ('openai', 'gpt-a', 'gpt-r');
BEGIN;
SELECT triangle_submit('q', 's_no_price', NULL, '{"providers": ["openai"], "models": {"openai": "gpt-a"}}') AS no_price \gset
DELETE FROM model_aliases WHERE alias = 'gpt-a';
COMMIT;
SELECT code, message FROM attempt(format('SELECT triangle_result(%L, ''20s'')', :'no_price'));
SELECT state, charged_usd FROM triangle_requests WHERE user_id = 's_no_price';
-- map: rows as they finish, one that fails does not sink the others
SELECT id, result ->> 'consensus' AS consensus, result #>> '{error,sqlstate}' AS error
  FROM triangle_map($$SELECT n, CASE WHEN n <> 3 THEN 'row ' || n END FROM generate_series(1, 5) n$$, 'm_rows', concurrency => 2) ORDER BY id;
SELECT count(*) FROM triangle_map($$SELECT n, 'row ' || n FROM generate_series(1, 40) n$$, 'm_limit', NULL, '{"providers": ["openai"]}') LIMIT 1;
SELECT count(*) AS requests, count(*) FILTER (WHERE state = 'succeeded') AS succeeded FROM triangle_requests WHERE user_id IN ('m_rows', 'm_limit');
SELECT * FROM attempt($$SELECT * FROM triangle_map('SELECT 1', 'u')$$);
SELECT code, message FROM attempt($$SELECT * FROM triangle_map('DELETE FROM providers', 'u')$$);
SELECT code, message FROM attempt($$SELECT * FROM triangle_map('SELECT 1, 2', 'u', concurrency => 0)$$);
SELECT code, message FROM attempt($$SELECT * FROM triangle_map(NULL)$$);
-- gates: nothing is sent
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
BEGIN READ ONLY;
SELECT code, message FROM attempt($$SELECT triangle_submit('q', 'u')$$);
SELECT code, message FROM attempt($$SELECT * FROM triangle_map('SELECT 1, 2', 'u')$$);
ROLLBACK;
CREATE FUNCTION asks() RETURNS jsonb LANGUAGE sql AS $$SELECT triangle_query('q', 'u')$$;
CREATE MATERIALIZED VIEW asked AS SELECT asks() AS a WITH NO DATA;
SELECT code, message FROM attempt('REFRESH MATERIALIZED VIEW asked');
DROP MATERIALIZED VIEW asked;
DROP FUNCTION asks();
-- a lock of the caller's own is an error, not a deadlock that nobody sees
BEGIN;
LOCK TABLE triangle_requests IN ACCESS EXCLUSIVE MODE;
SELECT * FROM attempt($$SELECT triangle_query('q', 'u')$$);
ROLLBACK;
\! curl -s "$BYOK_FAKE_HTTP/_control/stats" | jq .requests
SELECT triangle_query('q', 'l_after') -> 'success' AS works_again;
-- a row of the caller's, inserted as the seed does it, holds nothing up
BEGIN;
INSERT INTO credit_transactions (user_id, amount_cents, type) VALUES ('l_seed', -3, 'triangle_query');
SELECT triangle_query('q', 'l_seed') -> 'success' AS answered;
ROLLBACK;
-- what there is to see
SELECT pid > 0 AS runs, in_flight, queue, calls, unsettled, requests > 0 AS asked, commits > 0 AS committed FROM byok_router;
SELECT provider, calls > 0 AS asked, answered > 0 AS answered, p50_ms IS NOT NULL AS p50, p99_ms >= p50_ms AS ordered, breaker, in_flight
  FROM byok_provider_stats ORDER BY provider;
SELECT backend_type, query LIKE 'byok router: %' AS says_so FROM pg_stat_activity WHERE backend_type LIKE 'byok%' AND datname = current_database();
-- stopped, and started by the next call
SELECT byok_stop_router();
SELECT byok_stop_router();
SELECT count(*) FROM byok_router;
SELECT triangle_query('q', 'l_restart') -> 'success' AS works_again;
-- nothing is left open
SELECT state, count(*) FROM triangle_requests WHERE state IN ('queued', 'running') GROUP BY 1;
SELECT state, count(*) FROM triangle_calls WHERE state = 'intent' GROUP BY 1;
DROP VIEW bill;
