-- pg_byok 1.0.0: everything CREATE EXTENSION byok makes, in this order:
--   types · keys · providers · prices · usage and ledger · people · functions · views · comments
-- No IF NOT EXISTS, no OR REPLACE (a planted object must fail the install), every name qualified,
-- nothing granted to PUBLIC.
\echo Use "CREATE EXTENSION byok" to load this file. \quit

-------------------------------------------------------------------------------------------------
-- types
-------------------------------------------------------------------------------------------------
CREATE DOMAIN @extschema@.usd AS numeric(20,12);
COMMENT ON DOMAIN @extschema@.usd IS 'US dollars, exact to 12 decimals';

CREATE DOMAIN @extschema@.key_source AS text
  CHECK (VALUE OPERATOR(pg_catalog.=) ANY (ARRAY['tenant_byok', 'user_key', 'system_key']));
COMMENT ON DOMAIN @extschema@.key_source IS 'whose key served a call: tenant_byok, user_key or system_key';

-------------------------------------------------------------------------------------------------
-- keys
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.key_store (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  store_id uuid NOT NULL
);
COMMENT ON TABLE @extschema@.key_store IS 'the random id every sealed record of this database is bound to; made with the first key';

CREATE TABLE @extschema@.master_keys (
  kek_id     bytea PRIMARY KEY CHECK (octet_length(kek_id) OPERATOR(pg_catalog.=) 8),
  kcv        bytea NOT NULL CHECK (octet_length(kcv) OPERATOR(pg_catalog.=) 16),
  state      text NOT NULL DEFAULT 'active'
             CHECK (state OPERATOR(pg_catalog.=) ANY (ARRAY['active', 'retired'])),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.master_keys IS 'master keys this store was written with: id and check value, never the key';
COMMENT ON COLUMN @extschema@.master_keys.kek_id IS 'HKDF-SHA256(key, no salt, "byok v1 kek-id", 8 bytes)';
COMMENT ON COLUMN @extschema@.master_keys.kcv IS 'check value HKDF-SHA256(key, store id, "byok v1 kcv", 16 bytes): a wrong key is caught before anything is written';

CREATE TABLE @extschema@.service_credentials (
  id              uuid PRIMARY KEY,
  service_name    text NOT NULL,
  credential_type text NOT NULL DEFAULT 'api_key',
  identifier      text,
  tier            @extschema@.key_source NOT NULL,
  tenant_id       text,
  user_id         text,
  origin          text NOT NULL,
  generation      bigint NOT NULL DEFAULT 1,
  sealed          bytea NOT NULL,
  kek_id          bytea NOT NULL GENERATED ALWAYS AS (substring(sealed FROM 9 FOR 8)) STORED,
  hint            text NOT NULL,
  description     text,
  expires_at      timestamptz,
  is_active       boolean NOT NULL DEFAULT true,
  retired_at      timestamptz,
  revoked_at      timestamptz,
  previous_key_id uuid REFERENCES @extschema@.service_credentials (id),
  created_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CONSTRAINT sealed_is_byk1 CHECK (
    octet_length(sealed) OPERATOR(pg_catalog.>=) 200
    AND (octet_length(sealed) OPERATOR(pg_catalog.-) 136) OPERATOR(pg_catalog.%) 64 OPERATOR(pg_catalog.=) 0
    AND substring(sealed FROM 1 FOR 4) OPERATOR(pg_catalog.=) '\x42594b01'::bytea),
  CONSTRAINT owner_matches_tier CHECK (
    (tenant_id IS NOT NULL) OPERATOR(pg_catalog.=) (tier::text OPERATOR(pg_catalog.=) 'tenant_byok')
    AND (user_id IS NOT NULL) OPERATOR(pg_catalog.=) (tier::text OPERATOR(pg_catalog.=) 'user_key'))
);
COMMENT ON TABLE @extschema@.service_credentials IS 'the keyring: one sealed API key per row (record BYK1, AES-256-GCM); no plaintext column exists';
COMMENT ON COLUMN @extschema@.service_credentials.service_name IS 'provider name';
COMMENT ON COLUMN @extschema@.service_credentials.identifier IS 'tenant or user id; null for a platform key';
COMMENT ON COLUMN @extschema@.service_credentials.origin IS 'scheme://host:port the key may be sent to; bound into the record';
COMMENT ON COLUMN @extschema@.service_credentials.sealed IS 'BYK1 record: bound to store, row, generation, tier, owner, provider and origin';
COMMENT ON COLUMN @extschema@.service_credentials.kek_id IS 'the master key the record is wrapped under';
COMMENT ON COLUMN @extschema@.service_credentials.hint IS 'last four characters of a key of at least 24';
COMMENT ON COLUMN @extschema@.service_credentials.is_active IS 'false once replaced or revoked';
COMMENT ON COLUMN @extschema@.service_credentials.retired_at IS 'when a replaced key is out of use: the rotation plus its overlap';

CREATE INDEX service_credentials_kek_id ON @extschema@.service_credentials (kek_id);
CREATE INDEX service_credentials_system ON @extschema@.service_credentials
  (service_name, is_active DESC, created_at DESC) WHERE tenant_id IS NULL AND user_id IS NULL;
CREATE UNIQUE INDEX service_credentials_one_system_key ON @extschema@.service_credentials (service_name)
  WHERE is_active AND tenant_id IS NULL AND user_id IS NULL;

CREATE TABLE @extschema@.tenant_api_keys (
  tenant_id     text NOT NULL,
  provider      text NOT NULL,
  credential_id uuid PRIMARY KEY REFERENCES @extschema@.service_credentials (id) ON DELETE CASCADE,
  is_active     boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.tenant_api_keys IS 'tier 1, tenant BYOK: which credential is a tenant''s for a provider';
CREATE INDEX tenant_api_keys_lookup ON @extschema@.tenant_api_keys
  (tenant_id, provider, is_active DESC, created_at DESC);
CREATE UNIQUE INDEX tenant_api_keys_one_active ON @extschema@.tenant_api_keys (tenant_id, provider)
  WHERE is_active;

CREATE TABLE @extschema@.user_api_keys (
  user_id       text NOT NULL,
  provider      text NOT NULL,
  credential_id uuid PRIMARY KEY REFERENCES @extschema@.service_credentials (id) ON DELETE CASCADE,
  is_active     boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.user_api_keys IS 'tier 2, user keys: which credential is a user''s for a provider';
CREATE INDEX user_api_keys_lookup ON @extschema@.user_api_keys
  (user_id, provider, is_active DESC, created_at DESC);
CREATE UNIQUE INDEX user_api_keys_one_active ON @extschema@.user_api_keys (user_id, provider)
  WHERE is_active;

CREATE TABLE @extschema@.key_events (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id  uuid NOT NULL,
  event   text NOT NULL
          CHECK (event OPERATOR(pg_catalog.=) ANY (ARRAY['stored', 'rotated', 'revoked', 'verified'])),
  actor   text NOT NULL,
  detail  text,
  at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.key_events IS 'audit: who stored, rotated, revoked, verified which key and when';
CREATE INDEX key_events_key ON @extschema@.key_events (key_id, at);

-------------------------------------------------------------------------------------------------
-- providers
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.providers (
  name               text PRIMARY KEY CHECK (name OPERATOR(pg_catalog.~) '^[a-z0-9][a-z0-9_.-]{0,62}$'),
  dialect            text NOT NULL DEFAULT 'openai',
  base_url           text NOT NULL,
  default_model      text NOT NULL,
  enabled            boolean NOT NULL DEFAULT true,
  by_default         boolean NOT NULL DEFAULT false,
  position           integer NOT NULL DEFAULT 100,
  auth               jsonb NOT NULL DEFAULT '{"header": "Authorization", "prefix": "Bearer "}',
  headers            jsonb NOT NULL DEFAULT '{}',
  max_tokens_field   text,
  verify_path        text,
  connect_timeout_ms integer NOT NULL DEFAULT 10000 CHECK (connect_timeout_ms BETWEEN 1 AND 60000),
  max_retries        integer NOT NULL DEFAULT 2 CHECK (max_retries BETWEEN 0 AND 5),
  allow_private      boolean NOT NULL DEFAULT false,
  builtin            boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE @extschema@.providers IS 'endpoints the router may ask; one row adds an OpenAI- or Anthropic-compatible one';
COMMENT ON COLUMN @extschema@.providers.dialect IS 'openai or anthropic';
COMMENT ON COLUMN @extschema@.providers.by_default IS 'asked when options.providers is not given';
COMMENT ON COLUMN @extschema@.providers.position IS 'order of the panel; the smaller wins ties';
COMMENT ON COLUMN @extschema@.providers.auth IS '{"header", "prefix"} of the header that carries the key';
COMMENT ON COLUMN @extschema@.providers.headers IS 'further request headers, nothing secret';
COMMENT ON COLUMN @extschema@.providers.max_tokens_field IS 'name of the output limit in requests; null = the dialect''s';
COMMENT ON COLUMN @extschema@.providers.verify_path IS 'free GET endpoint that proves a key; null = the dialect''s';
COMMENT ON COLUMN @extschema@.providers.max_retries IS 'attempts after the first, inside the request''s one deadline';
COMMENT ON COLUMN @extschema@.providers.allow_private IS 'permits plain http and private or loopback addresses; superuser only';
COMMENT ON COLUMN @extschema@.providers.builtin IS 'installed, not dumped; a changed row becomes the user''s own and is dumped';

INSERT INTO @extschema@.providers
  (name, dialect, base_url, default_model, by_default, position, auth, headers, max_tokens_field, verify_path, builtin)
VALUES
  ('openai', 'openai', 'https://api.openai.com/v1', 'gpt-5.6-terra', true, 1,
   '{"header": "Authorization", "prefix": "Bearer "}', '{}', NULL, NULL, true),
  ('anthropic', 'anthropic', 'https://api.anthropic.com', 'claude-sonnet-5', true, 2,
   '{"header": "x-api-key", "prefix": ""}', '{"anthropic-version": "2023-06-01"}', NULL, NULL, true),
  ('deepseek', 'openai', 'https://api.deepseek.com', 'deepseek-v4-flash', true, 3,
   '{"header": "Authorization", "prefix": "Bearer "}', '{}', 'max_tokens', '/user/balance', true);

-------------------------------------------------------------------------------------------------
-- prices
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.model_prices (
  id                          bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 1000000) PRIMARY KEY,
  provider                    text NOT NULL,
  model                       text NOT NULL,
  effective                   tstzrange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(effective)),
  tod_from                    time NOT NULL DEFAULT '00:00',
  tod_to                      time NOT NULL DEFAULT '24:00',
  iso_dow                     int4range NOT NULL DEFAULT '[1,8)' CHECK (NOT isempty(iso_dow)),
  input_tokens                int4range NOT NULL DEFAULT '[0,)' CHECK (NOT isempty(input_tokens)),
  input_usd_per_mtok          numeric(14,6) NOT NULL CHECK (input_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  cached_input_usd_per_mtok   numeric(14,6) CHECK (cached_input_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  cache_write_usd_per_mtok    numeric(14,6) CHECK (cache_write_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  cache_write_1h_usd_per_mtok numeric(14,6) CHECK (cache_write_1h_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  output_usd_per_mtok         numeric(14,6) NOT NULL CHECK (output_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  reasoning_usd_per_mtok      numeric(14,6) CHECK (reasoning_usd_per_mtok OPERATOR(pg_catalog.>=) 0),
  request_usd                 @extschema@.usd NOT NULL DEFAULT 0 CHECK (request_usd OPERATOR(pg_catalog.>=) 0),
  source                      text,
  builtin                     boolean NOT NULL DEFAULT false,
  recorded_at                 timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CHECK (tod_from OPERATOR(pg_catalog.<) tod_to),
  CHECK (builtin OPERATOR(pg_catalog.=) (id OPERATOR(pg_catalog.<) 1000000)),
  CHECK (input_usd_per_mtok::text OPERATOR(pg_catalog.<>) 'NaN' AND output_usd_per_mtok::text OPERATOR(pg_catalog.<>) 'NaN')
);
COMMENT ON TABLE @extschema@.model_prices IS 'USD per million tokens by model, date, UTC time of day, ISO weekday and input size; your own rows hide the built-in ones of the same model';
COMMENT ON COLUMN @extschema@.model_prices.effective IS 'from inclusive, to exclusive';
COMMENT ON COLUMN @extschema@.model_prices.input_tokens IS 'total input tokens, cached ones included, for which the row holds';
COMMENT ON COLUMN @extschema@.model_prices.cached_input_usd_per_mtok IS 'null = the input price; so are the cache write prices';
COMMENT ON COLUMN @extschema@.model_prices.reasoning_usd_per_mtok IS 'null = the output price';
CREATE INDEX model_prices_model ON @extschema@.model_prices (provider, model);

CREATE TABLE @extschema@.model_aliases (
  provider text NOT NULL,
  alias    text NOT NULL,
  model    text NOT NULL,
  builtin  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (provider, alias, builtin)
);
COMMENT ON TABLE @extschema@.model_aliases IS 'other names of a priced model; your own row hides the built-in one of the same alias';

CREATE TABLE @extschema@.pricing_rules (
  id         bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 1000000) PRIMARY KEY,
  provider   text,
  key_source @extschema@.key_source NOT NULL DEFAULT 'system_key',
  markup     numeric(10,4) NOT NULL DEFAULT 1 CHECK (markup OPERATOR(pg_catalog.>=) 0 AND markup::text OPERATOR(pg_catalog.<>) 'NaN'),
  flat_usd   @extschema@.usd NOT NULL DEFAULT 0 CHECK (flat_usd OPERATOR(pg_catalog.>=) 0),
  effective  tstzrange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(effective)),
  builtin    boolean NOT NULL DEFAULT false,
  CHECK (builtin OPERATOR(pg_catalog.=) (id OPERATOR(pg_catalog.<) 1000000))
);
COMMENT ON TABLE @extschema@.pricing_rules IS 'what the platform charges: cost x markup + flat per answered leg; a row of yours wins over a built-in one';
COMMENT ON COLUMN @extschema@.pricing_rules.provider IS 'null = every provider without a rule of its own';

INSERT INTO @extschema@.pricing_rules (id, provider, key_source, markup, builtin) VALUES
  (1, 'openai', 'system_key', 2, true),
  (2, 'anthropic', 'system_key', 3, true),
  (3, 'deepseek', 'system_key', 10, true);

-- @PRICE_ROWS@

-------------------------------------------------------------------------------------------------
-- usage and ledger: the seed's tables
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.key_usage_log (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id          uuid,
  attempt             integer NOT NULL DEFAULT 1,
  user_id             text,
  tenant_id           text,
  provider            text NOT NULL,
  model               text,
  key_source          @extschema@.key_source NOT NULL,
  credential_id       uuid,
  used_at             timestamptz NOT NULL DEFAULT pg_catalog.now(),
  status              text NOT NULL DEFAULT 'ok',
  error               text,
  input_tokens        bigint,
  cached_input_tokens bigint,
  cache_write_tokens  bigint,
  output_tokens       bigint,
  reasoning_tokens    bigint,
  cost_usd            @extschema@.usd,
  estimated           boolean NOT NULL DEFAULT false,
  charge_usd          @extschema@.usd NOT NULL DEFAULT 0,
  price_id            bigint,
  rule_id             bigint,
  latency_ms          integer,
  http_status         integer,
  provider_request_id text
);
COMMENT ON TABLE @extschema@.key_usage_log IS 'one row per call: whose key, what it used, what it cost';
COMMENT ON COLUMN @extschema@.key_usage_log.credential_id IS 'the stored key; null for a key of the server''s environment';
COMMENT ON COLUMN @extschema@.key_usage_log.used_at IS 'start of the query; the same for all its calls';
COMMENT ON COLUMN @extschema@.key_usage_log.status IS 'ok, failed_billed, failed_unbilled, unknown or skipped';
COMMENT ON COLUMN @extschema@.key_usage_log.cost_usd IS 'what the provider takes from the owner of the key; null when the price is unknown';
COMMENT ON COLUMN @extschema@.key_usage_log.charge_usd IS 'what the user is charged by the platform; 0 for tenant and user keys';
CREATE INDEX key_usage_log_user ON @extschema@.key_usage_log (user_id, used_at DESC);
CREATE INDEX key_usage_log_credential ON @extschema@.key_usage_log (credential_id, used_at DESC);
CREATE INDEX key_usage_log_request ON @extschema@.key_usage_log (request_id);

CREATE TABLE @extschema@.platform_api_usage (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id          uuid,
  attempt             integer NOT NULL DEFAULT 1,
  provider            text NOT NULL,
  model               text NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  cost_usd            @extschema@.usd NOT NULL,
  cached_input_tokens bigint,
  reasoning_tokens    bigint,
  estimated           boolean NOT NULL DEFAULT false,
  provider_request_id text,
  price_id            bigint,
  used_at             timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE @extschema@.platform_api_usage IS 'what the platform''s own keys (system_key) used and cost';
COMMENT ON COLUMN @extschema@.platform_api_usage.estimated IS 'the outcome of the call is unknown; cost_usd is its upper bound';
CREATE INDEX platform_api_usage_request ON @extschema@.platform_api_usage (request_id);
CREATE INDEX platform_api_usage_time ON @extschema@.platform_api_usage USING brin (used_at);

CREATE TABLE @extschema@.credit_transactions (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      text NOT NULL,
  amount_cents integer NOT NULL,
  type         text NOT NULL,
  description  text,
  metadata     jsonb NOT NULL DEFAULT '{}',
  amount_usd   @extschema@.usd,
  request_id   uuid,
  created_at   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.credit_transactions IS 'the ledger: one row per charged query';
COMMENT ON COLUMN @extschema@.credit_transactions.amount_cents IS 'whole cents, negative for a charge';
COMMENT ON COLUMN @extschema@.credit_transactions.amount_usd IS 'the exact amount, negative for a charge';
CREATE INDEX credit_transactions_user ON @extschema@.credit_transactions (user_id, created_at DESC);
CREATE UNIQUE INDEX credit_transactions_one_charge ON @extschema@.credit_transactions (request_id)
  WHERE type OPERATOR(pg_catalog.=) 'triangle_query';

-------------------------------------------------------------------------------------------------
-- people
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.role_capabilities (
  role_name  text NOT NULL,
  capability text NOT NULL CHECK (capability OPERATOR(pg_catalog.=) ANY
             (ARRAY['user', 'app', 'key_admin', 'billing_admin', 'auditor', 'admin'])),
  PRIMARY KEY (role_name, capability)
);
COMMENT ON TABLE @extschema@.role_capabilities IS 'what a role (and its members) may do; kept by byok_grant() and byok_revoke()';

CREATE TABLE @extschema@.identities (
  role_name text PRIMARY KEY,
  user_id   text NOT NULL,
  tenant_id text
);
COMMENT ON TABLE @extschema@.identities IS 'who a database role with capability user is; without a row it is the user of its own name';

-------------------------------------------------------------------------------------------------
-- guards of the built-in rows
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_check_provider(dialect text, base_url text, auth jsonb, headers jsonb, allow_private boolean)
  RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'byok_check_provider'
  SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_check_provider(text, text, jsonb, jsonb, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_check_provider(text, text, jsonb, jsonb, boolean) IS
  'refuses (22023) a providers row the router could not use, and (42501) allow_private from anyone but a superuser';

CREATE FUNCTION @extschema@.byok_guard_provider() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM @extschema@.byok_check_provider(NEW.dialect, NEW.base_url, NEW.auth, NEW.headers, NEW.allow_private);
  -- A changed or re-inserted built-in row is the user's own from now on: it is dumped, and on restore
  -- it takes the place of the one CREATE EXTENSION made.
  NEW.builtin := false;
  IF TG_OP = 'INSERT' THEN
    DELETE FROM @extschema@.providers p WHERE p.name = NEW.name AND p.builtin;
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_guard_provider() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_guard_provider() IS 'checks a providers row and turns a changed built-in row into the user''s own';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON @extschema@.providers
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_guard_provider();

CREATE FUNCTION @extschema@.byok_guard_builtin() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND OLD.builtin) OR (TG_OP <> 'DELETE' AND NEW.builtin) THEN
    RAISE EXCEPTION 'built-in rows of "%" are read-only', TG_TABLE_NAME
      USING ERRCODE = '55000', HINT = 'Insert a row of your own for the same key: it wins.';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_guard_builtin() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_guard_builtin() IS 'keeps built-in prices, aliases and rules as installed (55000)';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.model_prices
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_guard_builtin();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.model_aliases
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_guard_builtin();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.pricing_rules
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_guard_builtin();

-------------------------------------------------------------------------------------------------
-- functions: ask
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.triangle_query(prompt text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                           options jsonb DEFAULT '{}')
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'byok_triangle_query' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_query(text, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_query(text, text, text, jsonb) IS
  'asks all providers in parallel, each with the best key (tenant, user, platform); returns responses, consensus, confidence, key_sources, charge. Errors: 22004, 22023, 25006, 39000 as data, 42501, 42704, 55000, 57014, 08006, P0402';

CREATE FUNCTION @extschema@.triangle_consensus(prompt text, answers jsonb, options jsonb DEFAULT '{}')
  RETURNS jsonb LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'byok_triangle_consensus' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_consensus(text, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_consensus(text, jsonb, jsonb) IS
  'the consensus engine alone, for answers from anywhere: {"name": "text", ...} -> consensus, confidence, agreement. Error 22023';

CREATE FUNCTION @extschema@.test_all_providers(user_id text DEFAULT NULL, tenant_id text DEFAULT NULL)
  RETURNS TABLE (provider text, key_source text, ok boolean, latency_ms integer, detail text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 3
  AS 'MODULE_PATHNAME', 'byok_test_all_providers' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.test_all_providers(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.test_all_providers(text, text) IS
  'asks a free endpoint of every enabled provider with the key that user and tenant would get';

-------------------------------------------------------------------------------------------------
-- functions: keys
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.store_key(provider text, api_key text, scope text DEFAULT 'user', owner_id text DEFAULT NULL,
                                      description text DEFAULT NULL, expires_at timestamptz DEFAULT NULL,
                                      previous_key_id uuid DEFAULT NULL, verify boolean DEFAULT false)
  RETURNS uuid LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_store_key' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.store_key(text, text, text, text, text, timestamptz, uuid, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.store_key(text, text, text, text, text, timestamptz, uuid, boolean) IS
  'seals and stores a key for scope tenant, user or system and returns its id; the owner''s earlier key for that provider is replaced. Pass the key as a bind parameter. Errors: 22004, 22023, 42501, 42704, 55000';

CREATE FUNCTION @extschema@.rotate_key(key_id uuid, new_api_key text, overlap interval DEFAULT '0', verify boolean DEFAULT false)
  RETURNS uuid LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_rotate_key' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.rotate_key(uuid, text, interval, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.rotate_key(uuid, text, interval, boolean) IS
  'stores the successor of a key and returns its id; the old one is retired after overlap. Errors: 22004, 22023, 42501, 42704, 55000';

CREATE FUNCTION @extschema@.revoke_key(key_id uuid, reason text DEFAULT NULL)
  RETURNS boolean LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_revoke_key' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.revoke_key(uuid, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.revoke_key(uuid, text) IS
  'takes a key out of use at once; false when it was revoked already. Errors: 22004, 42501, 42704';

CREATE FUNCTION @extschema@.list_keys(user_id text DEFAULT NULL, tenant_id text DEFAULT NULL)
  RETURNS TABLE (key_id uuid, provider text, key_source text, owner_id text, hint text, status text, description text,
                 created_at timestamptz, expires_at timestamptz, last_used_at timestamptz, last_verified_at timestamptz,
                 previous_key_id uuid)
  LANGUAGE c STABLE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_list_keys' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.list_keys(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.list_keys(text, text) IS
  'the keys that user and tenant could be served with, platform keys included; never a key itself. A key_admin without arguments sees all. Error 42501';

CREATE FUNCTION @extschema@.resolve_key(provider text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL)
  RETURNS TABLE (key_source text, key_id uuid, hint text, passed_over jsonb)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
  AS 'MODULE_PATHNAME', 'byok_resolve_key' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.resolve_key(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.resolve_key(text, text, text) IS
  'VaultBridge''s choice for a provider and why the tiers before it were passed over; asks nobody. Errors: 22004, 22023, 42501, 42704';

CREATE FUNCTION @extschema@.verify_key(key_id uuid)
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'byok_verify_key' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.verify_key(uuid) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.verify_key(uuid) IS
  'asks the provider''s free endpoint: {"valid": true | false | null, ...}; null = the provider could not be asked. Errors: 22004, 39000, 42501, 42704, 55000';

CREATE FUNCTION @extschema@.set_credential(service text, credential_type text, value text, identifier text DEFAULT NULL,
                                           description text DEFAULT NULL, expires_at timestamptz DEFAULT NULL)
  RETURNS uuid LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_set_credential' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.set_credential(text, text, text, text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.set_credential(text, text, text, text, text, timestamptz) IS
  'the keyring''s own entry: a user''s key with an identifier, the platform''s without. credential_type is api_key. Errors as store_key';

-------------------------------------------------------------------------------------------------
-- functions: people and the extension itself
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_grant(role_name regrole, capability text)
  RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_grant' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_grant(regrole, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_grant(regrole, text) IS
  'gives a role one of the capabilities user, app, key_admin, billing_admin, auditor, admin. Errors: 22004, 22023, 42501';

CREATE FUNCTION @extschema@.byok_revoke(role_name regrole, capability text)
  RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_revoke' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_revoke(regrole, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_revoke(regrole, text) IS
  'takes a capability from a role. Errors: 22004, 22023, 42501';

CREATE FUNCTION @extschema@.byok_version()
  RETURNS text LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'byok_version' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_version() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_version() IS 'version of the loaded library and of the SQL objects';

CREATE FUNCTION @extschema@.byok_status()
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_status' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_status() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_status() IS
  'what is set up and what is not: master key, platform keys by provider, stored keys, settings; never a value';

-------------------------------------------------------------------------------------------------
-- views for readers (granted by byok_grant to auditor, key_admin, billing_admin, admin)
-------------------------------------------------------------------------------------------------
CREATE VIEW @extschema@.byok_keys WITH (security_barrier) AS
  SELECT c.id AS key_id, c.service_name AS provider, c.tier::text AS key_source, c.identifier AS owner_id, c.hint,
         CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked'
              WHEN c.expires_at OPERATOR(pg_catalog.<=) statement_timestamp() AND c.is_active THEN 'expired'
              WHEN c.is_active THEN 'active'
              WHEN c.retired_at OPERATOR(pg_catalog.>) statement_timestamp() THEN 'retiring'
              ELSE 'retired' END AS status,
         c.description, c.created_at, c.expires_at,
         (SELECT u.used_at FROM @extschema@.key_usage_log u WHERE u.credential_id OPERATOR(pg_catalog.=) c.id
           ORDER BY u.used_at DESC LIMIT 1) AS last_used_at,
         (SELECT max(e.at) FROM @extschema@.key_events e
           WHERE e.key_id OPERATOR(pg_catalog.=) c.id AND e.event OPERATOR(pg_catalog.=) 'verified') AS last_verified_at,
         c.previous_key_id, c.tenant_id, c.user_id, c.origin, encode(c.kek_id, 'hex') AS kek_id
    FROM @extschema@.service_credentials c;
COMMENT ON VIEW @extschema@.byok_keys IS 'every stored key: owner, status, hint, use; never the key';

CREATE VIEW @extschema@.byok_expiring_keys WITH (security_barrier) AS
  SELECT k.key_id, k.provider, k.key_source, k.owner_id, k.hint, k.expires_at,
         k.expires_at OPERATOR(pg_catalog.-) statement_timestamp() AS expires_in
    FROM @extschema@.byok_keys k
   WHERE k.status OPERATOR(pg_catalog.=) 'active'
     AND k.expires_at OPERATOR(pg_catalog.<) (statement_timestamp() OPERATOR(pg_catalog.+) '30 days'::interval)
   ORDER BY k.expires_at;
COMMENT ON VIEW @extschema@.byok_expiring_keys IS 'active keys that expire within 30 days';

CREATE VIEW @extschema@.byok_usage WITH (security_barrier) AS
  SELECT u.request_id, u.used_at, u.user_id, u.tenant_id, u.provider, u.model, u.key_source::text AS key_source,
         u.credential_id AS key_id, u.attempt, u.status, u.error, u.input_tokens, u.cached_input_tokens,
         u.cache_write_tokens, u.output_tokens, u.reasoning_tokens, u.cost_usd::numeric AS cost_usd, u.estimated,
         u.charge_usd::numeric AS charge_usd, u.latency_ms, u.http_status, u.provider_request_id
    FROM @extschema@.key_usage_log u;
COMMENT ON VIEW @extschema@.byok_usage IS 'one row per call with source, tokens, cost and charge';

-------------------------------------------------------------------------------------------------
-- what pg_dump must carry: everything a user made, nothing this script makes
-------------------------------------------------------------------------------------------------
REVOKE ALL ON TABLE
  @extschema@.key_store, @extschema@.master_keys, @extschema@.service_credentials, @extschema@.tenant_api_keys,
  @extschema@.user_api_keys, @extschema@.key_events, @extschema@.providers, @extschema@.model_prices,
  @extschema@.model_aliases, @extschema@.pricing_rules, @extschema@.key_usage_log, @extschema@.platform_api_usage,
  @extschema@.credit_transactions, @extschema@.role_capabilities, @extschema@.identities, @extschema@.byok_keys,
  @extschema@.byok_expiring_keys, @extschema@.byok_usage
  FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump(c.oid, f.filter)
  FROM (VALUES
         ('key_store', ''), ('master_keys', ''), ('service_credentials', ''), ('tenant_api_keys', ''),
         ('user_api_keys', ''), ('key_events', ''), ('key_events_id_seq', ''), ('providers', 'WHERE NOT builtin'),
         ('model_prices', 'WHERE NOT builtin'), ('model_prices_id_seq', ''),
         ('model_aliases', 'WHERE NOT builtin'), ('pricing_rules', 'WHERE NOT builtin'),
         ('pricing_rules_id_seq', ''), ('key_usage_log', ''), ('key_usage_log_id_seq', ''),
         ('platform_api_usage', ''), ('platform_api_usage_id_seq', ''), ('credit_transactions', ''),
         ('credit_transactions_id_seq', ''), ('role_capabilities', ''), ('identities', '')) AS f (name, filter)
  JOIN pg_catalog.pg_extension x ON x.extname OPERATOR(pg_catalog.=) 'byok'
  JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) x.extnamespace
                            AND c.relname OPERATOR(pg_catalog.=) f.name;
