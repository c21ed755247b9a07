-- Without the master key: storing says how to make one, stored keys fail by name, the platform's environment keys work.
\pset null -
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT store_key('openai', 'sk-test-master-user-openai', 'user', 'master_user') IS NOT NULL AS stored;
SELECT byok_status() -> 'master_key' -> 'ready' AS ready;
ALTER SYSTEM SET byok.master_key_source = 'env:NO_SUCH_VARIABLE';
SELECT pg_reload_conf(), pg_sleep(0.3);
\c
SELECT * FROM attempt($$SELECT store_key('openai', 'sk-test-0123456789', 'user', 'nobody')$$) \gx
SELECT * FROM attempt($$SELECT triangle_query('q', 'master_user', NULL, '{"providers": ["openai"]}')$$) \gx
SELECT r -> 'errors' -> 'openai' ->> 'reason' AS reason, (SELECT count(*) FROM jsonb_object_keys(r -> 'responses')) AS others
  FROM triangle_query('q', 'master_user', NULL, '{"providers": ["openai", "anthropic"]}') r;
SELECT triangle_query('q', 'nobody', NULL, '{"providers": ["openai"]}') -> 'key_sources' AS environment_keys_work;
SELECT byok_status() -> 'master_key' AS master_key;
ALTER SYSTEM SET byok.master_key_source = 'keychain';
SELECT pg_reload_conf(), pg_sleep(0.3);
\c
SELECT * FROM attempt($$SELECT store_key('openai', 'sk-test-0123456789', 'user', 'nobody')$$) \gx
ALTER SYSTEM RESET byok.master_key_source;
SELECT pg_reload_conf(), pg_sleep(0.3);
\c
SELECT triangle_query('q', 'master_user', NULL, '{"providers": ["openai"]}') -> 'key_sources' AS back_again;
SELECT count(*) AS stored_meanwhile FROM byok_keys WHERE owner_id = 'nobody';
