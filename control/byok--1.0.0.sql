-- pg_byok 1.0.0: everything CREATE EXTENSION byok makes, in this order:
--   types · keys · providers · prices · usage · accounts and ledger · requests and calls · people · guards ·
--   months · chain · functions · views · dump
-- No IF NOT EXISTS, no OR REPLACE (a planted object must fail the install), every name qualified,
-- nothing granted to PUBLIC.
\echo Use "CREATE EXTENSION byok" to load this file. \quit

-- Answers of models hold any character; a database that cannot would lose them after they were paid.
DO $$ BEGIN
  IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) ALL (ARRAY['UTF8', 'SQL_ASCII']) THEN
    RAISE EXCEPTION 'byok needs a database with encoding UTF8'
      USING ERRCODE = '55000', DETAIL = pg_catalog.format('The encoding is %s.', pg_catalog.current_setting('server_encoding')),
            HINT = 'Create the database with ENCODING UTF8 TEMPLATE template0.';
  END IF;
END $$;

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
    AND substring(sealed FROM 1 FOR 4) OPERATOR(pg_catalog.=) pg_catalog.decode('42594b01', 'hex')),
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
  max_retries        integer NOT NULL DEFAULT 2 CHECK (max_retries BETWEEN 0 AND 2),
  max_in_flight      integer NOT NULL DEFAULT 10000 CHECK (max_in_flight BETWEEN 1 AND 1000000),
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
COMMENT ON COLUMN @extschema@.providers.max_in_flight IS 'calls to it at a time, of all callers; with HTTP/1.1 that is connections. More wait their turn, within their deadline';
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
  CONSTRAINT windows_are_whole_minutes CHECK (
    date_trunc('minute', tod_from::interval) OPERATOR(pg_catalog.=) tod_from::interval
    AND date_trunc('minute', tod_to::interval) OPERATOR(pg_catalog.=) tod_to::interval),
  CONSTRAINT effective_is_half_open CHECK (
    (lower_inc(effective) OR lower_inf(effective)) AND NOT upper_inc(effective)),
  CHECK (builtin OPERATOR(pg_catalog.=) (id OPERATOR(pg_catalog.<) 1000000)),
  CONSTRAINT prices_are_numbers CHECK (  -- a sum with NaN is NaN
    (input_usd_per_mtok OPERATOR(pg_catalog.+) output_usd_per_mtok OPERATOR(pg_catalog.+) request_usd::numeric
     OPERATOR(pg_catalog.+) coalesce(cached_input_usd_per_mtok, 0) OPERATOR(pg_catalog.+) coalesce(cache_write_usd_per_mtok, 0)
     OPERATOR(pg_catalog.+) coalesce(cache_write_1h_usd_per_mtok, 0) OPERATOR(pg_catalog.+) coalesce(reasoning_usd_per_mtok, 0)
    )::text OPERATOR(pg_catalog.<>) 'NaN')
);
COMMENT ON TABLE @extschema@.model_prices IS 'USD per million tokens by model, date, UTC time of day, ISO weekday and input size; your own rows hide the built-in ones of the same model';
COMMENT ON COLUMN @extschema@.model_prices.effective IS 'from inclusive, to exclusive';
COMMENT ON COLUMN @extschema@.model_prices.input_tokens IS 'total input tokens, cached ones included, for which the row holds';
COMMENT ON COLUMN @extschema@.model_prices.cached_input_usd_per_mtok IS 'null = the input price; so is a null cache_write price, and a null 1-hour one is the cache_write price';
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
  owner_kind text CHECK (owner_kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'tenant'])),
  owner_id   text CHECK (octet_length(owner_id) BETWEEN 1 AND 255),
  provider   text,
  key_source @extschema@.key_source NOT NULL DEFAULT 'system_key',
  markup     numeric(10,4) NOT NULL DEFAULT 1 CHECK (markup OPERATOR(pg_catalog.>=) 0 AND markup::text OPERATOR(pg_catalog.<>) 'NaN'),
  flat_usd   @extschema@.usd NOT NULL DEFAULT 0 CHECK (flat_usd OPERATOR(pg_catalog.>=) 0 AND flat_usd::text OPERATOR(pg_catalog.<>) 'NaN'),
  byok_fee   numeric(6,4) NOT NULL DEFAULT 0 CHECK (byok_fee BETWEEN 0 AND 1),
  effective  tstzrange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(effective)),
  builtin    boolean NOT NULL DEFAULT false,
  CONSTRAINT owner_has_kind_and_id CHECK ((owner_kind IS NULL) OPERATOR(pg_catalog.=) (owner_id IS NULL)),
  CONSTRAINT flat_is_for_platform_keys CHECK (
    flat_usd OPERATOR(pg_catalog.=) 0 OR key_source::text OPERATOR(pg_catalog.=) 'system_key'),
  CONSTRAINT fee_is_for_own_keys CHECK (
    byok_fee OPERATOR(pg_catalog.=) 0 OR key_source::text OPERATOR(pg_catalog.<>) 'system_key'),
  CONSTRAINT effective_is_half_open CHECK (
    (lower_inc(effective) OR lower_inf(effective)) AND NOT upper_inc(effective)),
  CHECK (builtin OPERATOR(pg_catalog.=) (id OPERATOR(pg_catalog.<) 1000000))
);
COMMENT ON TABLE @extschema@.pricing_rules IS 'what the platform charges for an answered leg: on its own key cost x markup + flat, on a user''s or tenant''s key cost x byok_fee. Looked up by owner and provider, owner, provider, neither; a row of yours wins over a built-in one of the same kind';
COMMENT ON COLUMN @extschema@.pricing_rules.owner_kind IS 'user or tenant: whose account pays; null = everybody without a rule of their own';
COMMENT ON COLUMN @extschema@.pricing_rules.owner_id IS 'the user or tenant; null with owner_kind';
COMMENT ON COLUMN @extschema@.pricing_rules.provider IS 'null = every provider without a rule of its own';
COMMENT ON COLUMN @extschema@.pricing_rules.markup IS 'factor on the cost of an answered leg on a platform key; without effect for other key sources';
COMMENT ON COLUMN @extschema@.pricing_rules.flat_usd IS 'added per answered leg on a platform key';
COMMENT ON COLUMN @extschema@.pricing_rules.byok_fee IS 'share of the cost, 0 to 1, charged for an answered leg on a user''s or tenant''s own key; with a fee the price must be known before the call';
COMMENT ON COLUMN @extschema@.pricing_rules.effective IS 'from inclusive, to exclusive; the start of the query decides';

INSERT INTO @extschema@.pricing_rules (id, provider, key_source, markup, builtin) VALUES
  (1, 'openai', 'system_key', 2, true),
  (2, 'anthropic', 'system_key', 3, true),
  (3, 'deepseek', 'system_key', 10, true);

-- pydantic/genai-prices 0.1.8 of 2026-09-23, MIT licence, Copyright (c) Pydantic Services Inc. 2025 to present
INSERT INTO @extschema@.model_prices
  (id, provider, model, effective, tod_from, tod_to, iso_dow, input_tokens, input_usd_per_mtok, cached_input_usd_per_mtok, cache_write_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok, source, builtin)
VALUES
  (1, 'anthropic', 'claude-2', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 8, NULL, NULL, NULL, 24, 'pydantic/genai-prices 0.1.8', true),
  (2, 'anthropic', 'claude-3-5-haiku-latest', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.8, 0.08, 1, 1.6, 4, 'pydantic/genai-prices 0.1.8', true),
  (3, 'anthropic', 'claude-3-5-sonnet', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (4, 'anthropic', 'claude-3-7-sonnet-latest', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (5, 'anthropic', 'claude-3-haiku', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.25, 0.03, 0.3, 0.5, 1.25, 'pydantic/genai-prices 0.1.8', true),
  (6, 'anthropic', 'claude-3-opus-latest', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, 1.5, 18.75, 30, 75, 'pydantic/genai-prices 0.1.8', true),
  (7, 'anthropic', 'claude-3-sonnet', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (8, 'anthropic', 'claude-fable-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, 1, 12.5, 20, 50, 'pydantic/genai-prices 0.1.8', true),
  (9, 'anthropic', 'claude-fable-5-1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, 0.25, 12.5, 20, 50, 'pydantic/genai-prices 0.1.8', true),
  (10, 'anthropic', 'claude-haiku-4-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1, 0.1, 1.25, 2, 5, 'pydantic/genai-prices 0.1.8', true),
  (11, 'anthropic', 'claude-opus-4-0', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, 1.5, 18.75, 30, 75, 'pydantic/genai-prices 0.1.8', true),
  (12, 'anthropic', 'claude-opus-4-1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, 1.5, 18.75, 30, 75, 'pydantic/genai-prices 0.1.8', true),
  (13, 'anthropic', 'claude-opus-4-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (14, 'anthropic', 'claude-opus-4-6', '(,2026-03-13 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,200001)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (15, 'anthropic', 'claude-opus-4-6', '(,2026-03-13 00:00:00+00)', '00:00', '24:00', '[1,8)', '[200001,)', 10, 1, 12.5, 20, 37.5, 'pydantic/genai-prices 0.1.8', true),
  (16, 'anthropic', 'claude-opus-4-6', '[2026-03-13 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (17, 'anthropic', 'claude-opus-4-7', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (18, 'anthropic', 'claude-opus-4-8', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (19, 'anthropic', 'claude-opus-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, 6.25, 10, 25, 'pydantic/genai-prices 0.1.8', true),
  (20, 'anthropic', 'claude-opus-5-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 4, 0.2, 5, 8, 20, 'pydantic/genai-prices 0.1.8', true),
  (21, 'anthropic', 'claude-sonnet-4-0', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (22, 'anthropic', 'claude-sonnet-4-5', '(,)', '00:00', '24:00', '[1,8)', '[0,200001)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (23, 'anthropic', 'claude-sonnet-4-5', '(,)', '00:00', '24:00', '[1,8)', '[200001,)', 6, 0.6, 7.5, 12, 22.5, 'pydantic/genai-prices 0.1.8', true),
  (24, 'anthropic', 'claude-sonnet-4-6', '(,2026-03-13 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,200001)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (25, 'anthropic', 'claude-sonnet-4-6', '(,2026-03-13 00:00:00+00)', '00:00', '24:00', '[1,8)', '[200001,)', 6, 0.6, 7.5, 12, 22.5, 'pydantic/genai-prices 0.1.8', true),
  (26, 'anthropic', 'claude-sonnet-4-6', '[2026-03-13 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,)', 3, 0.3, 3.75, 6, 15, 'pydantic/genai-prices 0.1.8', true),
  (27, 'anthropic', 'claude-sonnet-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2, 0.2, 2.5, 4, 10, 'pydantic/genai-prices 0.1.8', true),
  (28, 'anthropic', 'claude-v1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 8, NULL, NULL, NULL, 24, 'pydantic/genai-prices 0.1.8', true),
  (29, 'deepseek', 'deepseek-chat', '(,)', '00:00', '00:30', '[1,8)', '[0,)', 0.135, 0.035, NULL, NULL, 0.55, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (30, 'deepseek', 'deepseek-chat', '(,)', '00:30', '16:30', '[1,8)', '[0,)', 0.27, 0.07, NULL, NULL, 1.1, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (31, 'deepseek', 'deepseek-chat', '(,)', '16:30', '24:00', '[1,8)', '[0,)', 0.135, 0.035, NULL, NULL, 0.55, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (32, 'deepseek', 'deepseek-reasoner', '(,)', '00:00', '00:30', '[1,8)', '[0,)', 0.135, 0.035, NULL, NULL, 0.55, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (33, 'deepseek', 'deepseek-reasoner', '(,)', '00:30', '16:30', '[1,8)', '[0,)', 0.55, 0.14, NULL, NULL, 2.19, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (34, 'deepseek', 'deepseek-reasoner', '(,)', '16:30', '24:00', '[1,8)', '[0,)', 0.135, 0.035, NULL, NULL, 0.55, 'pydantic/genai-prices 0.1.8, unconfirmed: old V3 price list; the provider now answers this name with deepseek-v4-flash', true),
  (35, 'deepseek', 'deepseek-v3.1-terminus', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.27, 0.13, NULL, NULL, 0.95, 'pydantic/genai-prices 0.1.8', true),
  (36, 'deepseek', 'deepseek-v3.2', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.2288, NULL, NULL, NULL, 0.3432, 'pydantic/genai-prices 0.1.8', true),
  (37, 'deepseek', 'deepseek-v3.2-exp', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.27, NULL, NULL, NULL, 0.41, 'pydantic/genai-prices 0.1.8', true),
  (38, 'deepseek', 'deepseek-v4-flash', '(,2026-08-17 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,)', 0.14, 0.0028, NULL, NULL, 0.28, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (39, 'deepseek', 'deepseek-v4-flash', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '00:00', '01:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (40, 'deepseek', 'deepseek-v4-flash', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '01:00', '04:00', '[1,8)', '[0,)', 0.44, 0.014, NULL, NULL, 1.32, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (41, 'deepseek', 'deepseek-v4-flash', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '04:00', '06:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (42, 'deepseek', 'deepseek-v4-flash', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '06:00', '10:00', '[1,8)', '[0,)', 0.44, 0.014, NULL, NULL, 1.32, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (43, 'deepseek', 'deepseek-v4-flash', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '10:00', '24:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (44, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '00:00', '01:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (45, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '01:00', '04:00', '[1,6)', '[0,)', 0.44, 0.014, NULL, NULL, 1.32, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (46, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '01:00', '04:00', '[6,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (47, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '04:00', '06:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (48, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '06:00', '10:00', '[1,6)', '[0,)', 0.44, 0.014, NULL, NULL, 1.32, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (49, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '06:00', '10:00', '[6,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (50, 'deepseek', 'deepseek-v4-flash', '[2026-08-23 00:00:00+00,)', '10:00', '24:00', '[1,8)', '[0,)', 0.22, 0.007, NULL, NULL, 0.66, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (51, 'deepseek', 'deepseek-v4-pro', '(,2026-08-17 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,)', 0.435, 0.003625, NULL, NULL, 0.87, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (52, 'deepseek', 'deepseek-v4-pro', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '00:00', '01:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (53, 'deepseek', 'deepseek-v4-pro', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '01:00', '04:00', '[1,8)', '[0,)', 1.32, 0.044, NULL, NULL, 3.96, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (54, 'deepseek', 'deepseek-v4-pro', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '04:00', '06:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (55, 'deepseek', 'deepseek-v4-pro', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '06:00', '10:00', '[1,8)', '[0,)', 1.32, 0.044, NULL, NULL, 3.96, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (56, 'deepseek', 'deepseek-v4-pro', '[2026-08-17 00:00:00+00,2026-08-23 00:00:00+00)', '10:00', '24:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (57, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '00:00', '01:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (58, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '01:00', '04:00', '[1,6)', '[0,)', 1.32, 0.044, NULL, NULL, 3.96, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (59, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '01:00', '04:00', '[6,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (60, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '04:00', '06:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (61, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '06:00', '10:00', '[1,6)', '[0,)', 1.32, 0.044, NULL, NULL, 3.96, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (62, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '06:00', '10:00', '[6,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (63, 'deepseek', 'deepseek-v4-pro', '[2026-08-23 00:00:00+00,)', '10:00', '24:00', '[1,8)', '[0,)', 0.66, 0.022, NULL, NULL, 1.98, 'pydantic/genai-prices 0.1.8, unconfirmed: weekend and start rules derived from the source''s comment; provider holidays are not modelled', true),
  (64, 'openai', 'ada', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.4, NULL, NULL, NULL, 0.4, 'pydantic/genai-prices 0.1.8', true),
  (65, 'openai', 'babbage', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.5, NULL, NULL, NULL, 0.5, 'pydantic/genai-prices 0.1.8', true),
  (66, 'openai', 'chatgpt-4o-latest', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, NULL, NULL, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (67, 'openai', 'codex-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.5, 0.375, NULL, NULL, 6, 'pydantic/genai-prices 0.1.8', true),
  (68, 'openai', 'computer-use', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, NULL, NULL, NULL, 12, 'pydantic/genai-prices 0.1.8', true),
  (69, 'openai', 'curie', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2, NULL, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (70, 'openai', 'davinci', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 20, NULL, NULL, NULL, 20, 'pydantic/genai-prices 0.1.8', true),
  (71, 'openai', 'ft:gpt-3.5-turbo-', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, NULL, NULL, NULL, 6, 'pydantic/genai-prices 0.1.8', true),
  (72, 'openai', 'ft:gpt-4o', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3.75, NULL, NULL, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (73, 'openai', 'ft:gpt-4o-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.3, NULL, NULL, NULL, 1.2, 'pydantic/genai-prices 0.1.8', true),
  (74, 'openai', 'gpt-3.5-0301', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.5, NULL, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (75, 'openai', 'gpt-3.5-turbo', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.5, NULL, NULL, NULL, 1.5, 'pydantic/genai-prices 0.1.8', true),
  (76, 'openai', 'gpt-3.5-turbo-0613', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.5, NULL, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (77, 'openai', 'gpt-3.5-turbo-1106', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1, NULL, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (78, 'openai', 'gpt-3.5-turbo-16k', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 3, NULL, NULL, NULL, 4, 'pydantic/genai-prices 0.1.8', true),
  (79, 'openai', 'gpt-3.5-turbo-instruct', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.5, NULL, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (80, 'openai', 'gpt-4', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 30, NULL, NULL, NULL, 60, 'pydantic/genai-prices 0.1.8', true),
  (81, 'openai', 'gpt-4-32k', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 60, NULL, NULL, NULL, 120, 'pydantic/genai-prices 0.1.8', true),
  (82, 'openai', 'gpt-4-turbo', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, NULL, NULL, NULL, 30, 'pydantic/genai-prices 0.1.8', true),
  (83, 'openai', 'gpt-4-vision-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, NULL, NULL, NULL, 30, 'pydantic/genai-prices 0.1.8', true),
  (84, 'openai', 'gpt-4.1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2, 0.5, NULL, NULL, 8, 'pydantic/genai-prices 0.1.8', true),
  (85, 'openai', 'gpt-4.1-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.4, 0.1, NULL, NULL, 1.6, 'pydantic/genai-prices 0.1.8', true),
  (86, 'openai', 'gpt-4.1-nano', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.1, 0.025, NULL, NULL, 0.4, 'pydantic/genai-prices 0.1.8', true),
  (87, 'openai', 'gpt-4.5-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 75, 37.5, NULL, NULL, 150, 'pydantic/genai-prices 0.1.8', true),
  (88, 'openai', 'gpt-4o', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2.5, 1.25, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (89, 'openai', 'gpt-4o-2024-05-13', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, NULL, NULL, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (90, 'openai', 'gpt-4o-audio-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2.5, NULL, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (91, 'openai', 'gpt-4o-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.15, 0.075, NULL, NULL, 0.6, 'pydantic/genai-prices 0.1.8', true),
  (92, 'openai', 'gpt-4o-mini-2024-07-18.ft-', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.3, NULL, NULL, NULL, 1.2, 'pydantic/genai-prices 0.1.8', true),
  (93, 'openai', 'gpt-4o-mini-audio-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.15, NULL, NULL, NULL, 0.6, 'pydantic/genai-prices 0.1.8', true),
  (94, 'openai', 'gpt-4o-mini-tts', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.6, NULL, NULL, NULL, 12, 'pydantic/genai-prices 0.1.8', true),
  (95, 'openai', 'gpt-4o-search-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2.5, NULL, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (96, 'openai', 'gpt-4o:extended', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 6, NULL, NULL, NULL, 18, 'pydantic/genai-prices 0.1.8', true),
  (97, 'openai', 'gpt-5', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.25, 0.125, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (98, 'openai', 'gpt-5-image', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, 1.25, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (99, 'openai', 'gpt-5-image-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2.5, 0.25, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (100, 'openai', 'gpt-5-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.25, 0.025, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (101, 'openai', 'gpt-5-nano', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.05, 0.005, NULL, NULL, 0.4, 'pydantic/genai-prices 0.1.8', true),
  (102, 'openai', 'gpt-5-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, NULL, NULL, NULL, 120, 'pydantic/genai-prices 0.1.8', true),
  (103, 'openai', 'gpt-5.1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.25, 0.125, NULL, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (104, 'openai', 'gpt-5.1-codex-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.25, 0.025, NULL, NULL, 2, 'pydantic/genai-prices 0.1.8', true),
  (105, 'openai', 'gpt-5.2', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.75, 0.175, NULL, NULL, 14, 'pydantic/genai-prices 0.1.8', true),
  (106, 'openai', 'gpt-5.2-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 21, NULL, NULL, NULL, 168, 'pydantic/genai-prices 0.1.8', true),
  (107, 'openai', 'gpt-5.3', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.75, 0.175, NULL, NULL, 14, 'pydantic/genai-prices 0.1.8', true),
  (108, 'openai', 'gpt-5.3-codex', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.75, 0.175, NULL, NULL, 14, 'pydantic/genai-prices 0.1.8', true),
  (109, 'openai', 'gpt-5.4', '(,)', '00:00', '24:00', '[1,8)', '[0,272000)', 2.5, 0.25, NULL, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (110, 'openai', 'gpt-5.4', '(,)', '00:00', '24:00', '[1,8)', '[272000,)', 5, 0.5, NULL, NULL, 22.5, 'pydantic/genai-prices 0.1.8', true),
  (111, 'openai', 'gpt-5.4-image-2', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 8, 2, NULL, NULL, 15, 'pydantic/genai-prices 0.1.8, unconfirmed: imported by the source from OpenRouter prices, not from the provider', true),
  (112, 'openai', 'gpt-5.4-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.75, 0.075, NULL, NULL, 4.5, 'pydantic/genai-prices 0.1.8', true),
  (113, 'openai', 'gpt-5.4-nano', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.2, 0.02, NULL, NULL, 1.25, 'pydantic/genai-prices 0.1.8', true),
  (114, 'openai', 'gpt-5.4-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,272000)', 30, NULL, NULL, NULL, 180, 'pydantic/genai-prices 0.1.8', true),
  (115, 'openai', 'gpt-5.4-pro', '(,)', '00:00', '24:00', '[1,8)', '[272000,)', 60, NULL, NULL, NULL, 270, 'pydantic/genai-prices 0.1.8', true),
  (116, 'openai', 'gpt-5.5', '(,)', '00:00', '24:00', '[1,8)', '[0,272000)', 5, 0.5, NULL, NULL, 30, 'pydantic/genai-prices 0.1.8', true),
  (117, 'openai', 'gpt-5.5', '(,)', '00:00', '24:00', '[1,8)', '[272000,)', 10, 1, NULL, NULL, 45, 'pydantic/genai-prices 0.1.8', true),
  (118, 'openai', 'gpt-5.5-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,272000)', 30, NULL, NULL, NULL, 180, 'pydantic/genai-prices 0.1.8', true),
  (119, 'openai', 'gpt-5.5-pro', '(,)', '00:00', '24:00', '[1,8)', '[272000,)', 60, NULL, NULL, NULL, 270, 'pydantic/genai-prices 0.1.8', true),
  (120, 'openai', 'gpt-5.6-luna', '(,2026-07-30 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,272000)', 1, 0.1, 1.25, NULL, 6, 'pydantic/genai-prices 0.1.8', true),
  (121, 'openai', 'gpt-5.6-luna', '(,2026-07-30 00:00:00+00)', '00:00', '24:00', '[1,8)', '[272000,)', 2, 0.2, 2.5, NULL, 9, 'pydantic/genai-prices 0.1.8', true),
  (122, 'openai', 'gpt-5.6-luna', '[2026-07-30 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,272000)', 0.2, 0.02, 0.25, NULL, 1.2, 'pydantic/genai-prices 0.1.8', true),
  (123, 'openai', 'gpt-5.6-luna', '[2026-07-30 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[272000,)', 0.4, 0.04, 0.5, NULL, 1.8, 'pydantic/genai-prices 0.1.8', true),
  (124, 'openai', 'gpt-5.6-sol', '(,2026-08-21 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,272000)', 5, 0.5, 6.25, NULL, 30, 'pydantic/genai-prices 0.1.8', true),
  (125, 'openai', 'gpt-5.6-sol', '(,2026-08-21 00:00:00+00)', '00:00', '24:00', '[1,8)', '[272000,)', 10, 1, 12.5, NULL, 45, 'pydantic/genai-prices 0.1.8', true),
  (126, 'openai', 'gpt-5.6-sol', '[2026-08-21 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,272000)', 4, 0.4, 5, NULL, 20, 'pydantic/genai-prices 0.1.8', true),
  (127, 'openai', 'gpt-5.6-sol', '[2026-08-21 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[272000,)', 8, 0.8, 10, NULL, 30, 'pydantic/genai-prices 0.1.8', true),
  (128, 'openai', 'gpt-5.6-terra', '(,2026-07-30 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,272000)', 2.5, 0.25, 3.125, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (129, 'openai', 'gpt-5.6-terra', '(,2026-07-30 00:00:00+00)', '00:00', '24:00', '[1,8)', '[272000,)', 5, 0.5, 6.25, NULL, 22.5, 'pydantic/genai-prices 0.1.8', true),
  (130, 'openai', 'gpt-5.6-terra', '[2026-07-30 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,272000)', 2, 0.2, 2.5, NULL, 12, 'pydantic/genai-prices 0.1.8', true),
  (131, 'openai', 'gpt-5.6-terra', '[2026-07-30 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[272000,)', 4, 0.4, 5, NULL, 18, 'pydantic/genai-prices 0.1.8', true),
  (132, 'openai', 'gpt-6-astra', '(,)', '00:00', '24:00', '[1,8)', '[0,272000)', 10, 1, 12.5, NULL, 50, 'pydantic/genai-prices 0.1.8', true),
  (133, 'openai', 'gpt-6-astra', '(,)', '00:00', '24:00', '[1,8)', '[272000,)', 20, 2, 25, NULL, 75, 'pydantic/genai-prices 0.1.8', true),
  (134, 'openai', 'gpt-6-luna', '(,)', '00:00', '24:00', '[1,8)', '[0,272001)', 0.1, 0.01, 0.125, NULL, 0.5, 'pydantic/genai-prices 0.1.8', true),
  (135, 'openai', 'gpt-6-luna', '(,)', '00:00', '24:00', '[1,8)', '[272001,)', 0.2, 0.02, 0.25, NULL, 0.75, 'pydantic/genai-prices 0.1.8', true),
  (136, 'openai', 'gpt-6-sol', '(,)', '00:00', '24:00', '[1,8)', '[0,272001)', 2, 0.2, 2.5, NULL, 10, 'pydantic/genai-prices 0.1.8', true),
  (137, 'openai', 'gpt-6-sol', '(,)', '00:00', '24:00', '[1,8)', '[272001,)', 4, 0.4, 5, NULL, 15, 'pydantic/genai-prices 0.1.8', true),
  (138, 'openai', 'gpt-chat-latest', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 5, 0.5, NULL, NULL, 30, 'pydantic/genai-prices 0.1.8, unconfirmed: imported by the source from OpenRouter prices, not from the provider', true),
  (139, 'openai', 'gpt-oss-120b', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.039, NULL, NULL, NULL, 0.18, 'pydantic/genai-prices 0.1.8, unconfirmed: imported by the source from OpenRouter prices, not from the provider', true),
  (140, 'openai', 'gpt-oss-20b', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.029, NULL, NULL, NULL, 0.14, 'pydantic/genai-prices 0.1.8, unconfirmed: imported by the source from OpenRouter prices, not from the provider', true),
  (141, 'openai', 'gpt-oss-safeguard-20b', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 0.075, 0.037, NULL, NULL, 0.3, 'pydantic/genai-prices 0.1.8, unconfirmed: imported by the source from OpenRouter prices, not from the provider', true),
  (142, 'openai', 'o1', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, 7.5, NULL, NULL, 60, 'pydantic/genai-prices 0.1.8', true),
  (143, 'openai', 'o1-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.1, 0.55, NULL, NULL, 4.4, 'pydantic/genai-prices 0.1.8', true),
  (144, 'openai', 'o1-preview', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 15, 7.5, NULL, NULL, 60, 'pydantic/genai-prices 0.1.8', true),
  (145, 'openai', 'o1-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 150, NULL, NULL, NULL, 600, 'pydantic/genai-prices 0.1.8', true),
  (146, 'openai', 'o3', '(,2025-06-10 00:00:00+00)', '00:00', '24:00', '[1,8)', '[0,)', 10, 0.5, NULL, NULL, 40, 'pydantic/genai-prices 0.1.8', true),
  (147, 'openai', 'o3', '[2025-06-10 00:00:00+00,)', '00:00', '24:00', '[1,8)', '[0,)', 2, 0.5, NULL, NULL, 8, 'pydantic/genai-prices 0.1.8', true),
  (148, 'openai', 'o3-deep-research', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 10, 2.5, NULL, NULL, 40, 'pydantic/genai-prices 0.1.8', true),
  (149, 'openai', 'o3-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.1, 0.55, NULL, NULL, 4.4, 'pydantic/genai-prices 0.1.8', true),
  (150, 'openai', 'o3-pro', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 20, NULL, NULL, NULL, 80, 'pydantic/genai-prices 0.1.8', true),
  (151, 'openai', 'o4-mini', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 1.1, 0.275, NULL, NULL, 4.4, 'pydantic/genai-prices 0.1.8', true),
  (152, 'openai', 'o4-mini-deep-research', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 2, 0.5, NULL, NULL, 8, 'pydantic/genai-prices 0.1.8', true),
  (153, 'openai', 'text-davinci-002', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 20, NULL, NULL, NULL, 20, 'pydantic/genai-prices 0.1.8', true),
  (154, 'openai', 'text-davinci-003', '(,)', '00:00', '24:00', '[1,8)', '[0,)', 20, NULL, NULL, NULL, 20, 'pydantic/genai-prices 0.1.8', true);

INSERT INTO @extschema@.model_aliases
  (provider, alias, model, builtin)
VALUES
  ('anthropic', 'claude-3-5-haiku', 'claude-3-5-haiku-latest', true),
  ('anthropic', 'claude-3-7-sonnet', 'claude-3-7-sonnet-latest', true),
  ('anthropic', 'claude-3-opus', 'claude-3-opus-latest', true),
  ('anthropic', 'claude-opus-4', 'claude-opus-4-0', true),
  ('anthropic', 'claude-opus-4-20250514', 'claude-opus-4-0', true),
  ('anthropic', 'claude-sonnet-4', 'claude-sonnet-4-0', true),
  ('deepseek', 'deepseek-chat-v3-0324', 'deepseek-chat', true),
  ('deepseek', 'deepseek-r1-0528', 'deepseek-reasoner', true),
  ('openai', 'codex-mini-latest', 'codex-mini', true),
  ('openai', 'gpt-3.5-turbo-0125', 'gpt-3.5-turbo', true),
  ('openai', 'gpt-3.5-turbo-0301', 'gpt-3.5-0301', true),
  ('openai', 'gpt-3.5-turbo-16k-0613', 'gpt-3.5-turbo-16k', true),
  ('openai', 'gpt-3.5-turbo-instruct-0914', 'gpt-3.5-turbo-instruct', true),
  ('openai', 'gpt-35-turbo', 'gpt-3.5-turbo', true),
  ('openai', 'gpt-35-turbo-16k', 'gpt-3.5-turbo-16k', true),
  ('openai', 'gpt-35-turbo-16k-0613', 'gpt-3.5-turbo-16k', true),
  ('openai', 'gpt-4-0125-preview', 'gpt-4-turbo', true),
  ('openai', 'gpt-4-0314', 'gpt-4', true),
  ('openai', 'gpt-4-0613', 'gpt-4', true),
  ('openai', 'gpt-4-1106-preview', 'gpt-4-turbo', true),
  ('openai', 'gpt-4-1106-vision-preview', 'gpt-4-vision-preview', true),
  ('openai', 'gpt-4-32k-0314', 'gpt-4-32k', true),
  ('openai', 'gpt-4-32k-0613', 'gpt-4-32k', true),
  ('openai', 'gpt-4-turbo-0125-preview', 'gpt-4-turbo', true),
  ('openai', 'gpt-4-turbo-2024-04-09', 'gpt-4-turbo', true),
  ('openai', 'gpt-4-turbo-preview', 'gpt-4-turbo', true),
  ('openai', 'gpt-4.1-2025-04-14', 'gpt-4.1', true),
  ('openai', 'gpt-4.1-mini-2025-04-14', 'gpt-4.1-mini', true),
  ('openai', 'gpt-4.1-nano-2025-04-14', 'gpt-4.1-nano', true),
  ('openai', 'gpt-4o-2024-08-06', 'gpt-4o', true),
  ('openai', 'gpt-4o-2024-11-20', 'gpt-4o', true),
  ('openai', 'gpt-4o-mini-2024-07-18', 'gpt-4o-mini', true),
  ('openai', 'gpt-4o-mini-search-preview', 'gpt-4o-mini', true),
  ('openai', 'gpt-4o-mini-search-preview-2025-03-11', 'gpt-4o-mini', true),
  ('openai', 'gpt-4o-search-preview-2025-03-11', 'gpt-4o-search-preview', true),
  ('openai', 'gpt-5-1', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-2025-11-13', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-chat', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-chat-latest', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-codex', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-codex-max', 'gpt-5.1', true),
  ('openai', 'gpt-5-1-codex-mini', 'gpt-5.1-codex-mini', true),
  ('openai', 'gpt-5-1-mini', 'gpt-5.1-codex-mini', true),
  ('openai', 'gpt-5-2', 'gpt-5.2', true),
  ('openai', 'gpt-5-2-2025-12-11', 'gpt-5.2', true),
  ('openai', 'gpt-5-2-chat', 'gpt-5.2', true),
  ('openai', 'gpt-5-2-chat-latest', 'gpt-5.2', true),
  ('openai', 'gpt-5-2-codex', 'gpt-5.2', true),
  ('openai', 'gpt-5-2-pro-2025-12-11', 'gpt-5.2-pro', true),
  ('openai', 'gpt-5-2025-08-07', 'gpt-5', true),
  ('openai', 'gpt-5-3', 'gpt-5.3', true),
  ('openai', 'gpt-5-3-chat', 'gpt-5.3', true),
  ('openai', 'gpt-5-3-chat-latest', 'gpt-5.3', true),
  ('openai', 'gpt-5-3-codex', 'gpt-5.3-codex', true),
  ('openai', 'gpt-5-4', 'gpt-5.4', true),
  ('openai', 'gpt-5-4-2026-03-05', 'gpt-5.4', true),
  ('openai', 'gpt-5-4-mini', 'gpt-5.4-mini', true),
  ('openai', 'gpt-5-4-mini-2026-03-17', 'gpt-5.4-mini', true),
  ('openai', 'gpt-5-4-nano', 'gpt-5.4-nano', true),
  ('openai', 'gpt-5-4-nano-2026-03-17', 'gpt-5.4-nano', true),
  ('openai', 'gpt-5-4-pro', 'gpt-5.4-pro', true),
  ('openai', 'gpt-5-4-pro-2026-03-05', 'gpt-5.4-pro', true),
  ('openai', 'gpt-5-5', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-2026-04-23', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-2026-04-24', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-chat', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-chat-latest', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-codex', 'gpt-5.5', true),
  ('openai', 'gpt-5-5-pro', 'gpt-5.5-pro', true),
  ('openai', 'gpt-5-5-pro-2026-04-23', 'gpt-5.5-pro', true),
  ('openai', 'gpt-5-6', 'gpt-5.6-sol', true),
  ('openai', 'gpt-5-6-luna', 'gpt-5.6-luna', true),
  ('openai', 'gpt-5-6-sol', 'gpt-5.6-sol', true),
  ('openai', 'gpt-5-6-terra', 'gpt-5.6-terra', true),
  ('openai', 'gpt-5-chat', 'gpt-5', true),
  ('openai', 'gpt-5-chat-latest', 'gpt-5', true),
  ('openai', 'gpt-5-codex', 'gpt-5', true),
  ('openai', 'gpt-5-mini-2025-08-07', 'gpt-5-mini', true),
  ('openai', 'gpt-5-pro-2025-10-06', 'gpt-5-pro', true),
  ('openai', 'gpt-5.1-2025-11-13', 'gpt-5.1', true),
  ('openai', 'gpt-5.1-chat', 'gpt-5.1', true),
  ('openai', 'gpt-5.1-chat-latest', 'gpt-5.1', true),
  ('openai', 'gpt-5.1-codex', 'gpt-5.1', true),
  ('openai', 'gpt-5.1-codex-max', 'gpt-5.1', true),
  ('openai', 'gpt-5.1-mini', 'gpt-5.1-codex-mini', true),
  ('openai', 'gpt-5.2-2025-12-11', 'gpt-5.2', true),
  ('openai', 'gpt-5.2-chat', 'gpt-5.2', true),
  ('openai', 'gpt-5.2-chat-latest', 'gpt-5.2', true),
  ('openai', 'gpt-5.2-codex', 'gpt-5.2', true),
  ('openai', 'gpt-5.2-pro-2025-12-11', 'gpt-5.2-pro', true),
  ('openai', 'gpt-5.3-chat', 'gpt-5.3', true),
  ('openai', 'gpt-5.3-chat-latest', 'gpt-5.3', true),
  ('openai', 'gpt-5.4-2026-03-05', 'gpt-5.4', true),
  ('openai', 'gpt-5.4-mini-2026-03-17', 'gpt-5.4-mini', true),
  ('openai', 'gpt-5.4-nano-2026-03-17', 'gpt-5.4-nano', true),
  ('openai', 'gpt-5.4-pro-2026-03-05', 'gpt-5.4-pro', true),
  ('openai', 'gpt-5.5-2026-04-23', 'gpt-5.5', true),
  ('openai', 'gpt-5.5-2026-04-24', 'gpt-5.5', true),
  ('openai', 'gpt-5.5-chat', 'gpt-5.5', true),
  ('openai', 'gpt-5.5-chat-latest', 'gpt-5.5', true),
  ('openai', 'gpt-5.5-codex', 'gpt-5.5', true),
  ('openai', 'gpt-5.5-pro-2026-04-23', 'gpt-5.5-pro', true),
  ('openai', 'gpt-5.6', 'gpt-5.6-sol', true),
  ('openai', 'o1-2024-12-17', 'o1', true),
  ('openai', 'o1-mini-2024-09-12', 'o1-mini', true),
  ('openai', 'o1-preview-2024-09-12', 'o1-preview', true),
  ('openai', 'o1-pro-2025-03-19', 'o1-pro', true),
  ('openai', 'o3-2025-04-16', 'o3', true),
  ('openai', 'o3-deep-research-2025-06-26', 'o3-deep-research', true),
  ('openai', 'o3-mini-2025-01-31', 'o3-mini', true),
  ('openai', 'o3-mini-high', 'o3-mini', true),
  ('openai', 'o3-pro-2025-06-10', 'o3-pro', true),
  ('openai', 'o4-mini-2025-04-16', 'o4-mini', true),
  ('openai', 'o4-mini-deep-research-2025-06-26', 'o4-mini-deep-research', true),
  ('openai', 'o4-mini-high', 'o4-mini', true),
  ('openai', 'text-ada-001', 'ada', true),
  ('openai', 'text-curie-001', 'curie', true),
  ('openai', 'text-davinci-001', 'davinci', true);

-------------------------------------------------------------------------------------------------
-- usage: two tables of the seed, one partition a month. The router makes the months ahead; what has
-- no month goes to the partition "rest".
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.key_usage_log (
  id                  bigint GENERATED ALWAYS AS IDENTITY,
  request_id          uuid,
  purpose             text NOT NULL DEFAULT 'answer',
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
  unit_prices         jsonb,
  latency_ms          integer,
  http_status         integer,
  provider_request_id text
) PARTITION BY RANGE (used_at);
COMMENT ON TABLE @extschema@.key_usage_log IS 'one row per call: whose key, what it used, what it cost; never changed';
COMMENT ON COLUMN @extschema@.key_usage_log.purpose IS 'answer, judge or synthesis';
COMMENT ON COLUMN @extschema@.key_usage_log.credential_id IS 'the stored key; null for a key of the server''s environment';
COMMENT ON COLUMN @extschema@.key_usage_log.used_at IS 'start of the query; the same for all its calls';
COMMENT ON COLUMN @extschema@.key_usage_log.status IS 'ok, failed_billed, failed_unbilled, unknown or skipped';
COMMENT ON COLUMN @extschema@.key_usage_log.cost_usd IS 'what the provider takes from the owner of the key; null when the price is unknown';
COMMENT ON COLUMN @extschema@.key_usage_log.charge_usd IS 'what the payer is charged by the platform; 0 for tenant and user keys without a BYOK fee';
COMMENT ON COLUMN @extschema@.key_usage_log.unit_prices IS 'what the call was priced with, so that its bill never depends on later changes: input, cached_input, cache_write, cache_write_1h, output, reasoning in USD per million tokens (one that is not there is billed as in model_prices), request in USD; markup, flat, fee of the rule. Null when the cost is not actual, but for a cancelled call that is charged its input (byok.cancel_policy): then of that charge';
CREATE TABLE @extschema@.key_usage_log_rest PARTITION OF @extschema@.key_usage_log DEFAULT;
COMMENT ON TABLE @extschema@.key_usage_log_rest IS 'rows of months without a partition; empty while a router runs now and then';
-- The parent has no indexes: pg_dump would carry those of the months, and restoring them collides with the ones that
-- attaching a month makes. byok_make_months() copies these.
CREATE INDEX key_usage_log_user ON @extschema@.key_usage_log_rest (user_id, used_at DESC);
CREATE INDEX key_usage_log_credential ON @extschema@.key_usage_log_rest (credential_id, used_at DESC) WHERE credential_id IS NOT NULL;
CREATE INDEX key_usage_log_request ON @extschema@.key_usage_log_rest (request_id);
CREATE INDEX key_usage_log_time ON @extschema@.key_usage_log_rest USING brin (used_at) WITH (pages_per_range = 32);

CREATE TABLE @extschema@.platform_api_usage (
  id                  bigint GENERATED ALWAYS AS IDENTITY,
  request_id          uuid,
  purpose             text NOT NULL DEFAULT 'answer',
  attempt             integer NOT NULL DEFAULT 1,
  provider            text NOT NULL,
  model               text NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  cost_usd            @extschema@.usd NOT NULL,
  cached_input_tokens bigint,
  reasoning_tokens    bigint,
  estimated           boolean NOT NULL DEFAULT false,
  corrects_id         bigint,
  provider_request_id text,
  price_id            bigint,
  used_at             timestamptz NOT NULL DEFAULT pg_catalog.now()
) PARTITION BY RANGE (used_at);
COMMENT ON TABLE @extschema@.platform_api_usage IS 'what the platform''s own keys (system_key) used and cost; never changed, corrected by further rows';
COMMENT ON COLUMN @extschema@.platform_api_usage.estimated IS 'the outcome of the call is unknown; cost_usd is its upper bound';
COMMENT ON COLUMN @extschema@.platform_api_usage.corrects_id IS 'the row this one corrects: its numbers are differences, booked when they were found';
CREATE TABLE @extschema@.platform_api_usage_rest PARTITION OF @extschema@.platform_api_usage DEFAULT;
COMMENT ON TABLE @extschema@.platform_api_usage_rest IS 'rows of months without a partition; empty while a router runs now and then';
CREATE INDEX platform_api_usage_request ON @extschema@.platform_api_usage_rest (request_id);
CREATE INDEX platform_api_usage_time ON @extschema@.platform_api_usage_rest USING brin (used_at) WITH (pages_per_range = 32);
CREATE INDEX platform_api_usage_estimated ON @extschema@.platform_api_usage_rest (used_at) WHERE estimated;
CREATE INDEX platform_api_usage_corrections ON @extschema@.platform_api_usage_rest (corrects_id) WHERE corrects_id IS NOT NULL;

CREATE TABLE @extschema@.usage_daily (
  day                date NOT NULL,
  tenant_id          text NOT NULL,
  provider           text NOT NULL,
  model              text NOT NULL,
  key_source         @extschema@.key_source NOT NULL,
  calls              bigint NOT NULL,
  answered           bigint NOT NULL,
  input_tokens       bigint NOT NULL,
  output_tokens      bigint NOT NULL,
  cost_usd           numeric NOT NULL,
  estimated_cost_usd numeric NOT NULL,
  call_cost_usd      numeric NOT NULL,
  charge_usd         numeric NOT NULL,
  PRIMARY KEY (day, tenant_id, provider, model, key_source)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.usage_daily IS 'key_usage_log and its corrections by UTC day; kept by the router in the transaction that writes the rows, so it is never behind';
COMMENT ON COLUMN @extschema@.usage_daily.tenant_id IS ''''' for queries without a tenant';
COMMENT ON COLUMN @extschema@.usage_daily.cost_usd IS 'sum of cost_usd, estimates included';
COMMENT ON COLUMN @extschema@.usage_daily.estimated_cost_usd IS 'of that, what is estimated';
COMMENT ON COLUMN @extschema@.usage_daily.call_cost_usd IS 'cost_usd with each correction on the day of its call, not its own: what the provider''s invoice of the day should say';

CREATE TABLE @extschema@.usage_dropped (
  before     date NOT NULL CHECK (extract(day FROM before) OPERATOR(pg_catalog.=) 1),
  dropped_by text NOT NULL DEFAULT SESSION_USER,
  dropped_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE @extschema@.usage_dropped IS 'what byok_drop_usage() took away, and who did: months of usage before that UTC day; billing_invariants() says nothing about them';

CREATE TABLE @extschema@.tier_daily (
  day               date NOT NULL,
  own_keys          integer NOT NULL,
  platform          boolean NOT NULL,
  queries           bigint NOT NULL,
  platform_cost_usd numeric NOT NULL,
  charge_usd        numeric NOT NULL,
  PRIMARY KEY (day, own_keys, platform)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
COMMENT ON TABLE @extschema@.tier_daily IS 'queries by UTC day and by who brought the keys: what byok_margin shows, kept by the router in the transaction that writes the rows';
COMMENT ON COLUMN @extschema@.tier_daily.own_keys IS 'providers whose calls all went out on a tenant''s or user''s key';
COMMENT ON COLUMN @extschema@.tier_daily.platform IS 'whether a call went out on the platform''s key';
COMMENT ON COLUMN @extschema@.tier_daily.platform_cost_usd IS 'of the platform''s keys, estimates and later corrections included';
COMMENT ON COLUMN @extschema@.tier_daily.charge_usd IS 'with what byok.min_charge_usd added';

-------------------------------------------------------------------------------------------------
-- accounts, holds, ledger. The router alone writes them. What others want booked they put into
-- credit_requests, in their own transaction; the router books it once that is committed.
-------------------------------------------------------------------------------------------------
CREATE TABLE @extschema@.credit_accounts (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_kind       text NOT NULL CHECK (owner_kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'tenant'])),
  owner_id         text NOT NULL CHECK (octet_length(owner_id) BETWEEN 1 AND 255),
  currency         text NOT NULL DEFAULT 'USD' CHECK (currency OPERATOR(pg_catalog.=) 'USD'),
  posted_usd       @extschema@.usd NOT NULL DEFAULT 0,
  held_usd         @extschema@.usd NOT NULL DEFAULT 0 CHECK (held_usd OPERATOR(pg_catalog.>=) 0),
  carry_usd        @extschema@.usd NOT NULL DEFAULT 0
                   CHECK (carry_usd OPERATOR(pg_catalog.>=) 0 AND carry_usd OPERATOR(pg_catalog.<) 0.01),
  credit_limit_usd @extschema@.usd NOT NULL DEFAULT 0 CHECK (credit_limit_usd OPERATOR(pg_catalog.>=) 0),
  debt_allowed     boolean NOT NULL DEFAULT true,
  version          bigint NOT NULL DEFAULT 0,
  created_at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  UNIQUE (owner_kind, owner_id, currency)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.credit_accounts IS 'who pays: a cache of the ledger and the open holds, proven by billing_invariants()';
COMMENT ON COLUMN @extschema@.credit_accounts.posted_usd IS 'sum of the account''s ledger rows; negative = owed to the platform';
COMMENT ON COLUMN @extschema@.credit_accounts.held_usd IS 'sum of its open holds';
COMMENT ON COLUMN @extschema@.credit_accounts.carry_usd IS 'what is charged and below a whole cent: 0 to less than 0.01; goes into amount_cents with a later row';
COMMENT ON COLUMN @extschema@.credit_accounts.credit_limit_usd IS 'how far a prepaid account may go below zero';
COMMENT ON COLUMN @extschema@.credit_accounts.debt_allowed IS 'true: charges are recorded as debt; false: prepaid, a query whose hold does not fit is refused (P0402)';

CREATE TABLE @extschema@.credit_holds (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL,
  request_id uuid NOT NULL UNIQUE,
  amount_usd @extschema@.usd NOT NULL CHECK (amount_usd OPERATOR(pg_catalog.>) 0),
  state      text NOT NULL DEFAULT 'held'
             CHECK (state OPERATOR(pg_catalog.=) ANY (ARRAY['held', 'captured', 'released'])),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  closed_at  timestamptz,
  CHECK ((closed_at IS NULL) OPERATOR(pg_catalog.=) (state OPERATOR(pg_catalog.=) 'held'))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.credit_holds IS 'credit put aside for a request before it is sent: the most it can be charged; resolved once';
COMMENT ON COLUMN @extschema@.credit_holds.state IS 'held while the request runs, then captured (it was settled) or released (its outcome is not known)';
CREATE INDEX credit_holds_open ON @extschema@.credit_holds (account_id) WHERE state OPERATOR(pg_catalog.=) 'held';

CREATE TABLE @extschema@.credit_requests (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['grant', 'refund', 'correction'])),
  owner_kind      text CHECK (owner_kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'tenant'])),
  owner_id        text CHECK (octet_length(owner_id) BETWEEN 1 AND 255),
  amount_cents    integer,
  type            text NOT NULL,
  description     text,
  idempotency_key text UNIQUE,
  request_id      uuid,
  details         jsonb,
  requested_by    text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CHECK ((kind OPERATOR(pg_catalog.=) 'grant') OPERATOR(pg_catalog.=) (amount_cents IS NOT NULL AND owner_id IS NOT NULL AND owner_kind IS NOT NULL)),
  CHECK ((kind OPERATOR(pg_catalog.<>) 'grant') OPERATOR(pg_catalog.=) (request_id IS NOT NULL))
);
COMMENT ON TABLE @extschema@.credit_requests IS 'what grant_credits(), refund_request() and reconcile_unknown() asked for, in the transaction of who asked; the router books each once, after the commit';
COMMENT ON COLUMN @extschema@.credit_requests.details IS 'of a correction: {"provider", "purpose", "attempt", "input_tokens", "output_tokens", "cost_usd"}, what the call really used';
CREATE INDEX credit_requests_corrections ON @extschema@.credit_requests (request_id) WHERE kind OPERATOR(pg_catalog.=) 'correction';
CREATE UNIQUE INDEX credit_requests_one_refund ON @extschema@.credit_requests (request_id)
  WHERE kind OPERATOR(pg_catalog.=) 'refund';

CREATE TABLE @extschema@.credit_pending (
  id         bigint PRIMARY KEY,
  owner_kind text,
  owner_id   text
) WITH (autovacuum_vacuum_scale_factor = 0.01);
COMMENT ON TABLE @extschema@.credit_pending IS 'the credit_requests that are not booked yet';
COMMENT ON COLUMN @extschema@.credit_pending.owner_id IS 'whose account it is for; null of a correction, and of a refund of nothing';
CREATE INDEX credit_pending_owner ON @extschema@.credit_pending (owner_kind, owner_id);

CREATE TABLE @extschema@.credit_transactions (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id           text NOT NULL,
  amount_cents      integer NOT NULL,
  type              text NOT NULL,
  description       text,
  metadata          jsonb NOT NULL DEFAULT '{}',
  account_id        bigint,
  amount_usd        @extschema@.usd,
  balance_after_usd @extschema@.usd,
  contra            text NOT NULL DEFAULT 'platform:revenue',
  request_id        uuid,
  reverses_id       bigint UNIQUE,
  credit_request_id bigint UNIQUE,
  idempotency_key   text,
  created_at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  chain_no          bigint UNIQUE,
  chain_hash        bytea,
  CHECK ((account_id IS NULL) OPERATOR(pg_catalog.=) (chain_no IS NULL)),
  CHECK ((account_id IS NULL) OPERATOR(pg_catalog.=) (balance_after_usd IS NULL)),
  CHECK (account_id IS NULL OR amount_usd IS NOT NULL)
);
COMMENT ON TABLE @extschema@.credit_transactions IS 'the ledger: one row per charged query, grant, adjustment and refund; never changed, corrected by further rows';
COMMENT ON COLUMN @extschema@.credit_transactions.user_id IS 'the owner of the account: a user''s or a tenant''s id';
COMMENT ON COLUMN @extschema@.credit_transactions.amount_cents IS 'whole cents, negative for a charge; what is below a cent is carried on the account';
COMMENT ON COLUMN @extschema@.credit_transactions.type IS 'triangle_query, purchase, promo, adjustment or refund';
COMMENT ON COLUMN @extschema@.credit_transactions.account_id IS 'null for a row somebody wrote by hand: it changes no balance';
COMMENT ON COLUMN @extschema@.credit_transactions.amount_usd IS 'the exact amount, negative for a charge';
COMMENT ON COLUMN @extschema@.credit_transactions.balance_after_usd IS 'the account''s posted balance with this row';
COMMENT ON COLUMN @extschema@.credit_transactions.contra IS 'the other side: platform:revenue, platform:cash, platform:promo or platform:adjust';
COMMENT ON COLUMN @extschema@.credit_transactions.reverses_id IS 'the charge this refund takes back';
COMMENT ON COLUMN @extschema@.credit_transactions.chain_no IS 'the row''s number among those of accounts, without gaps';
COMMENT ON COLUMN @extschema@.credit_transactions.chain_hash IS 'SHA-256 of the hash of the row before it and of this row; see verify_ledger_chain()';
CREATE INDEX credit_transactions_user ON @extschema@.credit_transactions (user_id, created_at DESC);
CREATE INDEX credit_transactions_account ON @extschema@.credit_transactions (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX credit_transactions_time ON @extschema@.credit_transactions USING brin (created_at) WITH (pages_per_range = 32);
CREATE UNIQUE INDEX credit_transactions_one_charge ON @extschema@.credit_transactions (request_id)
  WHERE type OPERATOR(pg_catalog.=) 'triangle_query';

CREATE TABLE @extschema@.budgets (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_kind text NOT NULL CHECK (owner_kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'tenant'])),
  owner_id   text NOT NULL CHECK (octet_length(owner_id) BETWEEN 1 AND 255),
  provider   text NOT NULL DEFAULT '',
  period     text NOT NULL CHECK (period OPERATOR(pg_catalog.=) ANY (ARRAY['day', 'month'])),
  limit_usd  @extschema@.usd NOT NULL CHECK (limit_usd OPERATOR(pg_catalog.>=) 0),
  set_by     text NOT NULL,
  set_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  UNIQUE (owner_kind, owner_id, provider, period)
);
COMMENT ON TABLE @extschema@.budgets IS 'the most that may be charged per UTC day or month; kept by set_budget()';
COMMENT ON COLUMN @extschema@.budgets.provider IS ''''' = all providers together';

CREATE TABLE @extschema@.budget_spend (
  owner_kind   text NOT NULL,
  owner_id     text NOT NULL,
  provider     text NOT NULL,
  period       text NOT NULL,
  period_start date NOT NULL,
  spent_usd    @extschema@.usd NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, provider, period, period_start)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.budget_spend IS 'the budgets'' own counters: charges of what ended and bounds of what runs, by the start of the query; made with a budget''s first query';

CREATE TABLE @extschema@.provider_invoices (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider    text NOT NULL,
  day         date NOT NULL,
  model       text,
  line_item   text,
  tokens      bigint CHECK (tokens OPERATOR(pg_catalog.>=) 0),
  cost_usd    @extschema@.usd NOT NULL CHECK (cost_usd::text OPERATOR(pg_catalog.<>) 'NaN'),
  imported_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CHECK (isfinite(day))
);
COMMENT ON TABLE @extschema@.provider_invoices IS 'what the providers say they took, by UTC day; imported by an administrator and compared in byok_invoice_differences';
CREATE INDEX provider_invoices_day ON @extschema@.provider_invoices (provider, day);

-------------------------------------------------------------------------------------------------
-- requests and calls: the router's own tables. No foreign key leads out of them and callers write
-- none of their rows but queued ones: the router never waits for a lock that a caller may hold.
-------------------------------------------------------------------------------------------------
CREATE SEQUENCE @extschema@.router_generation;
COMMENT ON SEQUENCE @extschema@.router_generation IS 'one number per start of the router; a request of another generation has lost its router';

CREATE TABLE @extschema@.triangle_requests (
  id                uuid PRIMARY KEY,
  user_id           text NOT NULL,
  tenant_id         text,
  state             text NOT NULL CHECK (state OPERATOR(pg_catalog.=) ANY
                    (ARRAY['queued', 'running', 'succeeded', 'partial', 'failed', 'unknown', 'cancelled'])),
  account_id        bigint,
  bound_usd         @extschema@.usd,
  charged_usd       @extschema@.usd,
  surcharge_usd     @extschema@.usd NOT NULL DEFAULT 0,
  router_generation bigint,
  lease_until       timestamptz,
  created_at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  started_at        timestamptz,
  finished_at       timestamptz,
  request           jsonb,
  result            jsonb,
  error             jsonb,
  submitted_by      text,
  idempotency_key   text,
  origin_sysid      text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.triangle_requests IS 'one row per query, committed before its first call is sent; also the queue of triangle_submit()';
COMMENT ON COLUMN @extschema@.triangle_requests.state IS 'queued, running, then one of: succeeded (all answered), partial (some), failed (none), unknown (none, and at least one may have been paid for), cancelled (nothing was sent)';
COMMENT ON COLUMN @extschema@.triangle_requests.account_id IS 'who pays; null while it is queued, and for one that can cost its user nothing';
COMMENT ON COLUMN @extschema@.triangle_requests.bound_usd IS 'upper bound of the charge, fixed before the calls: its hold';
COMMENT ON COLUMN @extschema@.triangle_requests.surcharge_usd IS 'the part of the charge that is none of its calls'': what byok.min_charge_usd added';
COMMENT ON COLUMN @extschema@.triangle_requests.charged_usd IS 'what the user was charged; null until the request ended';
COMMENT ON COLUMN @extschema@.triangle_requests.router_generation IS 'the router that runs or ran it';
COMMENT ON COLUMN @extschema@.triangle_requests.lease_until IS 'by then the router has ended it, or is gone';
COMMENT ON COLUMN @extschema@.triangle_requests.request IS 'prompt, options and version of a submitted request, the version alone of one with an idempotency key; blanked when the retention of the result is over';
COMMENT ON COLUMN @extschema@.triangle_requests.result IS 'the result of a submitted request or of one with an idempotency key, kept for byok.result_retention; then ids, key sources and charge alone';
COMMENT ON COLUMN @extschema@.triangle_requests.error IS 'why there is no result: {"sqlstate", "message", "detail", "hint"}';
COMMENT ON COLUMN @extschema@.triangle_requests.submitted_by IS 'the role that submitted it';
COMMENT ON COLUMN @extschema@.triangle_requests.origin_sysid IS 'the system identifier of the server it was queued on: a restored or replicated copy is never sent';
CREATE INDEX triangle_requests_open ON @extschema@.triangle_requests (state, created_at)
  WHERE state OPERATOR(pg_catalog.=) ANY (ARRAY['queued', 'running']);
CREATE INDEX triangle_requests_queued_key ON @extschema@.triangle_requests (user_id, idempotency_key)
  WHERE state OPERATOR(pg_catalog.=) 'queued' AND idempotency_key IS NOT NULL;
CREATE INDEX triangle_requests_time ON @extschema@.triangle_requests USING brin (created_at) WITH (pages_per_range = 32);
CREATE INDEX triangle_requests_surcharged ON @extschema@.triangle_requests (id) WHERE surcharge_usd OPERATOR(pg_catalog.<>) 0;
CREATE INDEX triangle_requests_surcharged_user ON @extschema@.triangle_requests (user_id, started_at)
  WHERE surcharge_usd OPERATOR(pg_catalog.<>) 0;
CREATE INDEX triangle_requests_surcharged_tenant ON @extschema@.triangle_requests (tenant_id, started_at)
  WHERE surcharge_usd OPERATOR(pg_catalog.<>) 0;
CREATE INDEX triangle_requests_kept ON @extschema@.triangle_requests (finished_at)
  WHERE request IS NOT NULL AND finished_at IS NOT NULL;

CREATE TABLE @extschema@.triangle_calls (
  request_id          uuid NOT NULL,
  provider            text NOT NULL,
  purpose             text NOT NULL DEFAULT 'answer',
  attempt             integer NOT NULL,
  state               text NOT NULL CHECK (state OPERATOR(pg_catalog.=) ANY
                      (ARRAY['intent', 'answered', 'failed_unbilled', 'failed_billed', 'unknown', 'skipped'])),
  model               text,
  returned_model      text,
  key_source          @extschema@.key_source NOT NULL,
  credential_id       uuid,
  provider_request_id text,
  http_status         integer,
  bound_input_tokens  bigint,
  max_output_tokens   bigint,
  bound_cost_usd      @extschema@.usd,
  reserved_usd        @extschema@.usd,
  cost_usd            @extschema@.usd,
  charge_usd          @extschema@.usd,
  sent_at             timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  done_at             timestamptz,
  PRIMARY KEY (request_id, provider, purpose, attempt)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE @extschema@.triangle_calls IS 'one row per call and attempt, committed before it is sent: after a crash the only proof that money may have been spent';
COMMENT ON COLUMN @extschema@.triangle_calls.state IS 'intent (about to be sent or under way), answered, failed_unbilled, failed_billed, unknown (sent, and nobody knows what became of it) or skipped (never sent)';
COMMENT ON COLUMN @extschema@.triangle_calls.bound_input_tokens IS 'upper bound of the input: the bytes of the request';
COMMENT ON COLUMN @extschema@.triangle_calls.bound_cost_usd IS 'upper bound of the cost: what is booked when the outcome stays unknown';
COMMENT ON COLUMN @extschema@.triangle_calls.reserved_usd IS 'its part of the hold: the upper bound of its charge, with that of an extra call (judge, synthesis) on one of the answers'' calls; all attempts of a call share it';
COMMENT ON COLUMN @extschema@.triangle_calls.sent_at IS 'when the intent was written';
CREATE INDEX triangle_calls_time ON @extschema@.triangle_calls USING brin (sent_at) WITH (pages_per_range = 32);

CREATE TABLE @extschema@.idempotency_keys (
  tenant_id       text NOT NULL,
  user_id         text NOT NULL,
  idempotency_key text NOT NULL,
  request_hash    bytea NOT NULL,
  request_id      uuid NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (tenant_id, user_id, idempotency_key)
);
COMMENT ON TABLE @extschema@.idempotency_keys IS 'which request answered an options.idempotency_key; kept 30 days';
COMMENT ON COLUMN @extschema@.idempotency_keys.tenant_id IS ''''' = none; a key of one tenant says nothing to another';
COMMENT ON COLUMN @extschema@.idempotency_keys.request_hash IS 'SHA-256 of prompt and options: the same key with another question is refused';
CREATE INDEX idempotency_keys_age ON @extschema@.idempotency_keys USING brin (created_at);

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
  user_id   text NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  tenant_id text CHECK (octet_length(tenant_id) BETWEEN 1 AND 255)
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
  -- By the table's own schema, which may have been renamed since: a fixed name would then be anybody's to take.
  EXECUTE format('SELECT %I.byok_check_provider($1, $2, $3, $4, $5)', TG_TABLE_SCHEMA)
    USING NEW.dialect, NEW.base_url, NEW.auth, NEW.headers, NEW.allow_private;
  -- A changed or re-inserted built-in row is the user's own from now on: it is dumped, and on restore
  -- it takes the place of the one CREATE EXTENSION made.
  NEW.builtin := false;
  IF TG_OP = 'INSERT' THEN
    EXECUTE format('DELETE FROM %I.providers p WHERE p.name = $1 AND p.builtin', TG_TABLE_SCHEMA) USING NEW.name;
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

-- Prices and rules are history: what calls were priced with stays, and never do two rows hold at once.
CREATE FUNCTION @extschema@.byok_keep_history() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  problem text;
  advice  text := 'Close it and insert the next row: UPDATE %1$s SET effective = effective * tstzrange(NULL, now()) WHERE id = %2$s.';
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'table "%" cannot be truncated', TG_TABLE_NAME
      USING ERRCODE = '55000', DETAIL = 'Its rows are what calls were priced with.', HINT = 'Close rows, or delete those that have not begun.';
  ELSIF TG_OP = 'DELETE' THEN
    IF lower(OLD.effective) > clock_timestamp() + interval '1 minute' THEN
      RETURN OLD;
    END IF;
    problem := 'cannot be deleted: it is, was or is about to be in force';
  ELSIF NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NEW;
  ELSIF to_jsonb(NEW) - 'effective' <> to_jsonb(OLD) - 'effective' OR lower(NEW.effective) IS DISTINCT FROM lower(OLD.effective) THEN
    problem := 'cannot be changed';
    IF lower(OLD.effective) > now() THEN
      advice := 'It has not begun: delete it and insert another.';
    END IF;
  ELSIF upper(OLD.effective) < 'infinity' THEN
    problem := 'is closed already';
    advice := 'Insert a row of your own for the time after it.';
  ELSIF upper(NEW.effective) < now() THEN
    problem := 'cannot be closed in the past';
  ELSE
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'row % of "%" %', OLD.id, TG_TABLE_NAME, problem
    USING ERRCODE = '55000', DETAIL = format('It holds in %s.', OLD.effective), HINT = format(advice, TG_TABLE_NAME, OLD.id);
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_keep_history() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_keep_history() IS
  'lets a price or rule only be closed, at a time not past, or deleted before it begins (55000)';
CREATE TRIGGER history BEFORE UPDATE OR DELETE ON @extschema@.model_prices
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_keep_history();
CREATE TRIGGER history BEFORE UPDATE OR DELETE ON @extschema@.pricing_rules
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_keep_history();

-- Until the transaction is committed the router goes by the row as it was. So the end of the row, and the beginning of a
-- deleted one, are looked at once more then: a minute is what I17 of billing_invariants() lets pass.
CREATE FUNCTION @extschema@.byok_check_history() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND lower(OLD.effective) <= clock_timestamp() THEN
    RAISE EXCEPTION 'row % of "%" has begun before the transaction that deletes it ends', OLD.id, TG_TABLE_NAME
      USING ERRCODE = '55000', DETAIL = format('It holds in %s.', OLD.effective), HINT = 'Close it instead.';
  ELSIF TG_OP = 'UPDATE' AND NEW.effective <> OLD.effective AND upper(NEW.effective) < clock_timestamp() - interval '1 minute' THEN
    RAISE EXCEPTION 'row % of "%" is closed more than a minute before its transaction ends', OLD.id, TG_TABLE_NAME
      USING ERRCODE = '55000', DETAIL = format('It was to end at %s; what was asked since is priced with it.', upper(NEW.effective)),
            HINT = 'Close it in a transaction of its own, or at a time that is still to come.';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_check_history() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_check_history() IS
  'at the end of the transaction: refuses (55000) a price or rule that it closed more than a minute ago, or deleted and that has begun';
CREATE CONSTRAINT TRIGGER history_at_commit AFTER UPDATE OR DELETE ON @extschema@.model_prices
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_check_history();
CREATE CONSTRAINT TRIGGER history_at_commit AFTER UPDATE OR DELETE ON @extschema@.pricing_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_check_history();

CREATE TRIGGER history_truncate BEFORE TRUNCATE ON @extschema@.model_prices
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_keep_history();
CREATE TRIGGER history_truncate BEFORE TRUNCATE ON @extschema@.pricing_rules
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_keep_history();

CREATE FUNCTION @extschema@.byok_refuse_overlap() RETURNS trigger LANGUAGE c
  AS 'MODULE_PATHNAME', 'byok_refuse_overlap' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_refuse_overlap() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_refuse_overlap() IS
  'refuses (23P01) a price or rule that would hold at the same time as another of the same kind, whatever the isolation level; writers of the same model or rule wait for each other until their transactions end';
CREATE CONSTRAINT TRIGGER no_overlap AFTER INSERT OR UPDATE ON @extschema@.model_prices
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_refuse_overlap();
CREATE CONSTRAINT TRIGGER no_overlap AFTER INSERT OR UPDATE ON @extschema@.pricing_rules
  FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_refuse_overlap();

-- The router keeps the price list in memory; a committed change of these tables tells it.
CREATE FUNCTION @extschema@.byok_prices_changed() RETURNS trigger LANGUAGE c
  AS 'MODULE_PATHNAME', 'byok_prices_changed' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_prices_changed() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_prices_changed() IS 'makes the router read prices, aliases and rules anew, once the change is committed';
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.model_prices
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_prices_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_prices_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.pricing_rules
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_prices_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.budgets
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_prices_changed();
ALTER TABLE @extschema@.model_prices ENABLE ALWAYS TRIGGER changed;
ALTER TABLE @extschema@.budgets ENABLE ALWAYS TRIGGER changed;
ALTER TABLE @extschema@.model_aliases ENABLE ALWAYS TRIGGER changed;
ALTER TABLE @extschema@.pricing_rules ENABLE ALWAYS TRIGGER changed;

-------------------------------------------------------------------------------------------------
-- append-only tables: ENABLE ALWAYS, or session_replication_role would be a way around; and no
-- TRUNCATE of a partition either
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_refuse_change() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'rows of "%" are never changed', TG_TABLE_NAME
    USING ERRCODE = '55000', DETAIL = format('%s is refused.', TG_OP),
          HINT = 'Corrections are rows of their own: refund_request(), grant_credits() with type adjustment, reconcile_unknown(). Old months of usage go with byok_drop_usage().';
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_refuse_change() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_refuse_change() IS 'keeps append-only tables append-only (55000)';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['key_usage_log', 'platform_api_usage', 'credit_transactions', 'credit_requests', 'key_events'] LOOP
    EXECUTE pg_catalog.format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON @extschema@.%I
      FOR EACH ROW EXECUTE FUNCTION @extschema@.byok_refuse_change()', name);
    EXECUTE pg_catalog.format('ALTER TABLE @extschema@.%I ENABLE ALWAYS TRIGGER append_only', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['key_usage_log', 'key_usage_log_rest', 'platform_api_usage', 'platform_api_usage_rest',
                              'credit_transactions', 'credit_requests', 'key_events'] LOOP
    EXECUTE pg_catalog.format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON @extschema@.%I
      FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.byok_refuse_change()', name);
    EXECUTE pg_catalog.format('ALTER TABLE @extschema@.%I ENABLE ALWAYS TRIGGER no_truncate', name);
  END LOOP;
END $$;

-------------------------------------------------------------------------------------------------
-- default privileges (ALTER DEFAULT PRIVILEGES … GRANT) open nothing of this extension
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_owner_only(catalog regclass, object oid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kind CONSTANT text := CASE catalog WHEN 'pg_class'::regclass THEN 'TABLE' ELSE 'ROUTINE' END;
  role regrole;
BEGIN
  FOR role IN
    SELECT DISTINCT a.grantee
      FROM (SELECT relowner, relacl FROM pg_class WHERE oid = object AND kind = 'TABLE'
            UNION ALL SELECT proowner, proacl FROM pg_proc WHERE oid = object AND kind = 'ROUTINE') o (owner, acl),
           aclexplode(o.acl) a
     WHERE a.grantee <> o.owner
  LOOP
    EXECUTE format('REVOKE ALL ON %s %s FROM %s', kind, (pg_identify_object(catalog, object, 0)).identity,
                   CASE role::oid WHEN 0 THEN 'PUBLIC' ELSE role::text END);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_owner_only(regclass, oid) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_owner_only(regclass, oid) IS 'takes from everybody but its owner every privilege on a relation (pg_class) or routine (pg_proc)';

-------------------------------------------------------------------------------------------------
-- months
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_make_month(parent text, month date) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  rest CONSTANT text := parent || '_rest';
  child CONSTANT text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
  span CONSTANT text := format('used_at >= %L AND used_at < %L', month::timestamptz, (month + interval '1 month')::timestamptz);
  has_rows boolean;
BEGIN
  -- Made apart and attached: that waits for no reader of the other months.
  EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS)', s, child, rest);
  EXECUTE format('SELECT %I.byok_owner_only($1, $2)', s) USING 'pg_class'::regclass, format('%I.%I', s, child)::regclass::oid;
  -- Rows of the month that came before it was there: with them in the rest, the month could never be attached.
  EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE %s)', s, rest, span) INTO has_rows;
  IF has_rows THEN
    EXECUTE format('ALTER TABLE %I.%I DISABLE TRIGGER append_only', s, rest);
    EXECUTE format('WITH moved AS (DELETE FROM %1$I.%3$I WHERE %4$s RETURNING *) INSERT INTO %1$I.%2$I SELECT * FROM moved', s, child, rest, span);
    EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER append_only', s, rest);
  END IF;
  EXECUTE format('ALTER TABLE %1$I.%3$I ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%4$L) TO (%5$L)', s, child, parent,
                 month::timestamptz, (month + interval '1 month')::timestamptz);
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %1$I.%2$I FOR EACH STATEMENT EXECUTE FUNCTION %1$I.byok_refuse_change()', s, child);
  EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER no_truncate', s, child);
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_make_month(text, date) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_make_month(text, date) IS
  'makes one month''s partition of key_usage_log or platform_api_usage, and moves into it the rows of that month that lie in the rest';

CREATE FUNCTION @extschema@.byok_make_months(ahead integer DEFAULT 3, OUT made integer, OUT missing integer) LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '100ms' AS $$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  parent text;
  months date[];
  month date;
BEGIN
  IF ahead IS NULL THEN
    RAISE EXCEPTION 'ahead must not be null' USING ERRCODE = '22004';
  ELSIF ahead NOT BETWEEN 0 AND 120 THEN
    RAISE EXCEPTION 'ahead must be from 0 to 120' USING ERRCODE = '22023';
  END IF;
  made := 0;
  missing := 0;
  FOREACH parent IN ARRAY ARRAY['key_usage_log', 'platform_api_usage'] LOOP
    EXECUTE format($q$SELECT array_agg(m ORDER BY m)
                        FROM (SELECT (date_trunc('month', now()) + make_interval(months => i))::date FROM generate_series(0, $1) i
                              UNION SELECT date_trunc('month', used_at)::date FROM %I.%I) w (m)$q$, s, parent || '_rest')
      INTO months USING ahead;
    FOREACH month IN ARRAY months LOOP
      CONTINUE WHEN to_regclass(format('%I.%I', s, format('%s_%s', parent, to_char(month, 'YYYY_MM')))) IS NOT NULL;
      -- Each on its own, and of a table that somebody locks only one: the router waits meanwhile.
      BEGIN
        EXECUTE format('SELECT %I.byok_make_month($1, $2)', s) USING parent, month;
        made := made + 1;
      EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'the partition of % for % could not be made', parent, to_char(month, 'YYYY-MM')
          USING ERRCODE = SQLSTATE, DETAIL = SQLERRM;
        missing := missing + 1;
        EXIT WHEN SQLSTATE = '55P03';
      END;
    END LOOP;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_make_months(integer) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_make_months(integer) IS
  'makes the partitions of this UTC month, of so many after it, and of months whose rows lie in the rest, which move. Returns how many tables were made and how many could not be, each with a warning; a lock is waited for 100 ms, once a table. The router calls it each hour, and each minute while one is missing. For the owner of the extension. Errors: 22004, 22023';

CREATE FUNCTION @extschema@.byok_drop_usage(before date) RETURNS integer LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  child record;
  dropped integer := 0;
BEGIN
  IF before IS NULL THEN
    RAISE EXCEPTION 'before must not be null' USING ERRCODE = '22004';
  ELSIF before > date_trunc('month', now()) THEN
    RAISE EXCEPTION 'usage of the running month cannot be dropped'
      USING ERRCODE = '22023', DETAIL = format('before is %s.', before), HINT = 'Give the first day of this month, or an earlier one.';
  END IF;
  FOR child IN
    SELECT c.oid, c.relname
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN (format('%I.key_usage_log', s)::regclass, format('%I.platform_api_usage', s)::regclass)
       AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
       AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
     ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE %I.%I', s, child.relname);
    dropped := dropped + 1;
  END LOOP;
  IF dropped > 0 THEN
    EXECUTE format('INSERT INTO %I.usage_dropped (before) VALUES (date_trunc(''month'', $1))', s) USING before;
  END IF;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_drop_usage(date) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_drop_usage(date) IS
  'drops the months of key_usage_log and platform_api_usage that end by that UTC day, and returns how many tables; usage_daily, the ledger and the requests stay. For the owner of the extension. Waits 1 s for a lock, because new usage waits behind it. Errors: 22004, 22023, 55P03';

-------------------------------------------------------------------------------------------------
-- the ledger's hash chain: https://www.rfc-editor.org/rfc/rfc6234 (SHA-256) over the hash before
-- and the row
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_chain_step(state bytea, previous bytea, entry text) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN pg_catalog.sha256(coalesce(state, previous, ''::bytea) OPERATOR(pg_catalog.||) pg_catalog.convert_to(entry, 'UTF8'));
REVOKE ALL ON FUNCTION @extschema@.byok_chain_step(bytea, bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_chain_step(bytea, bytea, text) IS 'one link of the chain: SHA-256(hash before || entry); previous is where it goes on from';

CREATE AGGREGATE @extschema@.byok_chain(previous bytea, entry text) (SFUNC = @extschema@.byok_chain_step, STYPE = bytea);
REVOKE ALL ON FUNCTION @extschema@.byok_chain(bytea, text) FROM PUBLIC;
COMMENT ON AGGREGATE @extschema@.byok_chain(bytea, text) IS 'as a window function over rows in order: the hash of each, going on from previous';

CREATE FUNCTION @extschema@.byok_ledger_entry(chain_no bigint, account_id bigint, user_id text, amount_cents integer, type text,
    description text, metadata jsonb, amount_usd numeric, balance_after_usd numeric, contra text, request_id uuid, reverses_id bigint,
    credit_request_id bigint, idempotency_key text, created_at timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN pg_catalog.jsonb_build_array(chain_no, account_id, user_id, amount_cents, type, description, metadata,
    amount_usd::numeric(20,12), balance_after_usd::numeric(20,12), contra, request_id, reverses_id, credit_request_id, idempotency_key,
    extract(epoch FROM created_at))::text;
REVOKE ALL ON FUNCTION @extschema@.byok_ledger_entry(bigint, bigint, text, integer, text, text, jsonb, numeric, numeric, text, uuid, bigint, bigint, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_ledger_entry(bigint, bigint, text, integer, text, text, jsonb, numeric, numeric, text, uuid, bigint, bigint, text, timestamptz) IS
  'a ledger row as the text that is hashed: a JSON array of its columns, amounts with twelve decimals, the time as seconds since 1970';

-------------------------------------------------------------------------------------------------
-- functions: ask
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.triangle_query(prompt text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                           options jsonb DEFAULT '{}')
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'byok_triangle_query' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_query(text, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_query(text, text, text, jsonb) IS
  'asks all providers in parallel, each with the best key (tenant, user, platform); returns responses, consensus, confidence, key_sources, charge. A provider that fails is data in errors; fewer than min_answers is an error. Errors: 08006, 22004, 22023, 25006, 39000, 42501, 42704, 55000, 57014, P0402';

CREATE PROCEDURE @extschema@.triangle_ask(prompt text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                          options jsonb DEFAULT '{}', INOUT result jsonb DEFAULT NULL)
  LANGUAGE c AS 'MODULE_PATHNAME', 'byok_triangle_ask';
REVOKE ALL ON PROCEDURE @extschema@.triangle_ask(text, text, text, jsonb, jsonb) FROM PUBLIC;
COMMENT ON PROCEDURE @extschema@.triangle_ask(text, text, text, jsonb, jsonb) IS
  'triangle_query as a procedure: commits what the session did so far, then waits without a snapshot or a transaction id. Errors as triangle_query; 2D000 inside a transaction block';

CREATE FUNCTION @extschema@.triangle_submit(prompt text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                            options jsonb DEFAULT '{}')
  RETURNS uuid LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'byok_triangle_submit' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_submit(text, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_submit(text, text, text, jsonb) IS
  'queues a question in the caller''s transaction and returns its id: after the commit the router asks, after a rollback nobody does. Keys are resolved when it runs. Errors: 22004, 22023, 25006, 42501, 42704, 53000, 55000';

CREATE FUNCTION @extschema@.triangle_result(request_id uuid, wait interval DEFAULT '0')
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_triangle_result' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_result(uuid, interval) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_result(uuid, interval) IS
  'the result of a submitted request, or its error; null while it is queued or runs, after waiting so long. Kept for byok.result_retention. Errors: those of triangle_query, 42704 no such request, 57014 it was cancelled';

CREATE FUNCTION @extschema@.triangle_cancel(request_id uuid)
  RETURNS boolean LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_triangle_cancel' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_cancel(uuid) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_cancel(uuid) IS
  'takes a submitted request out of the queue, with the caller''s commit; of one that runs, calls that were sent are completed and billed, the rest is dropped. False: it had ended already. Errors: 25006, 42501, 42704';

CREATE FUNCTION @extschema@.triangle_map(query text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                         options jsonb DEFAULT '{}', concurrency integer DEFAULT 16)
  RETURNS TABLE (id text, result jsonb) LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1000
  AS 'MODULE_PATHNAME', 'byok_triangle_map';
REVOKE ALL ON FUNCTION @extschema@.triangle_map(text, text, text, jsonb, integer) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_map(text, text, text, jsonb, integer) IS
  'asks the prompt of every row of a query that returns (id, prompt), at most concurrency at a time; rows come in the order they finish. A row that fails has {"success": false, "error"}; the others go on. The query runs with the caller''s rights. Errors: 22004, 22023, 25006, 42501, 53000, 55000, 57014';

CREATE FUNCTION @extschema@.triangle_estimate(prompt text, user_id text DEFAULT NULL, tenant_id text DEFAULT NULL,
                                              options jsonb DEFAULT '{}')
  RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_triangle_estimate' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_estimate(text, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_estimate(text, text, text, jsonb) IS
  'what triangle_query would charge at most, asking nobody: {"key_sources", "max_charge_usd" (null: a price is unknown), "by_provider"}. Errors: 22004, 22023, 25006, 42501, 42704, 55000';

CREATE FUNCTION @extschema@.triangle_consensus(prompt text, answers jsonb, options jsonb DEFAULT '{}')
  RETURNS jsonb LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'byok_triangle_consensus' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.triangle_consensus(text, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.triangle_consensus(text, jsonb, jsonb) IS
  'the consensus engine alone, for answers from anywhere: {"name": "text", ...} -> consensus, confidence, agreement. Error 22023';

CREATE FUNCTION @extschema@.byok_add_answer(state jsonb, prompt text, name text, answer text)
  RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF name IS NULL THEN
    RAISE EXCEPTION 'name must not be null'
      USING ERRCODE = '22023', HINT = 'Every answer of a group needs a name of its own.';
  END IF;
  -- Rows come in any order: to keep the last one would be to keep any.
  IF state -> 'answers' ? name THEN
    RAISE EXCEPTION 'a group has two answers of one name'
      USING ERRCODE = '22023', DETAIL = format('The name is "%s".', name),
            HINT = 'Every answer of a group needs a name of its own.';
  END IF;
  RETURN jsonb_build_object(
    'prompt', coalesce(state ->> 'prompt', prompt, ''),
    'answers', coalesce(state -> 'answers', '{}') || jsonb_build_object(name, answer));
END $$;
REVOKE ALL ON FUNCTION @extschema@.byok_add_answer(jsonb, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_add_answer(jsonb, text, text, text) IS 'one step of triangle_consensus_agg(); 22023 for a null name, or one that the group has already';

-- STRICT: of a group without rows there is no state, and the result is null, as avg() has it.
CREATE FUNCTION @extschema@.byok_consensus_of(state jsonb)
  RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN @extschema@.triangle_consensus(state OPERATOR(pg_catalog.->>) 'prompt', state OPERATOR(pg_catalog.->) 'answers', '{}'::jsonb);
REVOKE ALL ON FUNCTION @extschema@.byok_consensus_of(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_consensus_of(jsonb) IS 'the last step of triangle_consensus_agg()';

CREATE AGGREGATE @extschema@.triangle_consensus_agg(prompt text, name text, answer text)
  (SFUNC = @extschema@.byok_add_answer, STYPE = jsonb, FINALFUNC = @extschema@.byok_consensus_of, PARALLEL = SAFE);
REVOKE ALL ON FUNCTION @extschema@.triangle_consensus_agg(text, text, text) FROM PUBLIC;
COMMENT ON AGGREGATE @extschema@.triangle_consensus_agg(text, text, text) IS
  'triangle_consensus() over rows: one answer each, at most 8 a group, of different names; a null answer is a missing one. Null without rows. Error 22023';

CREATE FUNCTION @extschema@.test_all_providers(user_id text DEFAULT NULL, tenant_id text DEFAULT NULL)
  RETURNS TABLE (provider text, key_source text, ok boolean, latency_ms integer, detail text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 3
  AS 'MODULE_PATHNAME', 'byok_test_all_providers' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.test_all_providers(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.test_all_providers(text, text) IS
  'asks a free endpoint of every provider of the default panel with the key that user and tenant would get';

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
-- functions: money
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.grant_credits(owner_id text, amount_cents integer, description text DEFAULT NULL,
                                          idempotency_key text DEFAULT NULL, owner_kind text DEFAULT 'user',
                                          type text DEFAULT 'purchase')
  RETURNS numeric LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_grant_credits' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.grant_credits(text, integer, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.grant_credits(text, integer, text, text, text, text) IS
  'credits an account in the caller''s transaction and returns its balance in USD with it. type: purchase, promo or adjustment, which alone may be negative. The same idempotency_key again (a payment''s id) grants nothing more. Errors: 22004, 22023, 25006, 42501';

CREATE FUNCTION @extschema@.credit_balance(owner_id text, owner_kind text DEFAULT 'user')
  RETURNS TABLE (posted_usd numeric, held_usd numeric, available_usd numeric)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
  AS 'MODULE_PATHNAME', 'byok_credit_balance' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.credit_balance(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.credit_balance(text, text) IS
  'what an account has (negative = owes), what running requests hold of it, and what is left with its credit limit; grants that are committed count at once. Zeros for an owner without account. Errors: 22004, 22023, 42501';

CREATE FUNCTION @extschema@.refund_request(request_id uuid, reason text)
  RETURNS numeric LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_refund_request' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.refund_request(uuid, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.refund_request(uuid, text) IS
  'takes back the charge of a request, whole, in the caller''s transaction, and returns it in USD; once: asked again it returns the same and does nothing. Errors: 22004, 22023 the balance would be beyond 50 million, 25006, 42501, 42704 no such request, 55000 it has not ended';

CREATE FUNCTION @extschema@.reconcile_unknown(request_id uuid, provider text, cost_usd numeric, input_tokens bigint DEFAULT NULL,
                                              output_tokens bigint DEFAULT NULL, attempt integer DEFAULT 1,
                                              purpose text DEFAULT 'answer', note text DEFAULT NULL,
                                              beyond_bound boolean DEFAULT false)
  RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_reconcile_unknown' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.reconcile_unknown(uuid, text, numeric, bigint, bigint, integer, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.reconcile_unknown(uuid, text, numeric, bigint, bigint, integer, text, text, boolean) IS
  'books what a platform-paid call really cost, as the provider says, beside what was estimated: a correction in platform_api_usage, dated today. The user''s charge stays. A cost above the bound of the call is refused unless beyond_bound. Errors: 22004, 22023, 25006, 42501, 42704 no such call';

CREATE FUNCTION @extschema@.set_credit_policy(owner_id text, debt_allowed boolean, credit_limit_usd numeric DEFAULT 0,
                                              owner_kind text DEFAULT 'user')
  RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_set_credit_policy' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.set_credit_policy(text, boolean, numeric, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.set_credit_policy(text, boolean, numeric, text) IS
  'debt_allowed false makes an account prepaid: what does not fit balance and credit limit is refused (P0402). Waits until the router has it committed; a rollback of the caller does not undo it. Errors: 22004, 22023, 25006, 42501, 53000, 55000 the account is behind';

CREATE FUNCTION @extschema@.set_budget(owner_id text, limit_usd numeric, period text DEFAULT 'month', provider text DEFAULT NULL,
                                       owner_kind text DEFAULT 'user')
  RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_set_budget' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.set_budget(text, numeric, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.set_budget(text, numeric, text, text, text) IS
  'the most that a user''s or a tenant''s queries may be charged in a UTC day or month, with one provider or all; null takes it away. Bounds of running queries count, so it ends above the limit only by what a provider reports beyond them. In force with the commit. Errors: 22004, 22023, 25006, 42501';

-------------------------------------------------------------------------------------------------
-- functions: prices
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.byok_import_prices(prices jsonb, dry_run boolean DEFAULT true, max_jump numeric DEFAULT 5,
                                               effective_from timestamptz DEFAULT NULL, providers text[] DEFAULT NULL,
                                               skip_refused boolean DEFAULT false)
  RETURNS TABLE (action text, provider text, model text, detail text, old_price jsonb, new_price jsonb)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_import_prices' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_import_prices(jsonb, boolean, numeric, timestamptz, text[], boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_import_prices(jsonb, boolean, numeric, timestamptz, text[], boolean) IS
  'compares a price file (LiteLLM, genai-prices or rows of model_prices) with the prices in force at effective_from (null = now) and, unless dry_run, closes your rows and inserts the new ones. Rates that move by more than max_jump times are refused; a refused row refuses the whole import unless skip_refused. providers null = those of the table providers. Errors: 22004, 22023, 23P01, 25006, 42501';

-------------------------------------------------------------------------------------------------
-- functions: audit. They read tables that no capability opens, so they run as their owner; names
-- are found by the extension's schema (@s@), which may have been renamed.
-------------------------------------------------------------------------------------------------
CREATE FUNCTION @extschema@.billing_invariants(since timestamptz DEFAULT NULL)
  RETURNS TABLE (invariant text, subject text, detail text) LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS $function$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  -- $4: usage before it went with byok_drop_usage(): nothing is said about it. $1: since, null = everything. $2: usage is
  -- looked at from here. $3: the same, with room for the moments between a request's row and its calls'.
  kept_from  timestamptz;
  usage_from timestamptz;
  slack_from timestamptz;
  -- $5: what is older than the oldest request was deleted with it
  requests_from timestamptz;
  query text;
BEGIN
  EXECUTE format('SELECT min(r.created_at) FROM %I.triangle_requests r WHERE $1 IS NULL OR r.created_at >= $1', s) INTO requests_from USING since;
  requests_from := coalesce(requests_from, since, '-infinity');
  EXECUTE format('SELECT coalesce(max(d.before)::timestamptz, ''-infinity'') FROM %I.usage_dropped d', s) INTO kept_from;
  usage_from := greatest(kept_from, since);
  slack_from := greatest(kept_from, since - interval '1 hour');
  FOREACH query IN ARRAY ARRAY[
  -- I1: an account's balance is the sum of its ledger rows
  $q$
    SELECT 'I1', coalesce(a.owner_kind || ' ' || a.owner_id, 'account ' || t.account_id),
           format('posted_usd is %s, the ledger rows make %s', coalesce(trim_scale(a.posted_usd)::text, 'missing'), trim_scale(coalesce(t.total, 0)))
      FROM @s@.credit_accounts a
      FULL JOIN (SELECT l.account_id, sum(l.amount_usd) AS total FROM @s@.credit_transactions l
                  WHERE l.account_id IS NOT NULL GROUP BY l.account_id) t ON t.account_id = a.id
     WHERE $1 IS NULL AND a.posted_usd IS DISTINCT FROM coalesce(t.total, 0)
    UNION ALL
    SELECT 'I1', coalesce(a.owner_kind || ' ' || a.owner_id, 'account ' || t.account_id),
           format('posted_usd is %s, the balance after the last ledger row %s', coalesce(trim_scale(a.posted_usd)::text, 'missing'), trim_scale(l.balance_after_usd))
      FROM (SELECT DISTINCT n.account_id FROM @s@.credit_transactions n WHERE n.created_at >= $1 AND n.account_id IS NOT NULL) t
      LEFT JOIN @s@.credit_accounts a ON a.id = t.account_id
           CROSS JOIN LATERAL (SELECT o.balance_after_usd FROM @s@.credit_transactions o
                                WHERE o.account_id = t.account_id ORDER BY o.id DESC LIMIT 1) l
     WHERE $1 IS NOT NULL AND a.posted_usd IS DISTINCT FROM l.balance_after_usd
  $q$,
  -- I2: what an account holds is the sum of its open holds
  $q$
    SELECT 'I2', coalesce(a.owner_kind || ' ' || a.owner_id, 'account ' || h.account_id),
           format('held_usd is %s, the open holds make %s', coalesce(trim_scale(a.held_usd)::text, 'missing'), trim_scale(coalesce(h.total, 0)))
      FROM @s@.credit_accounts a
      FULL JOIN (SELECT o.account_id, sum(o.amount_usd) AS total FROM @s@.credit_holds o WHERE o.state = 'held' GROUP BY o.account_id) h
           ON h.account_id = a.id
     WHERE a.held_usd IS DISTINCT FROM coalesce(h.total, 0)
  $q$,
  -- I3: a prepaid account is behind only by what its queries cost beyond their holds, and by debits
  -- that are no queries
  $q$
    SELECT 'I3', a.owner_kind || ' ' || a.owner_id,
           format('available is %s, overruns and other debits explain %s', trim_scale(a.posted_usd - a.held_usd + a.credit_limit_usd), trim_scale(-x.explained))
      FROM @s@.credit_accounts a
           CROSS JOIN LATERAL (
             SELECT coalesce(sum(CASE WHEN t.type = 'triangle_query' THEN greatest(0, -t.amount_usd - coalesce(r.bound_usd, 0))
                                      ELSE greatest(0, -t.amount_usd) END), 0) AS explained
               FROM @s@.credit_transactions t LEFT JOIN @s@.triangle_requests r ON r.id = t.request_id
              WHERE t.account_id = a.id) x
     WHERE NOT a.debt_allowed AND a.posted_usd - a.held_usd + a.credit_limit_usd < 0
       AND a.posted_usd - a.held_usd + a.credit_limit_usd < -x.explained
  $q$,
  -- I4: whole cents and carry make the exact amounts: by row, by account, and as a sum
  $q$
    SELECT 'I4', 'ledger row ' || t.id,
           format('amount_cents is %s, the balances before and after make %s', t.amount_cents, x.cents)
      FROM @s@.credit_transactions t
           CROSS JOIN LATERAL (SELECT ceil(100 * t.balance_after_usd) - ceil(100 * (t.balance_after_usd - t.amount_usd)) AS cents) x
     WHERE t.account_id IS NOT NULL AND ($1 IS NULL OR t.created_at >= $1) AND t.amount_cents <> x.cents
    UNION ALL
    SELECT 'I4', a.owner_kind || ' ' || a.owner_id,
           format('carry_usd is %s, the balance makes %s', trim_scale(a.carry_usd), trim_scale(ceil(100 * a.posted_usd) / 100 - a.posted_usd))
      FROM @s@.credit_accounts a
     WHERE a.carry_usd <> ceil(100 * a.posted_usd) / 100 - a.posted_usd OR a.carry_usd < 0 OR a.carry_usd >= 0.01
    UNION ALL
    SELECT 'I4', a.owner_kind || ' ' || a.owner_id,
           format('cents and exact amounts differ by %s, carry_usd is %s', trim_scale(sum(t.amount_cents) / 100.0 - sum(t.amount_usd)), trim_scale(a.carry_usd))
      FROM @s@.credit_accounts a JOIN @s@.credit_transactions t ON t.account_id = a.id
     WHERE $1 IS NULL GROUP BY a.id
    HAVING sum(t.amount_cents) / 100.0 - sum(t.amount_usd) <> a.carry_usd
  $q$,
  -- I5: a request is charged once
  $q$
    SELECT 'I5', t.request_id::text, format('ledger row %s charges it again', t.id)
      FROM @s@.credit_transactions t
     WHERE t.type = 'triangle_query' AND t.request_id IS NOT NULL AND ($1 IS NULL OR t.created_at >= $1)
       AND EXISTS (SELECT FROM @s@.credit_transactions o
                    WHERE o.request_id = t.request_id AND o.type = 'triangle_query' AND o.id < t.id)
  $q$,
  -- I6: the charge of a request is that of its calls and the surcharge
  $q$
    SELECT 'I6', r.id::text, format('charged_usd is %s, calls and surcharge make %s', coalesce(trim_scale(r.charged_usd)::text, 'missing'),
                                    trim_scale(coalesce(sum(c.charge_usd), 0) + r.surcharge_usd))
      FROM @s@.triangle_requests r LEFT JOIN @s@.triangle_calls c ON c.request_id = r.id AND ($1 IS NULL OR c.sent_at >= $1 - interval '1 hour')
     WHERE r.state NOT IN ('queued', 'running') AND ($1 IS NULL OR r.created_at >= $1)
     GROUP BY r.id HAVING r.charged_usd IS DISTINCT FROM coalesce(sum(c.charge_usd), 0) + r.surcharge_usd
  $q$,
  -- I7: every charge is in the ledger, on the account that pays, and nothing else is
  $q$
    SELECT 'I7', r.id::text, format('charged_usd is %s, account %s; the ledger has %s, account %s', coalesce(trim_scale(r.charged_usd)::text, 'missing'),
                                    coalesce(r.account_id::text, 'none'), coalesce(trim_scale(-t.amount_usd)::text, 'nothing'), coalesce(t.account_id::text, 'none'))
      FROM @s@.triangle_requests r
      LEFT JOIN @s@.credit_transactions t ON t.request_id = r.id AND t.type = 'triangle_query' AND t.account_id IS NOT NULL
     WHERE ($1 IS NULL OR r.created_at >= $1)
       AND (coalesce(r.charged_usd, 0) <> coalesce(-t.amount_usd, 0) OR t.account_id <> r.account_id OR (t.id IS NOT NULL AND r.account_id IS NULL))
    UNION ALL
    SELECT 'I7', coalesce(t.request_id::text, 'ledger row ' || t.id), format('ledger row %s charges a request that is not there', t.id)
      FROM @s@.credit_transactions t
     WHERE t.type = 'triangle_query' AND t.account_id IS NOT NULL AND t.created_at >= $5
       AND NOT EXISTS (SELECT FROM @s@.triangle_requests r WHERE r.id = t.request_id)
  $q$,
  -- I8, I10: a call that cost the platform, or may have, has one row of platform usage, of its cost
  $q$
    SELECT CASE WHEN count(x.booked) = 1 THEN 'I10' ELSE 'I8' END, concat_ws(' ', x.request_id, x.provider, x.purpose, x.attempt),
           CASE WHEN count(x.booked) = 1 THEN format('cost_usd is %s, that of the platform usage %s', coalesce(trim_scale(max(x.cost))::text, 'missing'), trim_scale(max(x.booked)))
                ELSE format('state %s, %s rows of platform usage', max(x.state), count(x.booked)) END
      FROM (SELECT c.request_id, c.provider, c.purpose, c.attempt, c.state, c.cost_usd::numeric AS cost, NULL::numeric AS booked
              FROM @s@.triangle_requests r JOIN @s@.triangle_calls c ON c.request_id = r.id AND ($1 IS NULL OR c.sent_at >= $1 - interval '1 hour')
             WHERE r.state NOT IN ('queued', 'running') AND ($1 IS NULL OR r.created_at >= $1) AND r.started_at >= $4
               AND c.key_source = 'system_key' AND c.state IN ('answered', 'failed_billed', 'unknown')
            UNION ALL
            SELECT u.request_id, u.provider, u.purpose, u.attempt, NULL, NULL, u.cost_usd
              FROM @s@.platform_api_usage u WHERE u.used_at >= $3 AND u.corrects_id IS NULL AND u.request_id IS NOT NULL) x
     GROUP BY x.request_id, x.provider, x.purpose, x.attempt
    HAVING count(x.state) = 1 AND (count(x.booked) <> 1 OR max(x.cost) IS DISTINCT FROM max(x.booked))
  $q$,
  -- I9: nothing is booked as platform usage that the platform did not pay
  $q$
    SELECT 'I9', concat_ws(' ', p.request_id, p.provider, p.purpose, p.attempt),
           CASE WHEN c.request_id IS NULL THEN format('row %s of platform usage has no such call', p.id)
                ELSE format('row %s of platform usage is of a call on a %s', p.id, c.key_source) END
      FROM @s@.platform_api_usage p
      LEFT JOIN @s@.triangle_calls c ON (c.request_id, c.provider, c.purpose, c.attempt) = (p.request_id, p.provider, p.purpose, p.attempt)
     WHERE p.request_id IS NOT NULL AND p.used_at >= $2 AND p.used_at >= $5 AND c.key_source IS DISTINCT FROM 'system_key'
  $q$,
  -- I11: what ended holds nothing
  $q$
    SELECT 'I11', h.request_id::text, format('its hold of %s is open, the request is %s', trim_scale(h.amount_usd), coalesce(r.state, 'not there'))
      FROM @s@.credit_holds h LEFT JOIN @s@.triangle_requests r ON r.id = h.request_id
     WHERE h.state = 'held' AND r.state IS DISTINCT FROM 'running'
  $q$,
  -- I12: nothing runs 5 minutes beyond its lease
  $q$
    SELECT 'I12', r.id::text, format('it runs, its lease ended %s', r.lease_until)
      FROM @s@.triangle_requests r
     WHERE r.state = 'running' AND (r.lease_until IS NULL OR r.lease_until < statement_timestamp() - interval '5 minutes')
  $q$,
  -- I13: each balance is the one before and the row
  $q$
    SELECT 'I13', 'ledger row ' || t.id,
           format('balance_after_usd is %s, the row before makes %s', trim_scale(t.balance_after_usd), trim_scale(t.before + t.amount_usd))
      FROM (SELECT l.id, l.amount_usd, l.balance_after_usd,
                   coalesce(lag(l.balance_after_usd) OVER (PARTITION BY l.account_id ORDER BY l.id), 0) AS before
              FROM @s@.credit_transactions l WHERE $1 IS NULL AND l.account_id IS NOT NULL) t
     WHERE t.balance_after_usd <> t.before + t.amount_usd
    UNION ALL
    SELECT 'I13', 'ledger row ' || t.id,
           format('balance_after_usd is %s, the row before makes %s', trim_scale(t.balance_after_usd), trim_scale(coalesce(b.balance, 0) + t.amount_usd))
      FROM @s@.credit_transactions t
      LEFT JOIN LATERAL (SELECT o.balance_after_usd AS balance FROM @s@.credit_transactions o
                          WHERE o.account_id = t.account_id AND o.id < t.id ORDER BY o.id DESC LIMIT 1) b ON true
     WHERE t.created_at >= $1 AND t.account_id IS NOT NULL AND t.balance_after_usd <> coalesce(b.balance, 0) + t.amount_usd
  $q$,
  -- I14: the days are the sums of their rows. A first correction takes the estimate away.
  $q$
    WITH correction AS (
      SELECT p.used_at, o.used_at AS called_at, CASE WHEN o.id IS NULL THEN r.tenant_id ELSE u.tenant_id END AS tenant_id, p.provider, p.model, p.input_tokens, p.output_tokens, p.cost_usd,
             CASE WHEN EXISTS (SELECT FROM @s@.platform_api_usage f WHERE f.corrects_id = p.corrects_id AND f.id < p.id) THEN 0
                  WHEN o.id IS NULL THEN NULL WHEN o.estimated THEN -o.cost_usd ELSE 0 END AS estimated
        FROM @s@.platform_api_usage p
        LEFT JOIN @s@.platform_api_usage o ON o.request_id = p.request_id AND o.id = p.corrects_id
        LEFT JOIN LATERAL (SELECT l.tenant_id FROM @s@.key_usage_log l WHERE l.request_id = o.request_id AND l.used_at = o.used_at LIMIT 1) u ON true
        LEFT JOIN @s@.triangle_requests r ON r.id = p.request_id
       WHERE p.corrects_id IS NOT NULL AND p.used_at >= date_trunc('day', $2)
    ), rows AS (
      SELECT u.used_at AS at, u.tenant_id, u.provider, coalesce(u.model, '') AS model, u.key_source, 1 AS calls, (u.status = 'ok')::integer AS answered,
             coalesce(u.input_tokens, 0) AS input_tokens, coalesce(u.output_tokens, 0) AS output_tokens, coalesce(u.cost_usd, 0) AS cost,
             CASE WHEN u.estimated THEN coalesce(u.cost_usd, 0) ELSE 0 END AS estimated, coalesce(u.cost_usd, 0) AS call_cost, u.charge_usd AS charge
        FROM @s@.key_usage_log u
       WHERE u.request_id IS NOT NULL AND u.used_at >= date_trunc('day', $2)
      UNION ALL
      SELECT c.used_at, c.tenant_id, c.provider, c.model, 'system_key', 0, 0, c.input_tokens, c.output_tokens, c.cost_usd, c.estimated, 0, 0 FROM correction c
      UNION ALL
      SELECT c.called_at, c.tenant_id, c.provider, c.model, 'system_key', 0, 0, 0, 0, 0, 0, c.cost_usd, 0
        FROM correction c WHERE c.called_at >= date_trunc('day', $2)
    ), days AS (
      SELECT (at AT TIME ZONE 'UTC')::date AS day, coalesce(tenant_id, '') AS tenant_id, provider, model, key_source, sum(calls) AS calls,
             sum(answered) AS answered, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cost) AS cost,
             CASE WHEN count(*) = count(estimated) THEN sum(estimated) END AS estimated, sum(call_cost) AS call_cost, coalesce(sum(charge), 0) AS charge
        FROM rows GROUP BY 1, 2, 3, 4, 5
    )
    SELECT 'I14', concat_ws(' ', coalesce(d.day, t.day), nullif(coalesce(d.tenant_id, t.tenant_id), ''), coalesce(d.provider, t.provider),
                            coalesce(d.model, t.model), coalesce(d.key_source, t.key_source)),
           format('usage_daily has %s, the rows make %s',
             (d.calls, d.answered, d.input_tokens, d.output_tokens, trim_scale(d.cost_usd), trim_scale(d.estimated_cost_usd), trim_scale(d.call_cost_usd),
              trim_scale(d.charge_usd)),
             (t.calls, t.answered, t.input_tokens, t.output_tokens, trim_scale(t.cost), trim_scale(t.estimated), trim_scale(t.call_cost), trim_scale(t.charge)))
      FROM (SELECT * FROM @s@.usage_daily u WHERE u.day >= date_trunc('day', $2)) d
      FULL JOIN days t ON (d.day, d.tenant_id, d.provider, d.model, d.key_source) = (t.day, t.tenant_id, t.provider, t.model, t.key_source)
     WHERE (d.calls, d.answered, d.input_tokens, d.output_tokens, d.cost_usd, d.call_cost_usd, d.charge_usd)
           IS DISTINCT FROM (t.calls, t.answered, t.input_tokens, t.output_tokens, t.cost, t.call_cost, t.charge)
        OR d.estimated_cost_usd <> t.estimated
  $q$,
  -- I15: no row is without a month
  $q$
    SELECT 'I15', 'key_usage_log_rest', format('%s rows', count(*)) FROM @s@.key_usage_log_rest HAVING count(*) > 0
    UNION ALL
    SELECT 'I15', 'platform_api_usage_rest', format('%s rows', count(*)) FROM @s@.platform_api_usage_rest HAVING count(*) > 0
  $q$,
  -- I16: what the accounts have, the other sides of the ledger gave
  $q$
    SELECT 'I16', 'all accounts', format('they have %s, the other sides gave %s', trim_scale(a.total), trim_scale(t.total))
      FROM (SELECT coalesce(sum(posted_usd), 0) AS total FROM @s@.credit_accounts) a,
           (SELECT coalesce(sum(o.total), 0) AS total
              FROM (SELECT l.contra, sum(l.amount_usd) AS total FROM @s@.credit_transactions l
                     WHERE l.account_id IS NOT NULL GROUP BY l.contra) o) t
     WHERE $1 IS NULL AND a.total <> t.total
  $q$,
  -- I17: the price of a call was in force at its start, for its size; one that was closed meanwhile holds until that is
  -- committed (byok_check_history)
  $q$
    SELECT 'I17', concat_ws(' ', u.request_id, u.provider, u.purpose, u.attempt),
           CASE WHEN p.id IS NULL THEN format('price %s is not there', u.price_id)
                ELSE format('price %s does not hold for %s input tokens at %s', u.price_id, u.input_tokens, u.used_at) END
      FROM @s@.key_usage_log u LEFT JOIN @s@.model_prices p ON p.id = u.price_id
     WHERE u.price_id IS NOT NULL AND u.used_at >= $2
       AND (p.provider = u.provider AND tstzrange(lower(p.effective), upper(p.effective) + interval '1 minute') @> u.used_at
            AND (u.used_at AT TIME ZONE 'UTC')::time >= p.tod_from AND (u.used_at AT TIME ZONE 'UTC')::time < p.tod_to
            AND p.iso_dow @> extract(isodow FROM u.used_at AT TIME ZONE 'UTC')::integer
            AND (u.input_tokens IS NULL OR p.input_tokens @> u.input_tokens::integer)) IS NOT TRUE
  $q$,
  -- I18: one answer a provider and purpose, and only the last attempt is open, answered or not sent
  $q$
    SELECT 'I18', concat_ws(' ', c.request_id, c.provider, c.purpose, c.attempt), format('it is %s, and not the last attempt', c.state)
      FROM @s@.triangle_calls c
     WHERE c.state IN ('intent', 'answered', 'skipped') AND ($1 IS NULL OR c.sent_at >= $1)
       AND EXISTS (SELECT FROM @s@.triangle_calls o WHERE o.request_id = c.request_id AND o.provider = c.provider
                      AND o.purpose = c.purpose AND o.attempt > c.attempt)
  $q$,
  -- I19: a budget's counter is what was charged and what may be
  $q$
    SELECT 'I19', concat_ws(' ', b.owner_kind, b.owner_id, nullif(b.provider, ''), b.period, b.period_start),
           format('spent_usd is %s, charges and bounds make %s', trim_scale(b.spent_usd), trim_scale(t.ended + t.running))
      FROM (SELECT c.*, c.period_start::timestamp AT TIME ZONE 'UTC' AS first,
                   (c.period_start + CASE c.period WHEN 'day' THEN interval '1 day' ELSE interval '1 month' END) AT TIME ZONE 'UTC' AS last
              FROM @s@.budget_spend c JOIN @s@.budgets USING (owner_kind, owner_id, provider, period)) b
           CROSS JOIN LATERAL (
             SELECT CASE b.owner_kind
                      WHEN 'user' THEN (SELECT coalesce(sum(u.charge_usd), 0) FROM @s@.key_usage_log u
                                         WHERE u.user_id = b.owner_id AND u.used_at >= b.first AND u.used_at < b.last
                                           AND u.request_id IS NOT NULL AND b.provider IN ('', u.provider))
                      ELSE (SELECT coalesce(sum(d.charge_usd), 0) FROM @s@.usage_daily d
                             WHERE d.tenant_id = b.owner_id AND d.day >= b.first::date AND d.day < b.last::date AND b.provider IN ('', d.provider))
                    END AS ended,
                    CASE b.provider WHEN '' THEN
                      (SELECT coalesce(sum(r.surcharge_usd), 0) FROM @s@.triangle_requests r
                        WHERE r.surcharge_usd <> 0 AND b.owner_kind = 'user' AND r.user_id = b.owner_id
                          AND r.started_at >= b.first AND r.started_at < b.last)
                      + (SELECT coalesce(sum(r.surcharge_usd), 0) FROM @s@.triangle_requests r
                          WHERE r.surcharge_usd <> 0 AND b.owner_kind = 'tenant' AND r.tenant_id = b.owner_id
                            AND r.started_at >= b.first AND r.started_at < b.last)
                      + (SELECT coalesce(sum(r.bound_usd), 0) FROM @s@.triangle_requests r
                          WHERE r.state = 'running' AND CASE b.owner_kind WHEN 'user' THEN r.user_id ELSE r.tenant_id END = b.owner_id
                            AND r.started_at >= b.first AND r.started_at < b.last)
                    ELSE
                      (SELECT coalesce(sum(o.most), 0)
                         FROM (SELECT max(c.reserved_usd) AS most
                                 FROM @s@.triangle_requests r JOIN @s@.triangle_calls c ON c.request_id = r.id
                                WHERE r.state = 'running' AND CASE b.owner_kind WHEN 'user' THEN r.user_id ELSE r.tenant_id END = b.owner_id
                                  AND r.started_at >= b.first AND r.started_at < b.last AND c.provider = b.provider
                                GROUP BY c.request_id) o)
                    END AS running) t
     WHERE b.last > $2 AND b.first >= $4 AND b.spent_usd <> t.ended + t.running
  $q$,
  -- I20: the ledger's numbers have no gap (their hashes: verify_ledger_chain())
  $q$
    SELECT 'I20', 'ledger', format('%s rows are numbered %s to %s', t.count, t.first, t.last)
      FROM (SELECT count(*) AS count, min(l.chain_no) AS first, max(l.chain_no) AS last FROM @s@.credit_transactions l
             WHERE l.chain_no IS NOT NULL AND ($1 IS NULL OR l.created_at >= $1)) t
     WHERE t.last - t.first + 1 <> t.count OR ($1 IS NULL AND t.first <> 1)
  $q$,
  -- I21: what was asked of the ledger waits for a moment, then is booked once (a refund of nothing is not booked)
  $q$
    SELECT 'I21', 'credit request ' || coalesce(r.id, p.id),
           CASE WHEN r.id IS NULL THEN 'it waits, and is not there' ELSE format('it is a %s, waits: %s, ledger rows: %s', r.kind, p.id IS NOT NULL, x.booked) END
      FROM @s@.credit_requests r
      FULL JOIN @s@.credit_pending p ON p.id = r.id
      LEFT JOIN LATERAL (
        SELECT CASE r.kind WHEN 'correction'
                 THEN (SELECT least(count(*), 1) FROM @s@.platform_api_usage u
                        WHERE u.request_id = r.request_id AND u.corrects_id IS NOT NULL
                          AND (u.provider, u.purpose, u.attempt) = (r.details ->> 'provider', r.details ->> 'purpose', (r.details ->> 'attempt')::integer))
                 ELSE (SELECT count(*) FROM @s@.credit_transactions t WHERE t.credit_request_id = r.id) END AS booked,
               CASE r.kind WHEN 'grant' THEN 1
                 WHEN 'refund' THEN (SELECT count(*) FROM @s@.credit_transactions t
                                      WHERE t.request_id = r.request_id AND t.type = 'triangle_query' AND t.account_id IS NOT NULL)
                 ELSE 1 END AS due) x ON true
      LEFT JOIN @s@.triangle_requests q ON q.id = r.request_id
     WHERE r.id IS NULL
        OR (($1 IS NULL OR r.created_at >= $1 OR p.id IS NOT NULL)
            AND (r.kind <> 'correction' OR q.started_at >= $4)  -- of older ones the usage is gone
            AND CASE WHEN p.id IS NULL THEN x.booked <> x.due
                     ELSE (r.kind <> 'correction' AND x.booked <> 0)
                       -- an hour later a router was there, and did not take it
                       OR EXISTS (SELECT FROM @s@.credit_transactions t WHERE t.created_at > r.created_at + interval '1 hour' AND t.chain_no IS NOT NULL) END)
  $q$,
  -- I22: every call of a request that ended has one row of usage, of its cost and its charge
  $q$
    SELECT 'I22', concat_ws(' ', x.request_id, x.provider, x.purpose, x.attempt),
           format('%s, cost %s, charge %s; %s usage rows, cost %s, charge %s', max(x.state), trim_scale(max(x.cost)), trim_scale(max(x.charge)),
                  sum(x.rows), trim_scale(sum(x.used_cost)), trim_scale(sum(x.used_charge)))
      FROM (SELECT c.request_id, c.provider, c.purpose, c.attempt, c.state, c.cost_usd::numeric AS cost, c.charge_usd::numeric AS charge,
                   0 AS rows, NULL::numeric AS used_cost, NULL::numeric AS used_charge
              FROM @s@.triangle_requests r JOIN @s@.triangle_calls c ON c.request_id = r.id AND ($1 IS NULL OR c.sent_at >= $1 - interval '1 hour')
             WHERE r.state NOT IN ('queued', 'running') AND ($1 IS NULL OR r.created_at >= $1) AND r.started_at >= $4
            UNION ALL
            SELECT l.request_id, l.provider, l.purpose, l.attempt, NULL, NULL, NULL, 1, l.cost_usd, l.charge_usd
              FROM @s@.key_usage_log l WHERE l.used_at >= $3 AND l.request_id IS NOT NULL) x
     GROUP BY x.request_id, x.provider, x.purpose, x.attempt
    HAVING count(x.state) = 1 AND (sum(x.rows), sum(x.used_cost), sum(x.used_charge)) IS DISTINCT FROM (1, max(x.cost), max(x.charge))
  $q$,
  -- I23: a corrected call is booked at what the last correction said
  $q$
    SELECT 'I23', concat_ws(' ', t.request_id, t.provider, t.purpose, t.attempt),
           format('the last correction says %s, booked is %s', trim_scale(t.cost), coalesce(trim_scale(p.cost)::text, 'nothing'))
      FROM (SELECT DISTINCT ON (r.request_id, d.provider, d.purpose, d.attempt) r.request_id, d.provider, d.purpose, d.attempt, d.cost_usd AS cost
              FROM @s@.credit_requests r
                   CROSS JOIN LATERAL jsonb_to_record(r.details) AS d (provider text, purpose text, attempt integer, cost_usd numeric)
             WHERE r.kind = 'correction' AND ($1 IS NULL OR r.created_at >= $1)
               AND NOT EXISTS (SELECT FROM @s@.credit_pending w WHERE w.id = r.id)
             ORDER BY r.request_id, d.provider, d.purpose, d.attempt, r.id DESC) t
           JOIN @s@.triangle_requests q ON q.id = t.request_id AND q.started_at >= $4
           CROSS JOIN LATERAL (
             SELECT sum(u.cost_usd) AS cost FROM @s@.platform_api_usage u
              WHERE (u.request_id, u.provider, u.purpose, u.attempt) = (t.request_id, t.provider, t.purpose, t.attempt)) p
     WHERE p.cost IS DISTINCT FROM t.cost
  $q$,
  -- I24: the tiers of a day are those of its queries
  $q$
    SELECT 'I24', concat_ws(' ', coalesce(d.day, t.day), coalesce(d.own_keys, t.own_keys), 'own,', CASE WHEN NOT coalesce(d.platform, t.platform) THEN 'not' END, 'platform'),
           format('tier_daily has %s, the rows make %s', (d.queries, trim_scale(d.platform_cost_usd), trim_scale(d.charge_usd)),
                  (t.queries, trim_scale(t.platform_cost_usd), trim_scale(t.charge_usd)))
      FROM (SELECT * FROM @s@.tier_daily w WHERE w.day >= date_trunc('day', $2)) d
      FULL JOIN @s@.byok_count_tiers(date_trunc('day', $2), 'infinity') t ON (d.day, d.own_keys, d.platform) = (t.day, t.own_keys, t.platform)
     WHERE (d.queries, d.platform_cost_usd) IS DISTINCT FROM (t.queries, t.platform_cost_usd)
        OR d.charge_usd < t.charge_usd  -- where the requests are gone, their surcharges are, too
        OR (d.charge_usd > t.charge_usd AND d.day >= ($5 AT TIME ZONE 'UTC')::date)
  $q$] LOOP
    RETURN QUERY EXECUTE replace(query, '@s@', quote_ident(s)) USING since, usage_from, slack_from, kept_from, requests_from;
  END LOOP;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.billing_invariants(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.billing_invariants(timestamptz) IS
  'what must hold in the books and does not: no row, ever. With since it looks at what was begun since then, and at all accounts: cheap enough for every day. Invariants I1 to I24: docs/billing.md';

CREATE FUNCTION @extschema@.verify_ledger_chain(from_no bigint DEFAULT 1, to_no bigint DEFAULT NULL)
  RETURNS TABLE (chain_no bigint, problem text) LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
BEGIN
  IF from_no IS NULL THEN
    RAISE EXCEPTION 'from_no must not be null' USING ERRCODE = '22004';
  ELSIF from_no < 1 OR to_no < from_no THEN
    RAISE EXCEPTION 'from_no must be 1 or more, and to_no not before it' USING ERRCODE = '22023';
  END IF;
  -- Each row is hashed on the stored hash of the row before: a row that was changed, and a hash that was, are both told
  -- at their place; whoever makes one match makes the next one differ.
  RETURN QUERY EXECUTE replace($q$
    WITH entry AS (
      SELECT t.chain_no AS no, lag(t.chain_no) OVER w AS no_before, t.chain_hash, lag(t.chain_hash) OVER w AS hash_before,
             @s@.byok_ledger_entry(t.chain_no, t.account_id, t.user_id, t.amount_cents, t.type, t.description, t.metadata, t.amount_usd,
               t.balance_after_usd, t.contra, t.request_id, t.reverses_id, t.credit_request_id, t.idempotency_key, t.created_at) AS entry
        FROM @s@.credit_transactions t
       WHERE t.chain_no >= $1 - 1 AND ($2 IS NULL OR t.chain_no <= $2)
      WINDOW w AS (ORDER BY t.chain_no)
    )
    SELECT e.no, CASE
             WHEN e.no > 1 AND e.no_before IS NULL OR e.no - e.no_before > 1
               THEN format('row %s before it is missing', e.no - 1)
             ELSE 'it, its hash or the hash before was changed' END
      FROM entry e
     WHERE e.no >= $1
       AND (coalesce(e.no_before, 0) <> e.no - 1
            OR e.chain_hash IS DISTINCT FROM @s@.byok_chain_step(NULL, e.hash_before, e.entry))
    UNION ALL
    SELECT $2, 'it is missing' WHERE $2 IS NOT NULL AND NOT EXISTS (SELECT FROM @s@.credit_transactions t WHERE t.chain_no = $2)
    UNION ALL
    SELECT t.no, 'it is missing' FROM (SELECT $1 - 1 AS no) t
     WHERE $1 > 1 AND NOT EXISTS (SELECT FROM @s@.credit_transactions o WHERE o.chain_no >= $1)
       AND NOT EXISTS (SELECT FROM @s@.credit_transactions o WHERE o.chain_no = $1 - 1)
    ORDER BY 1
  $q$, '@s@', quote_ident(s)) USING from_no, to_no;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.verify_ledger_chain(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.verify_ledger_chain(bigint, bigint) IS
  'computes the hashes of the ledger''s rows anew and returns those that are missing or were changed, first one first; to_no null means to the end. Give to_no from a byok_ledger_head kept elsewhere, or a cut-off end is not seen. Errors: 22004, 22023';

CREATE FUNCTION @extschema@.byok_budget_count(owner_kind text, owner_id text, provider text, first date) RETURNS numeric
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  counted numeric;
BEGIN
  EXECUTE replace($q$
    SELECT coalesce((SELECT sum(u.charge_usd) FROM @s@.key_usage_log u
                      WHERE $1 = 'user' AND u.user_id = $2 AND u.request_id IS NOT NULL AND u.used_at >= $4 AND ($3 = '' OR u.provider = $3)), 0)
         + coalesce((SELECT sum(d.charge_usd) FROM @s@.usage_daily d
                      WHERE $1 = 'tenant' AND d.tenant_id = $2 AND d.day >= ($4 AT TIME ZONE 'UTC')::date AND ($3 = '' OR d.provider = $3)), 0)
         + CASE WHEN $3 = '' THEN
             coalesce((SELECT sum(r.bound_usd) FROM @s@.triangle_requests r
                        WHERE r.state = 'running' AND CASE $1 WHEN 'user' THEN r.user_id ELSE r.tenant_id END = $2 AND r.started_at >= $4), 0)
             + coalesce((SELECT sum(r.surcharge_usd) FROM @s@.triangle_requests r
                          WHERE r.surcharge_usd <> 0 AND $1 = 'user' AND r.user_id = $2 AND r.started_at >= $4), 0)
             + coalesce((SELECT sum(r.surcharge_usd) FROM @s@.triangle_requests r
                          WHERE r.surcharge_usd <> 0 AND $1 = 'tenant' AND r.tenant_id = $2 AND r.started_at >= $4), 0)
           ELSE
             coalesce((SELECT sum(c.amount_usd)
                         FROM (SELECT max(t.reserved_usd) AS amount_usd
                                 FROM @s@.triangle_requests r JOIN @s@.triangle_calls t ON t.request_id = r.id
                                WHERE r.state = 'running' AND CASE $1 WHEN 'user' THEN r.user_id ELSE r.tenant_id END = $2
                                  AND r.started_at >= $4 AND t.provider = $3
                                GROUP BY t.request_id) c), 0)
           END
  $q$, '@s@', quote_ident(s)) INTO counted USING owner_kind, owner_id, provider, first::timestamp AT TIME ZONE 'UTC';
  RETURN counted;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.byok_budget_count(text, text, text, date) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_budget_count(text, text, text, date) IS
  'what a budget counts from that UTC day on, from the books themselves, in USD: charges of the owner''s ended calls and the bounds of those that run; over all providers (empty) also what byok.min_charge_usd added. A counter begins with it';

CREATE FUNCTION @extschema@.byok_count_tiers(since timestamptz, until timestamptz)
  RETURNS TABLE (day date, own_keys integer, platform boolean, queries bigint, platform_cost_usd numeric, charge_usd numeric)
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET work_mem = '64MB' SET jit = off AS $function$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
BEGIN
  RETURN QUERY EXECUTE replace($q$
    WITH query AS (  -- a leg is the platform's as soon as one of its calls was
      SELECT l.request_id, l.used_at, count(*) FILTER (WHERE NOT l.platform)::integer AS own_keys, bool_or(l.platform) AS platform,
             sum(l.cost) AS cost, sum(l.charge) AS charge
        FROM (SELECT u.request_id, u.used_at, u.provider, bool_or(u.key_source = 'system_key') AS platform,
                     sum(u.cost_usd) FILTER (WHERE u.key_source = 'system_key') AS cost, sum(u.charge_usd) AS charge
                FROM @s@.key_usage_log u
               WHERE u.used_at >= $1 AND u.used_at < $2 AND u.request_id IS NOT NULL
               GROUP BY u.request_id, u.used_at, u.provider) l
       GROUP BY l.request_id, l.used_at
    )
    SELECT q.used_at::date, q.own_keys, q.platform, count(*), coalesce(sum(q.cost), 0) + coalesce(sum(f.cost), 0),
           coalesce(sum(q.charge), 0) + coalesce(sum(r.surcharge_usd), 0)
      FROM query q
      LEFT JOIN (SELECT s.id, s.surcharge_usd FROM @s@.triangle_requests s WHERE s.surcharge_usd <> 0) r ON r.id = q.request_id
      LEFT JOIN (SELECT p.request_id, sum(p.cost_usd) AS cost FROM @s@.platform_api_usage p WHERE p.corrects_id IS NOT NULL
                  GROUP BY p.request_id) f ON f.request_id = q.request_id
     GROUP BY 1, 2, 3
  $q$, '@s@', quote_ident(s)) USING since, until;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.byok_count_tiers(timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_count_tiers(timestamptz, timestamptz) IS
  'what tier_daily says of the queries begun from since to before until, from the usage rows themselves';

CREATE FUNCTION @extschema@.byok_margin_between(since timestamptz, until timestamptz)
  RETURNS TABLE (month date, tier text, own_keys bigint, queries bigint, platform_cost_usd numeric, charge_usd numeric,
                 profit_usd numeric, margin_percent numeric)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $function$
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  first timestamptz;
  last  timestamptz;
BEGIN
  IF since IS NULL OR until IS NULL THEN
    RAISE EXCEPTION 'since and until must not be null' USING ERRCODE = '22004';
  END IF;
  -- Whole days are summed already; only the parts of a day at both ends are counted.
  first := date_trunc('day', since);
  IF first < since THEN
    first := first + interval '1 day';
  END IF;
  last := date_trunc('day', until);
  IF last < first THEN
    first := until;
    last := until;
  END IF;
  RETURN QUERY EXECUTE replace($q$
    SELECT t.month, CASE WHEN NOT t.platform THEN 'Free' WHEN t.own_keys = 0 THEN 'Premium'
                         ELSE format('Hybrid (%s key%s)', t.own_keys, CASE WHEN t.own_keys > 1 THEN 's' END) END,
           t.own_keys::bigint, t.queries, t.cost, t.charge, t.charge - t.cost,
           CASE WHEN t.charge > 0 THEN round(100 * (t.charge - t.cost) / t.charge) END
      FROM (SELECT date_trunc('month', d.day)::date AS month, d.own_keys, d.platform, sum(d.queries)::bigint AS queries,
                   sum(d.platform_cost_usd) AS cost, sum(d.charge_usd) AS charge
              FROM (SELECT * FROM @s@.tier_daily w WHERE w.day >= $2::date AND w.day < $3::date
                    UNION ALL SELECT * FROM @s@.byok_count_tiers($1, least($2, $4))
                    UNION ALL SELECT * FROM @s@.byok_count_tiers(greatest($3, $1), $4)) d
             GROUP BY 1, 2, 3) t
     ORDER BY t.month, t.platform, t.own_keys = 0, t.own_keys
  $q$, '@s@', quote_ident(s)) USING since, first, last, until;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.byok_margin_between(timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_margin_between(timestamptz, timestamptz) IS
  'the seed''s tiers by UTC month, of the queries begun from since to before until: how many, what they cost the platform (corrections included) and brought in, in USD, and the margin in whole percent, null without a charge. Whole days are summed already; of parts of a day the usage rows are read. Errors: 22004, 22008 (within a day of the calendar''s end)';

CREATE FUNCTION @extschema@.byok_import_invoice(provider text, report jsonb) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $function$
#variable_conflict use_variable
DECLARE
  s CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'byok');
  known boolean;
  bucket jsonb;
  item jsonb;
  start timestamptz;
  amount jsonb;
  currency text;
  usd numeric;
  days date[] := '{}';
  items jsonb := '[]';
  problem text;
  written integer;
BEGIN
  IF provider IS NULL OR report IS NULL THEN
    RAISE EXCEPTION '% must not be null', CASE WHEN provider IS NULL THEN 'provider' ELSE 'report' END USING ERRCODE = '22004';
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I.providers p WHERE p.name = $1)', s) INTO known USING provider;
  IF NOT known THEN
    RAISE EXCEPTION 'provider "%" is not known', provider USING ERRCODE = '22023';
  ELSIF jsonb_typeof(report -> 'data') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'the report has no list "data"' USING ERRCODE = '22023',
      HINT = 'Give the whole answer of /v1/organization/costs (OpenAI) or /v1/organizations/cost_report (Anthropic).';
  END IF;
  FOR bucket IN SELECT value FROM jsonb_array_elements(report -> 'data') LOOP
    BEGIN
      start := CASE
        WHEN jsonb_typeof(bucket -> 'start_time') = 'number' AND (bucket ->> 'start_time')::numeric BETWEEN 0 AND 253402300799
          THEN to_timestamp((bucket ->> 'start_time')::numeric::double precision)
        WHEN jsonb_typeof(bucket -> 'starting_at') = 'string' AND bucket ->> 'starting_at' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00(\.0+)?Z$'
          THEN (bucket ->> 'starting_at')::timestamptz
      END;
    EXCEPTION WHEN data_exception THEN  -- February has no 30th
      start := NULL;
    END;
    problem := CASE
      WHEN start IS NULL THEN 'a time that is none: start_time is seconds since 1970, starting_at a UTC midnight'
      WHEN date_trunc('day', start) <> start THEN 'a bucket that does not begin at a UTC midnight'
      WHEN bucket ? 'end_time' AND (bucket -> 'end_time') IS DISTINCT FROM to_jsonb((bucket ->> 'start_time')::numeric + 86400)
        OR bucket ? 'ending_at' AND bucket ->> 'ending_at' NOT LIKE to_char(start + interval '1 day', 'YYYY-MM-DD"T00:00:00%"')
        THEN 'a bucket that is not one day: ask with bucket_width=1d'
      WHEN jsonb_typeof(bucket -> 'results') IS DISTINCT FROM 'array' THEN 'a bucket without a list "results"'
    END;
    IF problem IS NOT NULL THEN
      RAISE EXCEPTION 'the report has %', problem USING ERRCODE = '22023', DETAIL = left(bucket::text, 300);
    END IF;
    days := days || start::date;
    IF bucket -> 'results' = '[]' THEN  -- the provider took nothing that day: that is known, too
      items := items || jsonb_build_object('day', start::date, 'cost_usd', 0);
    END IF;
    FOR item IN SELECT value FROM jsonb_array_elements(bucket -> 'results') LOOP
      amount := item -> 'amount';
      currency := coalesce(CASE jsonb_typeof(amount) WHEN 'object' THEN amount ->> 'currency' ELSE item ->> 'currency' END, 'none');
      usd := CASE
        WHEN jsonb_typeof(amount) = 'object' AND jsonb_typeof(amount -> 'value') = 'number' THEN (amount ->> 'value')::numeric
        WHEN jsonb_typeof(amount) = 'string' AND amount #>> '{}' ~ '^[0-9]{1,15}(\.[0-9]{1,30})?$' THEN (amount #>> '{}')::numeric / 100
      END;
      problem := CASE
        WHEN usd IS NULL THEN 'an amount that is none: OpenAI''s is {"value": number, "currency"}, Anthropic''s a text of cents'
        WHEN usd < 0 THEN 'a negative amount'
        WHEN usd >= 100000000 THEN 'an amount of 100,000,000 USD or more'
        WHEN lower(currency) <> 'usd' THEN format('an amount in currency "%s", not USD', left(currency, 20))
        WHEN coalesce(jsonb_typeof(item -> 'model'), 'null') NOT IN ('string', 'null')
          OR coalesce(jsonb_typeof(item -> 'line_item'), 'null') NOT IN ('string', 'null') THEN 'a model or line_item that is no text'
      END;
      IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'the report has %', problem USING ERRCODE = '22023', DETAIL = left(item::text, 300);
      END IF;
      -- OpenAI's line items are "model, kind of tokens"
      items := items || jsonb_build_object('day', start::date, 'cost_usd', usd,
        'model', coalesce(item ->> 'model', CASE WHEN item ->> 'line_item' LIKE '%, %' THEN split_part(item ->> 'line_item', ', ', 1) END),
        'line_item', coalesce(item ->> 'line_item', item ->> 'token_type', item ->> 'cost_type', item ->> 'description'));
    END LOOP;
  END LOOP;
  EXECUTE format('DELETE FROM %I.provider_invoices i WHERE i.provider = $1 AND i.day = ANY ($2)', s) USING provider, days;
  EXECUTE format('INSERT INTO %I.provider_invoices (provider, day, model, line_item, cost_usd)
    SELECT $1, i.day, i.model, i.line_item, i.cost_usd FROM jsonb_to_recordset($2) AS i (day date, model text, line_item text, cost_usd numeric)', s)
    USING provider, items;
  GET DIAGNOSTICS written = ROW_COUNT;
  RETURN written;
END $function$;
REVOKE ALL ON FUNCTION @extschema@.byok_import_invoice(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_import_invoice(text, jsonb) IS
  'puts a cost report of OpenAI (/v1/organization/costs) or Anthropic (cost_report), by days, into provider_invoices and returns how many rows that made; the days of the report are replaced. All or nothing. Errors: 22004, 22023 with the reason, 25006';

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

CREATE FUNCTION @extschema@.byok_stop_router()
  RETURNS integer LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'byok_stop_router' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_stop_router() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_stop_router() IS
  'asks this database''s router to end when its running requests have, and waits for it; returns how many ended, 0 or 1. The next call starts another. For the admin capability and the owner of the database. Error 42501';

CREATE FUNCTION @extschema@.byok_router_state()
  RETURNS TABLE (pid integer, started_at timestamptz, generation bigint, requests bigint, commits bigint, in_flight integer,
                 calls integer, connections integer, callers integer, unsettled integer)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
  AS 'MODULE_PATHNAME', 'byok_router_state' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_router_state() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_router_state() IS 'the figures behind the view byok_router';

CREATE FUNCTION @extschema@.byok_provider_figures()
  RETURNS TABLE (provider text, calls bigint, answered bigint, errors jsonb, p50_ms bigint, p95_ms bigint, p99_ms bigint,
                 breaker text, in_flight integer)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 3
  AS 'MODULE_PATHNAME', 'byok_provider_figures' SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.byok_provider_figures() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.byok_provider_figures() IS 'the figures behind the view byok_provider_stats';

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
         u.charge_usd::numeric AS charge_usd, u.latency_ms, u.http_status, u.provider_request_id, u.unit_prices
    FROM @extschema@.key_usage_log u;
COMMENT ON VIEW @extschema@.byok_usage IS 'one row per call with source, tokens, cost, charge and the unit prices used';

CREATE VIEW @extschema@.byok_ledger WITH (security_barrier) AS
  SELECT t.id, t.created_at, t.user_id, t.amount_cents, t.amount_usd::numeric AS amount_usd, t.type, t.description, t.metadata,
         t.request_id, t.balance_after_usd::numeric AS balance_after_usd, t.contra, t.reverses_id, t.chain_no,
         encode(t.chain_hash, 'hex') AS chain_hash
    FROM @extschema@.credit_transactions t;
COMMENT ON VIEW @extschema@.byok_ledger IS 'credit_transactions for readers: one row per charged query, grant and refund, negative for a charge';

CREATE VIEW @extschema@.byok_platform_usage WITH (security_barrier) AS
  SELECT p.request_id, p.used_at, p.attempt, p.provider, p.model, p.input_tokens, p.output_tokens, p.cached_input_tokens,
         p.reasoning_tokens, p.cost_usd::numeric AS cost_usd, p.estimated, p.provider_request_id
    FROM @extschema@.platform_api_usage p;
COMMENT ON VIEW @extschema@.byok_platform_usage IS 'platform_api_usage for readers: what the platform''s own keys cost';

CREATE VIEW @extschema@.byok_key_events WITH (security_barrier) AS
  SELECT e.at, e.key_id, e.event, e.actor, e.detail FROM @extschema@.key_events e;
COMMENT ON VIEW @extschema@.byok_key_events IS 'key_events for readers: who stored, rotated, revoked, verified which key';

CREATE VIEW @extschema@.byok_router WITH (security_barrier) AS
  SELECT s.pid, statement_timestamp() OPERATOR(pg_catalog.-) s.started_at AS uptime, s.in_flight, q.queued AS queue,
         s.calls, s.connections, s.callers, s.commits, s.requests, s.unsettled, s.generation, s.started_at
    FROM @extschema@.byok_router_state() s,
         LATERAL (SELECT count(*) AS queued FROM @extschema@.triangle_requests r
                   WHERE r.state OPERATOR(pg_catalog.=) 'queued') q;
COMMENT ON VIEW @extschema@.byok_router IS 'this database''s router: process, uptime, requests in flight and queued, calls and connections to providers, commits; no row while none runs';

CREATE VIEW @extschema@.byok_provider_stats WITH (security_barrier) AS
  SELECT f.provider, f.calls, f.answered, f.errors, f.p50_ms, f.p95_ms, f.p99_ms, f.breaker, f.in_flight
    FROM @extschema@.byok_provider_figures() f;
COMMENT ON VIEW @extschema@.byok_provider_stats IS 'what the running router saw of each provider since it started: calls, errors by reason, latency percentiles of HTTP exchanges, breaker, calls in flight';

CREATE VIEW @extschema@.byok_ledger_head WITH (security_barrier) AS
  SELECT t.chain_no, encode(t.chain_hash, 'hex') AS chain_hash, t.created_at
    FROM @extschema@.credit_transactions t WHERE t.chain_no IS NOT NULL ORDER BY t.chain_no DESC LIMIT 1;
COMMENT ON VIEW @extschema@.byok_ledger_head IS 'number and hash (hex) of the ledger''s last row: kept elsewhere, it proves later that nothing before was changed or cut off; see verify_ledger_chain()';

CREATE VIEW @extschema@.byok_spend_daily WITH (security_barrier) AS
  SELECT d.day, nullif(d.tenant_id, '') AS tenant_id, d.provider, d.model, d.key_source::text AS key_source, d.calls, d.answered,
         d.input_tokens, d.output_tokens, d.cost_usd, d.estimated_cost_usd, d.charge_usd,
         d.charge_usd OPERATOR(pg_catalog.-)
           CASE WHEN d.key_source::text OPERATOR(pg_catalog.=) 'system_key' THEN d.cost_usd ELSE 0 END AS profit_usd
    FROM @extschema@.usage_daily d;
COMMENT ON VIEW @extschema@.byok_spend_daily IS 'calls, tokens, cost, charge and profit in USD by UTC day, tenant (null = none), provider, model and key source. cost_usd is paid by the owner of the key; corrections stand on the day they were made';

CREATE VIEW @extschema@.byok_margin WITH (security_barrier) AS
  SELECT m.month, m.tier, m.own_keys, m.queries, m.platform_cost_usd, m.charge_usd, m.profit_usd, m.margin_percent
    FROM @extschema@.byok_margin_between(
           (date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC') OPERATOR(pg_catalog.-) '1 month'::interval) AT TIME ZONE 'UTC',
           'infinity'::timestamptz) m;
COMMENT ON VIEW @extschema@.byok_margin IS 'Free, Hybrid and Premium in this UTC month and the one before: queries, platform cost, charge, profit in USD, margin in whole percent (null without a charge)';

CREATE VIEW @extschema@.byok_accounts WITH (security_barrier) AS
  SELECT a.owner_kind, a.owner_id, a.posted_usd::numeric AS posted_usd, a.held_usd::numeric AS held_usd,
         a.posted_usd::numeric OPERATOR(pg_catalog.-) a.held_usd::numeric OPERATOR(pg_catalog.+) a.credit_limit_usd::numeric AS available_usd,
         a.debt_allowed, a.credit_limit_usd::numeric AS credit_limit_usd, a.carry_usd::numeric AS carry_usd, a.created_at
    FROM @extschema@.credit_accounts a;
COMMENT ON VIEW @extschema@.byok_accounts IS 'every account in USD: what is posted (negative = owed), held for running queries, and left with the credit limit. Grants that are not booked yet are not in it; credit_balance() counts them';

CREATE VIEW @extschema@.byok_budget_status WITH (security_barrier) AS
  SELECT b.owner_kind, b.owner_id, nullif(b.provider, '') AS provider, b.period, p.period_start, b.limit_usd::numeric AS budget_usd,
         p.spent_usd, greatest(b.limit_usd::numeric OPERATOR(pg_catalog.-) p.spent_usd, 0) AS left_usd, b.set_by, b.set_at
    FROM @extschema@.budgets b
         CROSS JOIN LATERAL (SELECT date_trunc(b.period, statement_timestamp() AT TIME ZONE 'UTC')::date AS period_start) f
         LEFT JOIN @extschema@.budget_spend s
           ON s.owner_kind OPERATOR(pg_catalog.=) b.owner_kind AND s.owner_id OPERATOR(pg_catalog.=) b.owner_id
          AND s.provider OPERATOR(pg_catalog.=) b.provider AND s.period OPERATOR(pg_catalog.=) b.period
          AND s.period_start OPERATOR(pg_catalog.=) f.period_start
         CROSS JOIN LATERAL (
           SELECT f.period_start,
                  CASE WHEN s.spent_usd IS NOT NULL THEN s.spent_usd::numeric  -- made with its first query
                       ELSE @extschema@.byok_budget_count(b.owner_kind, b.owner_id, b.provider, f.period_start)
                  END AS spent_usd) p;
COMMENT ON VIEW @extschema@.byok_budget_status IS 'every budget in its running UTC day or month, in USD: the limit, what is charged or held for running queries, what is left. provider null = all together';

CREATE VIEW @extschema@.byok_unknown_calls WITH (security_barrier) AS
  SELECT p.request_id, p.provider, p.purpose, p.attempt, p.used_at, r.user_id, r.tenant_id, p.model, c.state AS status,
         p.cost_usd::numeric AS booked_usd, p.provider_request_id,
         EXISTS (SELECT FROM @extschema@.credit_pending w JOIN @extschema@.credit_requests q ON q.id OPERATOR(pg_catalog.=) w.id
                  WHERE q.kind OPERATOR(pg_catalog.=) 'correction' AND q.request_id OPERATOR(pg_catalog.=) p.request_id
                    AND (q.details OPERATOR(pg_catalog.->>) 'provider') OPERATOR(pg_catalog.=) p.provider
                    AND (q.details OPERATOR(pg_catalog.->>) 'purpose') OPERATOR(pg_catalog.=) p.purpose
                    AND (q.details OPERATOR(pg_catalog.->>) 'attempt') OPERATOR(pg_catalog.=) p.attempt::text) AS correction_pending
    FROM @extschema@.platform_api_usage p
         LEFT JOIN @extschema@.triangle_requests r ON r.id OPERATOR(pg_catalog.=) p.request_id
         LEFT JOIN @extschema@.triangle_calls c
           ON c.request_id OPERATOR(pg_catalog.=) p.request_id AND c.provider OPERATOR(pg_catalog.=) p.provider
          AND c.purpose OPERATOR(pg_catalog.=) p.purpose AND c.attempt OPERATOR(pg_catalog.=) p.attempt
   WHERE p.estimated AND p.corrects_id IS NULL AND p.request_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM @extschema@.platform_api_usage f WHERE f.corrects_id OPERATOR(pg_catalog.=) p.id);
COMMENT ON VIEW @extschema@.byok_unknown_calls IS 'platform-paid calls whose cost is not known and booked at its bound (booked_usd): status unknown, or answered without a usage that can be billed. Ask the provider, then reconcile_unknown(); correction_pending: done, and not booked yet';

CREATE VIEW @extschema@.byok_invoice_differences WITH (security_barrier) AS
  WITH whole AS (  -- a day whose invoice does not say the models is compared as a whole
    SELECT i.provider, i.day, bool_or(i.model IS NULL) AS whole FROM @extschema@.provider_invoices i GROUP BY i.provider, i.day
  ), invoiced AS (
    SELECT i.provider, i.day, CASE WHEN w.whole THEN NULL ELSE i.model END AS model, sum(i.cost_usd) AS cost
      FROM @extschema@.provider_invoices i
           JOIN whole w ON w.provider OPERATOR(pg_catalog.=) i.provider AND w.day OPERATOR(pg_catalog.=) i.day
     GROUP BY 1, 2, 3
  ), compared AS (
    SELECT b.provider, b.day, CASE WHEN w.whole THEN NULL ELSE b.model END AS model, sum(b.call_cost_usd) AS cost
      FROM @extschema@.usage_daily b
           JOIN (SELECT w.provider, min(w.day) AS first FROM whole w GROUP BY w.provider) f
             ON f.provider OPERATOR(pg_catalog.=) b.provider AND b.day OPERATOR(pg_catalog.>=) f.first
           LEFT JOIN whole w ON w.provider OPERATOR(pg_catalog.=) b.provider AND w.day OPERATOR(pg_catalog.=) b.day
     WHERE b.key_source::text OPERATOR(pg_catalog.=) 'system_key'
     GROUP BY 1, 2, 3
  )
  SELECT coalesce(i.provider, c.provider) AS provider, coalesce(i.day, c.day) AS day, coalesce(i.model, c.model) AS model,
         i.cost AS invoice_usd, c.cost AS booked_usd, coalesce(i.cost, 0) OPERATOR(pg_catalog.-) coalesce(c.cost, 0) AS difference_usd,
         CASE WHEN c.provider IS NULL THEN 'not booked' WHEN i.provider IS NULL THEN 'not invoiced' ELSE 'differs' END AS problem
    FROM invoiced i
         FULL JOIN compared c
           ON c.provider OPERATOR(pg_catalog.=) i.provider AND c.day OPERATOR(pg_catalog.=) i.day
          AND coalesce(c.model, '') OPERATOR(pg_catalog.=) coalesce(i.model, '')
   WHERE coalesce(i.cost, 0) OPERATOR(pg_catalog.<>) coalesce(c.cost, 0)
     AND coalesce(i.day, c.day) OPERATOR(pg_catalog.<) (statement_timestamp() AT TIME ZONE 'UTC')::date;
COMMENT ON VIEW @extschema@.byok_invoice_differences IS 'where provider_invoices and the platform''s books differ, in USD, by UTC day and model (null: the invoice does not say), from the first imported day of a provider to yesterday; days missing on either side are in it. A correction counts for the day of its call';

-------------------------------------------------------------------------------------------------
-- nobody has anything yet: byok_grant() gives
-------------------------------------------------------------------------------------------------
SELECT @extschema@.byok_owner_only(d.classid, d.objid)
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
 WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::regclass AND e.extname OPERATOR(pg_catalog.=) 'byok'
   AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass);

-------------------------------------------------------------------------------------------------
-- what pg_dump must carry: everything a user made, nothing this script makes
-------------------------------------------------------------------------------------------------
-- The names are found in the schema of the extension: CREATE EXTENSION puts it first in the search_path.
SELECT pg_catalog.pg_extension_config_dump('key_store', '');
SELECT pg_catalog.pg_extension_config_dump('master_keys', '');
SELECT pg_catalog.pg_extension_config_dump('service_credentials', '');
SELECT pg_catalog.pg_extension_config_dump('tenant_api_keys', '');
SELECT pg_catalog.pg_extension_config_dump('user_api_keys', '');
SELECT pg_catalog.pg_extension_config_dump('key_events', '');
SELECT pg_catalog.pg_extension_config_dump('key_events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('providers', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('model_prices', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('model_prices_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('model_aliases', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('pricing_rules', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('pricing_rules_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('key_usage_log', '');
SELECT pg_catalog.pg_extension_config_dump('key_usage_log_rest', '');
SELECT pg_catalog.pg_extension_config_dump('key_usage_log_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('platform_api_usage', '');
SELECT pg_catalog.pg_extension_config_dump('platform_api_usage_rest', '');
SELECT pg_catalog.pg_extension_config_dump('platform_api_usage_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('usage_daily', '');
SELECT pg_catalog.pg_extension_config_dump('usage_dropped', '');
SELECT pg_catalog.pg_extension_config_dump('tier_daily', '');
SELECT pg_catalog.pg_extension_config_dump('credit_accounts', '');
SELECT pg_catalog.pg_extension_config_dump('credit_accounts_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('credit_holds', '');
SELECT pg_catalog.pg_extension_config_dump('credit_holds_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('credit_requests', '');
SELECT pg_catalog.pg_extension_config_dump('credit_requests_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('credit_pending', '');
SELECT pg_catalog.pg_extension_config_dump('budgets', '');
SELECT pg_catalog.pg_extension_config_dump('budgets_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('budget_spend', '');
SELECT pg_catalog.pg_extension_config_dump('provider_invoices', '');
SELECT pg_catalog.pg_extension_config_dump('provider_invoices_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('credit_transactions', '');
SELECT pg_catalog.pg_extension_config_dump('credit_transactions_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('router_generation', '');
SELECT pg_catalog.pg_extension_config_dump('triangle_requests', '');
SELECT pg_catalog.pg_extension_config_dump('triangle_calls', '');
SELECT pg_catalog.pg_extension_config_dump('idempotency_keys', '');
SELECT pg_catalog.pg_extension_config_dump('role_capabilities', '');
SELECT pg_catalog.pg_extension_config_dump('identities', '');
