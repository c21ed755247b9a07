-- Capabilities: who may call what, for whom.
BEGIN;
CREATE EXTENSION pgtap;
CREATE EXTENSION byok;
SELECT no_plan();
SET client_min_messages = error;
CREATE ROLE t_none; CREATE ROLE t_user; CREATE ROLE t_app; CREATE ROLE t_keys; CREATE ROLE t_money; CREATE ROLE t_audit; CREATE ROLE t_admin;
CREATE ROLE t_member IN ROLE t_app;
CREATE ROLE t_distant NOINHERIT IN ROLE t_app;
SELECT byok_grant('t_user', 'user'), byok_grant('t_app', 'app'), byok_grant('t_keys', 'key_admin'), byok_grant('t_money', 'billing_admin'),
       byok_grant('t_audit', 'auditor'), byok_grant('t_admin', 'admin') \g /dev/null
GRANT USAGE ON SCHEMA public TO PUBLIC;

-- EXECUTE by capability, as documented
SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM unnest(ARRAY['t_none', 't_user', 't_app', 't_keys', 't_money', 't_audit', 't_admin']) WITH ORDINALITY r (role, ord)
            WHERE has_function_privilege(role, signature, 'EXECUTE')), roles, signature)
  FROM (VALUES
    ('triangle_query(text,text,text,jsonb)', 't_user t_app t_admin'),
    ('triangle_ask(text,text,text,jsonb,jsonb)', 't_user t_app t_admin'),
    ('triangle_submit(text,text,text,jsonb)', 't_user t_app t_admin'),
    ('triangle_result(uuid,interval)', 't_user t_app t_admin'),
    ('triangle_cancel(uuid)', 't_user t_app t_admin'),
    ('triangle_map(text,text,text,jsonb,integer)', 't_user t_app t_admin'),
    ('triangle_estimate(text,text,text,jsonb)', 't_user t_app t_admin'),
    ('byok_stop_router()', 't_admin'),
    ('triangle_consensus(text,jsonb,jsonb)', 't_user t_app t_keys t_money t_audit t_admin'),
    ('store_key(text,text,text,text,text,timestamptz,uuid,boolean)', 't_user t_app t_keys t_admin'),
    ('rotate_key(uuid,text,interval,boolean)', 't_user t_app t_keys t_admin'),
    ('revoke_key(uuid,text)', 't_user t_app t_keys t_admin'),
    ('list_keys(text,text)', 't_user t_app t_keys t_admin'),
    ('resolve_key(text,text,text)', 't_user t_app t_keys t_admin'),
    ('verify_key(uuid)', 't_user t_app t_keys t_admin'),
    ('test_all_providers(text,text)', 't_user t_app t_keys t_admin'),
    ('byok_status()', 't_keys t_money t_audit t_admin'),
    ('byok_import_prices(jsonb,boolean,numeric,timestamptz,text[],boolean)', 't_money t_admin'),
    ('byok_grant(regrole,text)', 't_admin'),
    ('byok_revoke(regrole,text)', 't_admin')) AS f (signature, roles);
SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM unnest(ARRAY['t_none', 't_user', 't_app', 't_keys', 't_money', 't_audit', 't_admin']) WITH ORDINALITY r (role, ord)
            WHERE has_table_privilege(role, tab, 'SELECT')), roles, tab)
  FROM (VALUES
    ('byok_keys', 't_keys t_audit t_admin'), ('byok_expiring_keys', 't_keys t_audit t_admin'), ('byok_key_events', 't_keys t_audit t_admin'),
    ('byok_usage', 't_money t_audit t_admin'), ('byok_ledger', 't_money t_audit t_admin'), ('byok_platform_usage', 't_money t_audit t_admin'),
    ('byok_router', 't_money t_audit t_admin'), ('byok_provider_stats', 't_money t_audit t_admin'),
    ('triangle_requests', NULL), ('triangle_calls', NULL),
    ('providers', 't_admin'), ('identities', 't_admin'), ('model_prices', 't_money t_admin'), ('pricing_rules', 't_money t_admin'),
    ('service_credentials', NULL), ('tenant_api_keys', NULL), ('user_api_keys', NULL), ('key_usage_log', NULL),
    ('credit_transactions', NULL), ('platform_api_usage', NULL), ('master_keys', NULL), ('key_store', NULL), ('role_capabilities', NULL)) AS f (tab, roles);

-- an EXECUTE granted past byok_grant opens nothing
GRANT EXECUTE ON FUNCTION triangle_query(text, text, text, jsonb) TO t_none;
SET LOCAL ROLE t_none;
SELECT throws_ok($$SELECT triangle_query('q')$$, '42501', 'permission denied to ask providers');
RESET ROLE;

-- a user acts only as itself: by the role's name, or as identities says
SET LOCAL ROLE t_user;
SELECT lives_ok($$SELECT store_key('openai', 'sk-test-own-key-000000')$$, 'a user stores its own key');
SELECT is((SELECT owner_id FROM list_keys() WHERE key_source = 'user_key'), 't_user', 'which is its role''s');
SELECT lives_ok($$SELECT * FROM resolve_key('openai', 't_user')$$, 'and may name itself');
SELECT throws_ok($$SELECT * FROM resolve_key('openai', 'victim')$$, '42501', 'permission denied to act for user "victim"');
SELECT throws_ok($$SELECT * FROM resolve_key('openai', NULL, 'tenant_abc')$$, '42501', 'permission denied to act for tenant "tenant_abc"');
SELECT throws_ok($$SELECT store_key('openai', 'sk-test-own-key-000000', 'tenant', 'tenant_abc')$$, '42501', 'permission denied to keep a tenant''s keys');
SELECT throws_ok($$SELECT store_key('openai', 'sk-test-own-key-000000', 'system')$$, '42501', 'permission denied to keep the platform''s keys');
RESET ROLE;
INSERT INTO identities VALUES ('t_user', 'alice', 'acme');
SELECT store_key('deepseek', 'sk-test-acme-key-00000', 'tenant', 'acme') \g /dev/null
SET LOCAL ROLE t_user;
SELECT is((SELECT key_source FROM resolve_key('deepseek')), 'tenant_byok', 'bound to a tenant, its key serves');
SELECT lives_ok($$SELECT * FROM resolve_key('deepseek', 'alice', 'acme')$$, 'the bound ids may be named');
SELECT throws_ok($$SELECT * FROM resolve_key('deepseek', 't_user')$$, '42501', 'permission denied to act for user "t_user"');
SELECT throws_ok($$SELECT * FROM resolve_key('deepseek', 'alice', 'other')$$, '42501', 'permission denied to act for tenant "other"');
RESET ROLE;

-- foreign keys look like none at all
SELECT store_key('anthropic', 'sk-ant-test-foreign-key', 'user', 'victim') AS foreign_key \gset
SELECT store_key('anthropic', 'sk-ant-test-platform-key', 'system') AS platform_key \gset
SET LOCAL ROLE t_user;
SELECT throws_ok(format('SELECT %s', call), '42704', format('key "%s" does not exist', id), call)
  FROM unnest(ARRAY[:'foreign_key', :'platform_key', '00000000-0000-4000-8000-000000000000']) id,
       LATERAL unnest(ARRAY[format('revoke_key(%L)', id), format('rotate_key(%L, ''sk-test-0000000000'')', id), format('verify_key(%L)', id)]) call;
SELECT is_empty($$SELECT * FROM list_keys() WHERE owner_id = 'victim'$$, 'nor are they listed');
SELECT is((SELECT hint FROM list_keys() WHERE key_source = 'system_key'), NULL, 'a platform key shows no hint to a user');
RESET ROLE;

-- an app acts for anyone, but not for the platform
SET LOCAL ROLE t_app;
SELECT lives_ok($$SELECT * FROM resolve_key('anthropic', 'victim', 'tenant_abc')$$, 'an app names any user and tenant');
SELECT lives_ok($$SELECT store_key('openai', 'sk-test-for-bob-00000', 'user', 'bob')$$, 'and stores keys for them');
SELECT lives_ok($$SELECT store_key('openai', 'sk-test-for-abc-00000', 'tenant', 'tenant_abc')$$, 'and for tenants');
SELECT throws_ok($$SELECT store_key('openai', 'sk-test-for-all-00000', 'system')$$, '42501', 'permission denied to keep the platform''s keys');
SELECT throws_ok(format('SELECT revoke_key(%L)', :'platform_key'), '42704', NULL, 'nor does it revoke them');
RESET ROLE;
SET LOCAL ROLE t_member;
SELECT lives_ok($$SELECT * FROM resolve_key('anthropic', 'victim')$$, 'a member inherits the capability');
RESET ROLE;
SET LOCAL ROLE t_distant;
SELECT throws_ok($$SELECT * FROM resolve_key('anthropic', 'victim')$$, '42501', NULL, 'a member without inheritance does not');
RESET ROLE;

-- key_admin keeps everybody's keys but asks nobody for them
SET LOCAL ROLE t_keys;
SELECT lives_ok($$SELECT store_key('openai', 'sk-test-platform-00000', 'system')$$, 'a key admin stores platform keys');
SELECT ok((SELECT count(*) FROM list_keys()) >= 6, 'and sees all keys');
SELECT throws_ok($$SELECT triangle_query('q')$$, '42501', NULL, 'but may not ask providers');
RESET ROLE;

-- admin: providers are rows
SET LOCAL ROLE t_admin;
SELECT lives_ok($$INSERT INTO providers (name, base_url, default_model) VALUES ('mistral', 'https://api.mistral.ai/v1', 'mistral-small')$$, 'an admin adds a provider');
SELECT lives_ok($$UPDATE providers SET default_model = 'gpt-4o' WHERE name = 'openai'$$, 'and changes a built-in one');
SELECT throws_ok($$UPDATE providers SET allow_private = true WHERE name = 'openai'$$, '42501', 'permission denied to set allow_private');
RESET ROLE;

-- a name that hides pg_catalog's does not capture us
SET LOCAL search_path = evil, pg_catalog, public;
CREATE SCHEMA evil;
CREATE TABLE evil.touched (by text);
CREATE FUNCTION evil.pg_has_role(oid, oid, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.touched VALUES ('pg_has_role'); RETURN true; END $$;
CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.touched VALUES ('='); RETURN true; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
CREATE TEMP TABLE pg_roles (oid oid, rolname text);
SELECT public.resolve_key('openai', 'victim') \g /dev/null
SELECT count(*) FROM public.byok_keys WHERE key_source OPERATOR(pg_catalog.=) 'user_key' \g /dev/null
RESET search_path;
DROP TABLE pg_temp.pg_roles;
SELECT is_empty('SELECT * FROM evil.touched', 'nothing of a hostile search_path ran');

-- byok_revoke takes it all back
SELECT byok_revoke('t_app', 'app') \g /dev/null
SELECT ok(NOT has_function_privilege('t_app', 'triangle_query(text,text,text,jsonb)', 'EXECUTE'), 'revoked: no EXECUTE');
SET LOCAL ROLE t_member;
SELECT throws_ok($$SELECT * FROM resolve_key('openai')$$, '42501', NULL, 'revoked: members neither');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
