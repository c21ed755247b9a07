-- The seed's scenarios and its money, to the digit.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset null -
SELECT store_key('openai', 'sk-test-user-123-openai-0000', 'user', 'user_123') IS NOT NULL AS stored;
SELECT store_key('openai', 'sk-test-tenant-abc-openai-0000', 'tenant', 'tenant_abc') IS NOT NULL AS stored;
-- Test 1: user has no keys
SELECT jsonb_pretty(triangle_query('Hello world', 'new_user_no_keys') -> 'key_sources') AS key_sources;
-- Test 2: user has OpenAI only
SELECT jsonb_pretty(triangle_query('Hello world', 'user_123') -> 'key_sources') AS key_sources;
-- Test 3: tenant BYOK
SELECT jsonb_pretty(triangle_query('Hello world', 'tenant_user_123', 'tenant_abc') -> 'key_sources') AS key_sources;
-- which keys went over the wire: never another's
\! curl -s "$BYOK_FAKE_HTTP/_control/requests" | jq -r '[.[] | .provider + " " + (.headers.authorization // .headers["x-api-key"])] | sort | .[]'
-- the cost example: user has OpenAI, platform provides Anthropic and DeepSeek
SELECT triangle_query('Explain quantum computing', 'example_user') IS NOT NULL AS platform_pays_all;
SELECT store_key('openai', 'sk-test-example-openai-0000', 'user', 'example_user') IS NOT NULL AS stored;
CREATE TEMP TABLE example AS SELECT triangle_query('Explain quantum computing', 'example_user') AS result;
SELECT result -> 'success' AS success, result -> 'key_sources' AS key_sources, result -> 'degraded' AS degraded,
       (SELECT count(*) FROM jsonb_object_keys(result -> 'responses')) AS responses,
       result ->> 'consensus' IN (SELECT value FROM jsonb_each_text(result -> 'responses')) AS consensus_is_an_answer,
       (result ->> 'confidence')::numeric BETWEEN 0 AND 1 AS confidence_in_range FROM example;
SELECT jsonb_pretty(result -> 'charge') AS charge FROM example;
SELECT jsonb_pretty(result -> 'usage') AS usage FROM example;
SELECT u.provider, u.key_source, u.status, u.input_tokens, u.output_tokens, trim_scale(u.cost_usd) AS cost, trim_scale(u.charge_usd) AS charge
  FROM byok_usage u, example WHERE u.request_id = (result ->> 'request_id')::uuid ORDER BY array_position('{openai,anthropic,deepseek}', u.provider);
SELECT trim_scale(sum(charge_usd)) AS "total user charge",
       trim_scale(sum(cost_usd) FILTER (WHERE key_source = 'system_key')) AS "total platform cost",
       trim_scale(sum(charge_usd) - sum(cost_usd) FILTER (WHERE key_source = 'system_key')) AS profit,
       round(100 * (1 - sum(cost_usd) FILTER (WHERE key_source = 'system_key') / sum(charge_usd))) AS "margin %"
  FROM key_usage_log u, example WHERE u.request_id = (result ->> 'request_id')::uuid;
SELECT user_id, amount_cents, trim_scale(amount_usd) AS amount_usd, type, description, metadata
  FROM credit_transactions t, example WHERE t.request_id = (result ->> 'request_id')::uuid;
SELECT provider, model, input_tokens, output_tokens, trim_scale(cost_usd) AS cost_usd
  FROM platform_api_usage p, example WHERE p.request_id = (result ->> 'request_id')::uuid ORDER BY provider;
-- all keys the user's own: metered, never ledgered
SELECT store_key('anthropic', 'sk-ant-api03-test-example', 'user', 'example_user') IS NOT NULL AS stored;
-- the same transaction's uncommitted key is used
BEGIN;
SELECT store_key('deepseek', 'sk-test-example-deepseek-0000', 'user', 'example_user') IS NOT NULL AS stored;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "anthropic", "key": "sk-ant-api03-test-example", "text": "ok"}]'
SELECT triangle_query('free tier', 'example_user') -> 'key_sources' AS key_sources;
SELECT count(*) AS "ledger rows" FROM credit_transactions t WHERE t.description LIKE '%3 user keys%';
ROLLBACK;
-- audit as in the seed
SELECT provider, key_source FROM key_usage_log WHERE user_id = 'user_123' ORDER BY used_at DESC, id LIMIT 100;
-- options
SELECT jsonb_object_keys(triangle_query('two only', 'u', NULL, '{"providers": ["deepseek", "openai"]}') -> 'responses') ORDER BY 1;
SELECT triangle_query('q', 'u', NULL, '{"models": {"openai": "gpt-4o-mini"}, "providers": ["openai"]}') -> 'models' AS models;
-- the system key in the keyring goes before the environment's
SELECT store_key('deepseek', 'sk-test-keyring-deepseek-0000', 'system') IS NOT NULL AS stored;
SELECT key_source, key_id IS NOT NULL AS in_keyring, hint, passed_over FROM resolve_key('deepseek', 'nobody');
SELECT key_source, key_id IS NOT NULL AS in_keyring, hint, passed_over FROM resolve_key('openai', 'nobody');
