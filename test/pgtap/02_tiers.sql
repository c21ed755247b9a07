-- Which key for whom: all eight combinations of stored keys, with and without a tenant, by the table.
BEGIN;
CREATE EXTENSION pgtap;
CREATE EXTENSION byok;
SELECT plan(37);
SET client_min_messages = error;

CREATE TEMP TABLE tiers (n int, tenant_key boolean, user_key boolean, system_key boolean, with_tenant text, without_tenant text);
INSERT INTO tiers VALUES
  (0, false, false, false, NULL,          NULL),
  (1, false, false, true,  'system_key',  'system_key'),
  (2, false, true,  false, 'user_key',    'user_key'),
  (3, false, true,  true,  'user_key',    'user_key'),
  (4, true,  false, false, 'tenant_byok', NULL),
  (5, true,  false, true,  'tenant_byok', 'system_key'),
  (6, true,  true,  false, 'tenant_byok', 'user_key'),
  (7, true,  true,  true,  'tenant_byok', 'user_key');

-- one provider a case, so that its platform key is the case's own and the environment has none for it
INSERT INTO providers (name, base_url, default_model) SELECT 'p' || n, 'https://p' || n || '.example.com/v1', 'm' FROM tiers;
SELECT store_key('p' || n, 'sk-test-tenant-key-0000', 'tenant', 'tenant_abc') FROM tiers WHERE tenant_key \g /dev/null
SELECT store_key('p' || n, 'sk-test-user-key-0000', 'user', 'user_123') FROM tiers WHERE user_key \g /dev/null
SELECT store_key('p' || n, 'sk-test-system-key-0000', 'system') FROM tiers WHERE system_key \g /dev/null

CREATE FUNCTION source_of(provider text, tenant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT key_source FROM resolve_key(provider, 'user_123', tenant));
EXCEPTION WHEN undefined_object THEN
  RETURN NULL;
END $$;
SELECT is(source_of('p' || n, 'tenant_abc'), with_tenant, format('tenant %s, user %s, system %s, tenant given', tenant_key, user_key, system_key)) FROM tiers ORDER BY n;
SELECT is(source_of('p' || n, NULL), without_tenant, format('tenant %s, user %s, system %s, no tenant', tenant_key, user_key, system_key)) FROM tiers ORDER BY n;
SELECT is(source_of('p' || n, 'another_tenant'), without_tenant, format('tenant %s, user %s, system %s, another tenant', tenant_key, user_key, system_key)) FROM tiers ORDER BY n;

-- the reasons
SELECT throws_ok($$SELECT * FROM resolve_key('p0', 'user_123', 'tenant_abc')$$, '42704', 'No p0 API key available', 'no key anywhere, in the seed''s words');
SELECT is(passed_over, '[{"reason": "none stored", "key_source": "tenant_byok"}, {"reason": "none stored", "key_source": "user_key"}]'::jsonb, 'every tier passed over is named')
  FROM resolve_key('p1', 'user_123', 'tenant_abc');
SELECT is(passed_over, '[]'::jsonb, 'nothing was passed over') FROM resolve_key('p7', 'user_123', 'tenant_abc');

-- another user's key is never used
SELECT is((SELECT key_source FROM resolve_key('p3', 'user_124')), 'system_key', 'user_124 does not get user_123''s key');

-- revocation and expiry fall through, one tier at a time
SELECT revoke_key(key_id, 'test') FROM byok_keys WHERE provider = 'p7' AND key_source = 'tenant_byok' \g /dev/null
SELECT is(source_of('p7', 'tenant_abc'), 'user_key', 'a revoked tenant key passes to the user''s');
UPDATE service_credentials SET expires_at = now() - interval '1 s' WHERE service_name = 'p7' AND tier = 'user_key';
SELECT is(source_of('p7', 'tenant_abc'), 'system_key', 'an expired user key passes to the platform''s');
SELECT revoke_key(key_id) FROM byok_keys WHERE provider = 'p7' AND key_source = 'system_key' \g /dev/null
SELECT is(source_of('p7', 'tenant_abc'), NULL, 'and with all gone there is none');
SELECT throws_like($$SELECT * FROM resolve_key('p7', 'user_123', 'tenant_abc')$$, 'No p7 API key available');

-- storing again replaces and keeps the history
SELECT store_key('p2', 'sk-test-user-key-0001', 'user', 'user_123') AS second \gset
SELECT is((SELECT key_id FROM resolve_key('p2', 'user_123')), :'second'::uuid, 'the newest key serves');
SELECT is((SELECT count(*) FROM list_keys('user_123') WHERE provider = 'p2'), 2::bigint, 'the old one is listed');
SELECT is((SELECT status FROM list_keys('user_123') WHERE provider = 'p2' AND key_id <> :'second'), 'retired', 'as retired');
SELECT isnt((SELECT previous_key_id FROM list_keys('user_123') WHERE key_id = :'second'), NULL, 'and named by its successor');

-- set_credential is the keyring's own door to the same
SELECT set_credential('p0', 'api_key', 'sk-test-user-key-0002', 'user_123') \g /dev/null
SELECT is(source_of('p0', NULL), 'user_key', 'set_credential with an identifier stores a user''s key');
SELECT * FROM finish();
ROLLBACK;
