-- The schema is as documented: functions with their parameter names, tables with the seed's columns, views, settings.
BEGIN;
CREATE EXTENSION pgtap;
CREATE EXTENSION byok;
SELECT no_plan();

SELECT is(pg_get_function_arguments(signature::regprocedure), arguments, signature)
  FROM (VALUES
    ('triangle_query(text,text,text,jsonb)', 'prompt text, user_id text DEFAULT NULL::text, tenant_id text DEFAULT NULL::text, options jsonb DEFAULT ''{}''::jsonb'),
    ('triangle_consensus(text,jsonb,jsonb)', 'prompt text, answers jsonb, options jsonb DEFAULT ''{}''::jsonb'),
    ('triangle_ask(text,text,text,jsonb,jsonb)', 'IN prompt text, IN user_id text DEFAULT NULL::text, IN tenant_id text DEFAULT NULL::text, IN options jsonb DEFAULT ''{}''::jsonb, INOUT result jsonb DEFAULT NULL::jsonb'),
    ('triangle_submit(text,text,text,jsonb)', 'prompt text, user_id text DEFAULT NULL::text, tenant_id text DEFAULT NULL::text, options jsonb DEFAULT ''{}''::jsonb'),
    ('triangle_result(uuid,interval)', 'request_id uuid, wait interval DEFAULT ''00:00:00''::interval'),
    ('triangle_cancel(uuid)', 'request_id uuid'),
    ('triangle_estimate(text,text,text,jsonb)', 'prompt text, user_id text DEFAULT NULL::text, tenant_id text DEFAULT NULL::text, options jsonb DEFAULT ''{}''::jsonb'),
    ('byok_stop_router()', ''),
    ('store_key(text,text,text,text,text,timestamptz,uuid,boolean)', 'provider text, api_key text, scope text DEFAULT ''user''::text, owner_id text DEFAULT NULL::text, description text DEFAULT NULL::text, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, previous_key_id uuid DEFAULT NULL::uuid, verify boolean DEFAULT false'),
    ('rotate_key(uuid,text,interval,boolean)', 'key_id uuid, new_api_key text, overlap interval DEFAULT ''00:00:00''::interval, verify boolean DEFAULT false'),
    ('revoke_key(uuid,text)', 'key_id uuid, reason text DEFAULT NULL::text'),
    ('verify_key(uuid)', 'key_id uuid'),
    ('set_credential(text,text,text,text,text,timestamptz)', 'service text, credential_type text, value text, identifier text DEFAULT NULL::text, description text DEFAULT NULL::text, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone'),
    ('byok_import_prices(jsonb,boolean,numeric,timestamptz,text[],boolean)', 'prices jsonb, dry_run boolean DEFAULT true, max_jump numeric DEFAULT 5, effective_from timestamp with time zone DEFAULT NULL::timestamp with time zone, providers text[] DEFAULT NULL::text[], skip_refused boolean DEFAULT false'),
    ('byok_grant(regrole,text)', 'role_name regrole, capability text'),
    ('byok_revoke(regrole,text)', 'role_name regrole, capability text')) AS f (signature, arguments);

SELECT is(pg_get_function_result(signature::regprocedure), result, signature || ' returns')
  FROM (VALUES
    ('triangle_query(text,text,text,jsonb)', 'jsonb'),
    ('triangle_consensus(text,jsonb,jsonb)', 'jsonb'),
    ('triangle_submit(text,text,text,jsonb)', 'uuid'),
    ('triangle_result(uuid,interval)', 'jsonb'),
    ('triangle_cancel(uuid)', 'boolean'),
    ('triangle_map(text,text,text,jsonb,integer)', 'TABLE(id text, result jsonb)'),
    ('triangle_estimate(text,text,text,jsonb)', 'jsonb'),
    ('byok_stop_router()', 'integer'),
    ('store_key(text,text,text,text,text,timestamptz,uuid,boolean)', 'uuid'),
    ('rotate_key(uuid,text,interval,boolean)', 'uuid'),
    ('revoke_key(uuid,text)', 'boolean'),
    ('verify_key(uuid)', 'jsonb'),
    ('list_keys(text,text)', 'TABLE(key_id uuid, provider text, key_source text, owner_id text, hint text, status text, description text, created_at timestamp with time zone, expires_at timestamp with time zone, last_used_at timestamp with time zone, last_verified_at timestamp with time zone, previous_key_id uuid)'),
    ('resolve_key(text,text,text)', 'TABLE(key_source text, key_id uuid, hint text, passed_over jsonb)'),
    ('test_all_providers(text,text)', 'TABLE(provider text, key_source text, ok boolean, latency_ms integer, detail text)'),
    ('set_credential(text,text,text,text,text,timestamptz)', 'uuid'),
    ('byok_import_prices(jsonb,boolean,numeric,timestamptz,text[],boolean)', 'TABLE(action text, provider text, model text, detail text, old_price jsonb, new_price jsonb)'),
    ('byok_version()', 'text'),
    ('byok_status()', 'jsonb')) AS f (signature, result);

-- the seed's columns
SELECT has_column(t.name, c.name, t.name || '.' || c.name)
  FROM (VALUES
    ('credit_transactions', 'user_id amount_cents type description metadata'),
    ('platform_api_usage', 'provider model input_tokens output_tokens cost_usd'),
    ('key_usage_log', 'user_id provider key_source used_at price_id rule_id unit_prices'),
    ('service_credentials', 'service_name credential_type identifier description expires_at previous_key_id'),
    ('tenant_api_keys', 'tenant_id provider'),
    ('user_api_keys', 'user_id provider'),
    ('providers', 'name dialect base_url default_model enabled position auth max_retries allow_private'),
    ('model_prices', 'provider model effective'),
    ('pricing_rules', 'owner_kind owner_id provider key_source markup flat_usd byok_fee effective'),
    ('key_events', 'key_id event actor at'),
    ('master_keys', 'kek_id kcv state'),
    ('role_capabilities', 'role_name capability'),
    ('identities', 'role_name user_id tenant_id'),
    ('triangle_requests', 'id user_id tenant_id state charged_usd router_generation lease_until created_at started_at finished_at request result error origin_sysid'),
    ('triangle_calls', 'request_id provider purpose attempt state model returned_model key_source credential_id provider_request_id http_status bound_input_tokens max_output_tokens bound_cost_usd cost_usd charge_usd')) AS t (name, columns),
  LATERAL unnest(string_to_array(t.columns, ' ')) AS c (name);
SELECT has_view(v) FROM unnest(ARRAY['byok_keys', 'byok_usage', 'byok_expiring_keys', 'byok_ledger', 'byok_platform_usage', 'byok_key_events', 'byok_router', 'byok_provider_stats']) v;
SELECT col_type_is('credit_transactions', 'amount_cents', 'integer');
SELECT is(format_type(typbasetype, typtypmod), 'numeric(20,12)', 'money is exact') FROM pg_type WHERE typname = 'usd';

-- no table has a column that could hold a key in clear
SELECT is_empty($$
  SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
   WHERE relname IN ('service_credentials', 'tenant_api_keys', 'user_api_keys') AND attnum > 0
     AND attname ~ '(api_key|secret|plain|value|ciphertext)' $$, 'no plaintext column');

-- settings: none can be set by an ordinary user
SELECT is(context, expected, name) FROM pg_settings
  JOIN (VALUES ('byok.ca_file', 'sighup'), ('byok.cancel_policy', 'sighup'), ('byok.charge_policy', 'sighup'), ('byok.env_file', 'superuser'),
               ('byok.master_key_source', 'sighup'), ('byok.max_in_flight', 'sighup'), ('byok.min_charge_usd', 'sighup'),
               ('byok.payer', 'sighup'), ('byok.result_retention', 'sighup'), ('byok.router_idle_timeout', 'sighup'),
               ('byok.router_synchronous_commit', 'sighup'),
               ('byok.system_key_env', 'sighup'), ('byok.system_key_origins', 'superuser'), ('byok.unknown_price', 'superuser'))
       AS s (name, expected) USING (name);
SELECT is((SELECT count(*) FROM pg_settings WHERE name LIKE 'byok.%'), 14::bigint, 'and there are no others');

-- records look as CHECKed, whatever a superuser tries
SELECT throws_ok($$INSERT INTO service_credentials (id, service_name, tier, origin, sealed, hint) VALUES (gen_random_uuid(), 'openai', 'system_key', 'o', '\x00', '')$$, '23514');
SELECT throws_ok($$INSERT INTO service_credentials (id, service_name, tier, user_id, origin, sealed, hint)
  VALUES (gen_random_uuid(), 'openai', 'system_key', 'u', 'o', decode('42594b01' || repeat('00', 196), 'hex'), '')$$, '23514', NULL, 'a platform key has no owner');
SELECT * FROM finish();
ROLLBACK;
