-- Every bad input: SQLSTATE, message, detail, hint; nothing stored, nobody asked.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset format unaligned
\pset null -
CREATE ROLE regress_plain;
CREATE ROLE regress_user;
SELECT byok_grant('regress_user', 'user');
CREATE TABLE bad_input (id int GENERATED ALWAYS AS IDENTITY, role text DEFAULT 'none', statement text);
INSERT INTO bad_input (statement) VALUES
  -- provider, scope, owner
  ($$SELECT store_key('openia', 'sk-test-0123456789')$$),
  ($$SELECT store_key(NULL, 'sk-test-0123456789')$$),
  ($$SELECT store_key('openai', 'sk-test-0123456789', 'team', 'x')$$),
  ($$SELECT store_key('openai', 'sk-test-0123456789', NULL)$$),
  ($$SELECT store_key('openai', 'sk-test-0123456789', 'tenant')$$),
  ($$SELECT store_key('openai', 'sk-test-0123456789', 'tenant', '')$$),
  ($$SELECT store_key('openai', 'sk-test-0123456789', 'system', 'somebody')$$),
  -- the key itself: its bytes never show
  ($$SELECT store_key('openai', NULL)$$),
  ($$SELECT store_key('openai', '')$$),
  ($$SELECT store_key('openai', 'short')$$),
  ($$SELECT store_key('openai', repeat('k', 5000))$$),
  ($$SELECT store_key('openai', E'sk-test-0123456789\r\nX-Injected: 1')$$),
  ($$SELECT store_key('openai', 'sk-test 0123456789')$$),
  ($$SELECT store_key('openai', 'sk-tést-0123456789')$$),
  ($$SELECT store_key('anthropic', 'sk-ant-admin01-0123456789')$$),
  ($$SELECT store_key('openai', 'sk-admin-0123456789')$$),
  ($$SELECT store_key('openai', '…6789')$$),
  ($$SELECT set_credential('openai', 'password', 'sk-test-0123456789')$$),
  -- key ids
  ($$SELECT store_key('openai', 'sk-test-0123456789', 'user', 'u', NULL, NULL, '00000000-0000-0000-0000-000000000000')$$),
  ($$SELECT rotate_key('00000000-0000-0000-0000-000000000000', 'sk-test-0123456789')$$),
  ($$SELECT rotate_key(NULL, 'sk-test-0123456789')$$),
  ($$SELECT revoke_key('00000000-0000-0000-0000-000000000000')$$),
  ($$SELECT revoke_key(NULL)$$),
  ($$SELECT verify_key('00000000-0000-0000-0000-000000000000')$$),
  ($$SELECT * FROM resolve_key('openia')$$),
  ($$SELECT * FROM resolve_key(NULL)$$),
  -- asking
  ($$SELECT triangle_query(NULL)$$),
  ($$SELECT triangle_query(repeat('p', 4194305))$$),
  ($$SELECT triangle_query('q', '')$$),
  ($$SELECT triangle_query('q', repeat('u', 256))$$),
  ($$SELECT triangle_query('q', options => '{"max_token": 5}')$$),
  ($$SELECT triangle_query('q', options => '[]')$$),
  ($$SELECT triangle_query('q', options => '{"max_tokens": "many"}')$$),
  ($$SELECT triangle_query('q', options => '{"max_tokens": 0}')$$),
  ($$SELECT triangle_query('q', options => '{"timeout_ms": -1}')$$),
  ($$SELECT triangle_query('q', options => '{"temperature": 3}')$$),
  ($$SELECT triangle_query('q', options => '{"providers": []}')$$),
  ($$SELECT triangle_query('q', options => '{"providers": ["openai", "openai"]}')$$),
  ($$SELECT triangle_query('q', options => '{"providers": ["openia"]}')$$),
  ($$SELECT triangle_query('q', options => '{"min_answers": 4}')$$),
  ($$SELECT triangle_query('q', options => '{"allow_platform_keys": "always"}')$$),
  ($$SELECT triangle_query('q', options => '{"on_error": "ignore"}')$$),
  ($$SELECT triangle_query('q', options => '{"max_charge_usd": -1}')$$),
  ($$SELECT triangle_query('q', options => '{"max_charge_usd": 0.0001}')$$),
  ($$SELECT triangle_query('q', options => '{"models": {"openai": "gpt-unheard-of"}}')$$),
  ($$SELECT triangle_query('q', options => '{"idempotency_key": ""}')$$),
  ($$SELECT triangle_query('q', options => '{"strategy": "vote"}')$$),
  -- no key anywhere: the seed's words
  ($$SELECT triangle_query('q', options => '{"allow_platform_keys": "never"}')$$),
  -- people
  ($$SELECT byok_grant('regress_user', 'king')$$),
  ($$SELECT byok_grant(NULL, 'user')$$),
  ($$SELECT byok_grant('regress_user', NULL)$$),
  -- providers
  ($$INSERT INTO providers (name, base_url, default_model) VALUES ('p', 'http://api.example.com', 'm')$$),
  ($$INSERT INTO providers (name, base_url, default_model) VALUES ('p', 'https://user:pw@api.example.com', 'm')$$),
  ($$INSERT INTO providers (name, base_url, default_model) VALUES ('p', 'file:///etc/passwd', 'm')$$),
  ($$INSERT INTO providers (name, base_url, default_model, dialect) VALUES ('p', 'https://api.example.com', 'm', 'cobol')$$),
  ($$INSERT INTO providers (name, base_url, default_model, auth) VALUES ('p', 'https://api.example.com', 'm', '{"key": "x"}')$$),
  ($$INSERT INTO providers (name, base_url, default_model, headers) VALUES ('p', 'https://api.example.com', 'm', '{"x": 1}')$$),
  ($$INSERT INTO providers (name, base_url, default_model, headers) VALUES ('p', 'https://api.example.com', 'm', '{"Host": "evil.example"}')$$),
  ($$INSERT INTO providers (name, base_url, default_model, headers) VALUES ('p', 'https://api.example.com', 'm', '{"x": "a\r\nb: c"}')$$),
  ($$INSERT INTO providers (name, base_url, default_model, headers) VALUES ('p', 'https://api.example.com', 'm', '{"Authorization": "Bearer mine"}')$$),
  ($$INSERT INTO providers (name, base_url, default_model, auth) VALUES ('p', 'https://api.example.com', 'm', '{"header": "Host"}')$$),
  -- prices and rules
  ($$UPDATE model_prices SET output_usd_per_mtok = 0 WHERE builtin$$),
  ($$DELETE FROM pricing_rules WHERE builtin$$),
  ($$INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'm', 'NaN', 1)$$),
  ($$INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'm', -1, 1)$$);
INSERT INTO bad_input (role, statement) VALUES
  ('regress_plain', $$SELECT triangle_query('q')$$),
  ('regress_plain', $$SELECT store_key('openai', 'sk-test-0123456789')$$),
  ('regress_plain', $$SELECT * FROM service_credentials$$),
  ('regress_user', $$SELECT triangle_query('q', 'somebody_else')$$),
  ('regress_user', $$SELECT triangle_query('q', NULL, 'tenant_abc')$$),
  ('regress_user', $$SELECT store_key('openai', 'sk-test-0123456789', 'user', 'somebody_else')$$),
  ('regress_user', $$SELECT store_key('openai', 'sk-test-0123456789', 'tenant', 'tenant_abc')$$),
  ('regress_user', $$SELECT store_key('openai', 'sk-test-0123456789', 'system')$$),
  ('regress_user', $$SELECT * FROM list_keys('somebody_else')$$),
  ('regress_user', $$SELECT * FROM service_credentials$$),
  ('regress_user', $$SELECT byok_grant('regress_user', 'admin')$$);
CREATE FUNCTION attempt_as(role text, statement text, OUT code text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', role, true);
  SELECT * INTO code, message, detail, hint FROM attempt(statement);
  PERFORM set_config('role', 'none', true);
END $$;
SELECT b.role, left(b.statement, 100) AS statement, a.* FROM bad_input b, attempt_as(b.role, b.statement) a ORDER BY b.id \gx
-- read-only: refused before anything is spent
BEGIN READ ONLY;
SELECT triangle_query('q');
ROLLBACK;
-- nothing stored
SELECT count(*) FROM service_credentials;
SELECT count(*) FROM key_usage_log;
-- nobody asked
\! curl -s "$BYOK_FAKE_HTTP/_control/stats" | jq -c '{requests}'
DROP TABLE bad_input;
SELECT byok_revoke('regress_user', 'user');
-- a role without capabilities has no privilege left
SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = 'regress_user'::regrole;
DROP ROLE regress_plain;
