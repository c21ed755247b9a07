-- Providers that are down, slow, talk garbage, reject or limit: typed errors, the others' answers kept, no key in any text.
\pset null -
CREATE FUNCTION after_fault(options jsonb DEFAULT '{}') RETURNS TABLE (degraded text, responses text, errors jsonb, key_leaked boolean)
LANGUAGE sql AS $$
  SELECT r ->> 'degraded', (SELECT string_agg(k, ',' ORDER BY k) FROM jsonb_object_keys(r -> 'responses') k),
         (SELECT jsonb_object_agg(key, value - 'message') FROM jsonb_each(r -> 'errors')),
         r::text ~ 'sk-(test|ant)'
    FROM triangle_query('fault', 'fault_user', NULL, '{"timeout_ms": 1500}' || options) r $$;
CREATE FUNCTION messages(options jsonb DEFAULT '{}') RETURNS TABLE (provider text, message text) LANGUAGE sql AS $$
  SELECT key, value ->> 'message' FROM jsonb_each(triangle_query('fault', 'fault_user', NULL, '{"timeout_ms": 1500, "on_error": "return"}' || options) -> 'errors') ORDER BY 1 $$;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "status": 401, "echo_key": true}]'
SELECT * FROM after_fault();
SELECT * FROM messages() WHERE message !~ 'sk-test';
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "anthropic", "status": 429, "headers": {"retry-after": "3600"}}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "deepseek", "body": "<html>502</html>"}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "deepseek", "body": ""}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "no_answer": true}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "reset": true}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "cut_after_bytes": 40}]'
SELECT * FROM after_fault();
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"status": 401, "echo_key": true}]'
SELECT * FROM attempt($$SELECT * FROM after_fault()$$) WHERE detail !~ 'sk-(test|ant)' \gx
SELECT * FROM messages();
SELECT degraded, responses, errors FROM after_fault('{"on_error": "return"}');
-- all three too slow
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"no_answer": true}]'
SELECT code, message, detail FROM attempt($$SELECT triangle_query('slow', 'fault_user', NULL, '{"timeout_ms": 300}')$$) \gx
-- all three limit: the wait they ask for does not fit, so they are not asked again
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"status": 429, "headers": {"retry-after": "60"}}]'
SELECT code, message, regexp_replace(detail, 'limited: [^;]*', 'limited: …', 'g') AS detail FROM attempt($$SELECT triangle_query('limited', 'fault_user', NULL, '{"timeout_ms": 1500}')$$) \gx
-- all three talk garbage
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"body": "{\"choices\": [{"}]'
SELECT code, message, detail FROM attempt($$SELECT triangle_query('garbage', 'fault_user')$$) \gx
-- all three down: nobody listens there
BEGIN;
UPDATE providers SET base_url = 'http://127.0.0.1:1/v1', max_retries = 0;
SET LOCAL byok.system_key_origins = 'http://127.0.0.1:1';
UPDATE service_credentials SET is_active = false WHERE tenant_id IS NULL AND user_id IS NULL;
SELECT code, message, detail FROM attempt($$SELECT triangle_query('down', 'fault_user')$$) \gx
ROLLBACK;
-- a retry that succeeds: one answer, two attempts, both logged
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "status": 503, "times": 1}]'
SELECT a ->> 'provider' AS provider, a -> 'attempt' AS attempt, a -> 'status' AS status
  FROM jsonb_array_elements(triangle_query('retry', 'retry_user') -> 'attempts') a ORDER BY 1, 2;
SELECT provider, attempt, status, error FROM key_usage_log WHERE user_id = 'retry_user' ORDER BY 1, 2;
-- the user's key is rejected: never silently the platform's …
SELECT store_key('openai', 'sk-test-rejected-openai-0000', 'user', 'rejected_user') IS NOT NULL AS stored;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "key": "sk-test-rejected-openai-0000", "status": 401}]'
SELECT r -> 'key_sources' AS key_sources, r -> 'errors' -> 'openai' ->> 'reason' AS reason FROM triangle_query('q', 'rejected_user') r;
-- … unless the caller said so
SELECT r -> 'key_sources' AS key_sources, r -> 'errors' AS errors FROM triangle_query('q', 'rejected_user', NULL, '{"allow_platform_keys": "any_failure"}') r;
SELECT key_source, status, error, trim_scale(charge_usd) AS charge FROM key_usage_log WHERE user_id = 'rejected_user' AND provider = 'openai' ORDER BY id;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
-- verification
SELECT provider, key_source, ok, detail FROM test_all_providers('fault_user');
SELECT v - 'latency_ms' FROM verify_key((SELECT key_id FROM byok_keys WHERE owner_id = 'rejected_user')) v;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"path": "/openai/v1/models", "status": 401}]'
SELECT v - 'latency_ms' - 'detail' AS verdict FROM verify_key((SELECT key_id FROM byok_keys WHERE owner_id = 'rejected_user')) v;
SELECT * FROM attempt($$SELECT store_key('openai', 'sk-test-unverified-0000', 'user', 'v', verify => true)$$) \gx
SELECT count(*) FROM byok_keys WHERE owner_id = 'v';
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
