-- Prices and rules: never two at once, kept as history, by payer and key source, with the unit prices beside each call.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset null -
SET TimeZone = 'UTC';
-- ids differ from run to run of the earlier tests
CREATE FUNCTION attempt_row(statement text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.code, regexp_replace(a.message, '\d{7}', 'N', 'g'), regexp_replace(a.detail, '\d{7}', 'N', 'g'),
         regexp_replace(a.hint, '\d{7}', 'N', 'g') INTO code, message, detail, hint FROM attempt(statement) a;
END $$;
-- overlap: refused only when all of effective, time of day, weekday and input tokens overlap
INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok)
VALUES ('openai', 'p-1', '[2026-01-01, 2026-02-01)', 1, 2);
CREATE TABLE price_try (id int GENERATED ALWAYS AS IDENTITY, effective tstzrange, tod_from time, tod_to time, iso_dow int4range, input_tokens int4range);
INSERT INTO price_try (effective, tod_from, tod_to, iso_dow, input_tokens) VALUES
  ('[2026-01-31, 2026-02-02)', '00:00', '24:00', '[1,8)', '[0,)'),
  ('[2026-02-01, 2026-02-02)', '00:00', '12:00', '[1,6)', '[0,1000)'),
  ('[2026-02-01, 2026-02-02)', '12:00', '24:00', '[1,6)', '[0,1000)'),
  ('[2026-02-01, 2026-02-02)', '11:59', '12:01', '[5,8)', '[999,)'),
  ('[2026-02-01, 2026-02-02)', '00:00', '24:00', '[6,8)', '[0,)'),
  ('[2026-02-01, 2026-02-02)', '00:00', '24:00', '[1,6)', '[1000,)'),
  ('(,)', '00:00', '24:00', '[1,8)', '[0,)');
SELECT t.id, a.* FROM price_try t, attempt_row(format(
  'INSERT INTO model_prices (provider, model, effective, tod_from, tod_to, iso_dow, input_tokens, input_usd_per_mtok, output_usd_per_mtok)
   VALUES (''openai'', ''p-1'', %L, %L, %L, %L, %L, 1, 2)', effective, tod_from, tod_to, iso_dow, input_tokens)) a ORDER BY t.id \gx
-- another model, another provider, and the built-in row of the same model do not count
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'p-2', 1, 2), ('mistral', 'p-1', 1, 2), ('openai', 'gpt-4o', 2, 8);
-- one statement that contradicts itself
SELECT * FROM attempt_row($$INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'p-3', 1, 2), ('openai', 'p-3', 3, 4)$$);
-- an UPDATE cannot make an overlap either, and an old snapshot does not hide what others committed
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM model_prices WHERE model = 'p-4';
\! psql -X -q -d contrib_regression -c "INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'p-4', 1, 2)"
SELECT count(*) FROM model_prices WHERE model = 'p-4';
SELECT code, message FROM attempt_row($$INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'p-4', 3, 4)$$);
ROLLBACK;
-- values that are no price
SELECT code, message FROM (VALUES
  ($$'NaN', 1, 0$$), ($$1, 'Infinity', 0$$), ($$-0.000001, 1, 0$$), ($$1, 1, -1$$), ($$1, 1, 'NaN'$$), ($$123456789, 1, 0$$), ($$NULL, 1, 0$$)) v (prices),
  attempt_row(format('INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, request_usd) VALUES (''openai'', ''p-5'', %s)', prices));
SELECT code, message FROM (VALUES
  ($$effective$$, $$'empty'$$), ($$effective$$, $$'[2026-01-01,2026-02-01]'$$), ($$tod_from$$, $$'24:00'$$), ($$tod_to$$, $$'12:00:30'$$),
  ($$iso_dow$$, $$'empty'$$), ($$input_tokens$$, $$'empty'$$)) v (name, value),
  attempt_row(format('INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, %I) VALUES (''openai'', ''p-5'', 1, 1, %s)', name, value));

-- history: an open row may be closed, not in the past; nothing else changes; what has not begun may go
INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok) VALUES
  ('openai', 'h-open', '[2026-01-01,)', 1, 2), ('openai', 'h-closed', '[2026-01-01,2100-01-01)', 1, 2), ('openai', 'h-future', '[2100-01-01,)', 1, 2);
SELECT a.* FROM (VALUES
  ($$UPDATE model_prices SET input_usd_per_mtok = 3 WHERE model = 'h-open'$$),
  ($$UPDATE model_prices SET source = 'x' WHERE model = 'h-open'$$),
  ($$UPDATE model_prices SET effective = '[2025-01-01,)' WHERE model = 'h-open'$$),
  ($$UPDATE model_prices SET effective = '[2026-01-01,2026-01-02)' WHERE model = 'h-open'$$),
  ($$UPDATE model_prices SET effective = '[2026-01-01,2099-01-01)' WHERE model = 'h-closed'$$),
  ($$UPDATE model_prices SET input_usd_per_mtok = 3 WHERE model = 'h-future'$$),
  ($$DELETE FROM model_prices WHERE model = 'h-open'$$),
  ($$DELETE FROM model_prices WHERE model = 'h-closed'$$),
  ($$DELETE FROM model_prices WHERE model = 'p-2'$$),
  ($$TRUNCATE model_prices$$),
  ($$TRUNCATE pricing_rules$$),
  ($$UPDATE model_prices SET effective = effective * tstzrange(NULL, '2100-01-01') WHERE model = 'h-open'$$),
  ($$UPDATE model_prices SET input_usd_per_mtok = 1 WHERE model = 'h-open'$$),
  ($$DELETE FROM model_prices WHERE model = 'h-future'$$),
  ($$UPDATE model_prices SET output_usd_per_mtok = 0 WHERE builtin$$)) v (statement), attempt_row(v.statement) a \gx
SELECT model, effective, trim_scale(input_usd_per_mtok) AS input FROM model_prices WHERE model LIKE 'h-%' ORDER BY model;
-- what begins within the minute stays: somebody may ask before the deletion is committed
INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok)
  SELECT 'openai', 'soon ' || s, tstzrange(now() + make_interval(secs => s), NULL), 1, 2 FROM unnest('{50, 3600}'::int[]) s;
SELECT s, a.code, a.message FROM unnest('{50, 3600}'::int[]) s, attempt_row(format('DELETE FROM model_prices WHERE model = %L', 'soon ' || s)) a;

-- rules: the same two guards, by owner, provider and key source
INSERT INTO pricing_rules (owner_kind, owner_id, provider, key_source, markup) VALUES
  ('tenant', 'rule_tenant', 'openai', 'system_key', 1.5), ('tenant', 'rule_tenant', NULL, 'system_key', 4), ('user', 'rule_tenant', NULL, 'system_key', 5);
INSERT INTO pricing_rules (owner_kind, owner_id, key_source, byok_fee) VALUES ('user', 'fee_user', 'user_key', 0.05);
SELECT a.* FROM (VALUES
  ($$INSERT INTO pricing_rules (owner_kind, owner_id, markup) VALUES ('tenant', 'rule_tenant', 9)$$),
  ($$INSERT INTO pricing_rules (provider, markup) VALUES ('r-1', 2), ('r-1', 3)$$),
  ($$INSERT INTO pricing_rules (owner_kind, markup) VALUES ('user', 2)$$),
  ($$INSERT INTO pricing_rules (owner_kind, owner_id) VALUES ('role', 'x')$$),
  ($$INSERT INTO pricing_rules (key_source, byok_fee) VALUES ('user_key', 1.01)$$),
  ($$INSERT INTO pricing_rules (key_source, byok_fee) VALUES ('user_key', 'NaN')$$),
  ($$INSERT INTO pricing_rules (key_source, byok_fee) VALUES ('user_key', -0.1)$$),
  ($$INSERT INTO pricing_rules (byok_fee) VALUES (0.05)$$),
  ($$INSERT INTO pricing_rules (key_source, flat_usd) VALUES ('user_key', 0.03)$$),
  ($$UPDATE pricing_rules SET markup = 1 WHERE owner_id = 'rule_tenant' AND provider = 'openai'$$),
  ($$DELETE FROM pricing_rules WHERE owner_id = 'fee_user'$$)) v (statement), attempt_row(v.statement) a \gx

-- priced by them: 100 tokens in and 50 out at the demo's prices: the payer's rule before the provider's, unit prices beside the call
SELECT triangle_query('q', 'price_plain') -> 'charge' AS charge;
-- a tenant pays, by its rules, once it has an account
SELECT set_credit_policy('rule_tenant', true, owner_kind => 'tenant');
SELECT triangle_query('q', 'price_member', 'rule_tenant') -> 'charge' AS charge;
SELECT triangle_query('q', 'rule_tenant', NULL, '{"providers": ["openai"]}') #> '{charge,amount_usd}' AS charged;
SELECT u.user_id, u.provider, trim_scale(u.cost_usd) AS cost, trim_scale(u.charge_usd) AS charge, u.unit_prices
  FROM byok_usage u WHERE u.user_id IN ('price_plain', 'price_member', 'rule_tenant') ORDER BY u.user_id DESC, u.provider;
-- the BYOK fee: a share of the actual cost, and the price must be known
SELECT store_key('openai', 'sk-test-fee-user-openai-0000', 'user', 'fee_user') IS NOT NULL AS stored;
SELECT triangle_query('q', 'fee_user', NULL, '{"providers": ["openai"]}') -> 'charge' AS charge;
SELECT key_source, trim_scale(cost_usd) AS cost, trim_scale(charge_usd) AS charge, unit_prices FROM byok_usage WHERE user_id = 'fee_user';
SELECT amount_cents, trim_scale(amount_usd) AS amount_usd, description FROM credit_transactions WHERE user_id = 'fee_user';
SELECT a.* FROM attempt($$SELECT triangle_query('q', 'fee_user', NULL, '{"providers": ["openai"], "models": {"openai": "unheard-of"}}')$$) a;
SELECT triangle_estimate('q', 'fee_user', NULL, '{"providers": ["openai"]}') #> '{by_provider,openai}' AS estimate;
SELECT store_key('openai', 'sk-test-free-user-openai-0000', 'user', 'free_user') IS NOT NULL AS stored;
SELECT triangle_query('q', 'free_user', NULL, '{"providers": ["openai"], "models": {"openai": "unheard-of"}}') #> '{charge,amount_usd}' AS "no fee, no price needed";
-- history stays: the rule is closed, the bill is what it was
UPDATE pricing_rules SET effective = effective * tstzrange(NULL, now()) WHERE owner_id IN ('rule_tenant', 'fee_user');
SELECT triangle_query('q', 'fee_user', NULL, '{"providers": ["openai"]}') #> '{charge,amount_usd}' AS charged;
SELECT trim_scale(charge_usd) AS charge, unit_prices FROM byok_usage WHERE user_id = 'fee_user' ORDER BY used_at;

-- import: a dry run shows what would change and changes nothing
CREATE VIEW own_prices AS
  SELECT model, CASE WHEN upper_inf(effective) THEN 'open' ELSE 'closed' END AS state, tod_from, tod_to, input_tokens,
         trim_scale(input_usd_per_mtok) AS input, trim_scale(cached_input_usd_per_mtok) AS cached, trim_scale(cache_write_usd_per_mtok) AS written,
         trim_scale(output_usd_per_mtok) AS output, trim_scale(request_usd::numeric) AS request, source
    FROM model_prices WHERE model LIKE 'i-%' AND NOT builtin;
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'i-same', 1, 2), ('openai', 'i-moves', 1, 2), ('openai', 'i-jumps', 1, 2);
CREATE TABLE price_file (name text PRIMARY KEY, prices jsonb);
INSERT INTO price_file VALUES ('litellm', $${
  "sample_spec": {"litellm_provider": "one of the providers", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "i-new": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
    "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
    "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05},
  "openai/i-same": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
  "i-moves": {"litellm_provider": "openai", "mode": "responses", "input_cost_per_token": 1e-06, "output_cost_per_token": 8e-06},
  "i-jumps": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-05},
  "i-vector": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-08, "output_cost_per_token": 0},
  "i-there": {"litellm_provider": "elsewhere", "mode": "chat", "input_cost_per_token": 1e-08, "output_cost_per_token": 1e-08}}$$);
SELECT i.* FROM price_file f, byok_import_prices(f.prices) i WHERE f.name = 'litellm' \gx
SELECT count(*) AS "changed by a dry run" FROM own_prices WHERE source = 'LiteLLM';
-- never half an import: one refused row refuses all
SELECT code, message, detail, hint FROM attempt($$SELECT count(*) FROM price_file f, byok_import_prices(f.prices, false) i WHERE f.name = 'litellm'$$) \gx
SELECT count(*) AS "changed by a refused import" FROM own_prices WHERE source = 'LiteLLM';
-- told to accept the jump: rows are closed and the next ones begin there
SELECT i.action, i.model, i.detail FROM price_file f, byok_import_prices(f.prices, dry_run => false, max_jump => 10) i WHERE f.name = 'litellm';
SELECT * FROM own_prices ORDER BY model, state, input_tokens;
SELECT count(*) AS "do not touch" FROM model_prices a JOIN model_prices b USING (provider, model)
 WHERE model IN ('i-moves', 'i-jumps') AND upper_inf(b.effective) AND NOT upper_inf(a.effective) AND upper(a.effective) <> lower(b.effective);
-- the same file again has nothing to do
SELECT i.action, i.model FROM price_file f, byok_import_prices(f.prices, false) i WHERE f.name = 'litellm' AND i.action <> 'skipped';
-- priced by it: a query of the next transaction
SELECT triangle_query('q', 'i_user', NULL, '{"providers": ["openai"], "models": {"openai": "i-moves"}}') IS NOT NULL AS answered;
SELECT trim_scale(cost_usd) AS cost, unit_prices FROM byok_usage WHERE user_id = 'i_user';
-- genai-prices: windows, tiers, dates; a later beginning keeps what holds until then
INSERT INTO price_file VALUES ('genai', $$[{"id": "openai", "models": [
  {"id": "i-tiers", "match": {"equals": "i-tiers"}, "prices": {"input_mtok": {"base": 5, "tiers": [{"start": 271999, "price": 10}]},
    "cache_read_mtok": {"base": 0.5, "tiers": [{"start": 271999, "price": 1}]}, "output_mtok": 30, "web_searches_kcount": 10}},
  {"id": "i-windows", "prices": [{"prices": {"input_mtok": 0.14, "output_mtok": 0.28}},
    {"constraint": {"type": "start_date", "start_date": "2026-08-17"}, "prices": {"input_mtok": 0.22, "output_mtok": 0.66, "requests_kcount": 5}},
    {"constraint": {"type": "time_of_date", "start_time": "01:00:00Z", "end_time": "04:00:00Z"}, "prices": {"input_mtok": 0.44, "output_mtok": 1.32}}]},
  {"id": "i-audio", "prices": {"input_mtok": 1, "output_mtok": 2, "input_audio_mtok": 9}},
  {"id": "i-same", "prices": {"input_mtok": 1, "output_mtok": 2}}]}]$$);
SELECT i.action, i.model, i.detail, i.new_price FROM price_file f, byok_import_prices(f.prices, false) i WHERE f.name = 'genai' \gx
SELECT model, tod_from, tod_to, input_tokens, input, cached, output, request, source FROM own_prices WHERE model IN ('i-tiers', 'i-windows') ORDER BY model, tod_from, input_tokens;
SELECT i.action, i.detail FROM byok_import_prices('[{"provider": "openai", "model": "gpt-4o-mini", "input_usd_per_mtok": 0.2, "output_usd_per_mtok": 0.8}]', false, effective_from => '2100-01-01') i;
SELECT effective, trim_scale(input_usd_per_mtok) AS input, trim_scale(cached_input_usd_per_mtok) AS cached FROM model_prices
 WHERE model = 'gpt-4o-mini' AND NOT builtin ORDER BY effective;
SELECT i.action, regexp_replace(i.detail, '\d{7}', 'N') AS detail FROM byok_import_prices('[{"provider": "openai", "model": "gpt-4o-mini", "input_usd_per_mtok": 0.3, "output_usd_per_mtok": 0.8}]') i;
-- so does one that begins now: a query may have begun a moment ago
SELECT i.action FROM byok_import_prices('[{"provider": "openai", "model": "gpt-4.1-nano", "input_usd_per_mtok": 0.2, "output_usd_per_mtok": 0.4, "cached_input_usd_per_mtok": 0.025}]', false) i;
SELECT lower_inf(effective) AS "always", upper_inf(effective) AS open, trim_scale(input_usd_per_mtok) AS input FROM model_prices WHERE model = 'gpt-4.1-nano' AND NOT builtin ORDER BY effective;
-- bad files: every row says why, nothing is a wrong price
SELECT i.action, i.model, i.detail FROM byok_import_prices($$[
  {"provider": "openai", "model": "b-string", "input_usd_per_mtok": "1", "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-nan", "input_usd_per_mtok": "NaN", "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-negative", "input_usd_per_mtok": -1, "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-absurd", "input_usd_per_mtok": 100000.000001, "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-digits", "input_usd_per_mtok": 0.0000001, "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-missing", "input_usd_per_mtok": 1},
  {"provider": "openai", "model": "b-typo", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2, "reasoning": 3},
  {"provider": "openai", "model": "b-twice", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "b-twice", "input_usd_per_mtok": 1, "output_usd_per_mtok": 3},
  {"provider": "openai", "model": "b-empty", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2, "tod_from": "10:00", "tod_to": "09:00"}]$$) i;
-- what can be imported is, when told to leave out the rest
SELECT i.action, i.model FROM byok_import_prices('[{"provider": "openai", "model": "i-good", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2},
  {"provider": "openai", "model": "i-bad", "input_usd_per_mtok": -1, "output_usd_per_mtok": 2}]', false, skip_refused => true) i;
SELECT model, input, output FROM own_prices WHERE model IN ('i-good', 'i-bad');
SELECT a.* FROM (VALUES
  ($$SELECT * FROM byok_import_prices(NULL)$$),
  ($$SELECT * FROM byok_import_prices('{"gpt-4": 3}')$$),
  ($$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "m", "input_usd_per_mtok": 1e400, "output_usd_per_mtok": 2}]')$$),
  ($$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "m", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}]', max_jump => 0.5)$$),
  ($$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "m", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}]', max_jump => 'NaN')$$),
  ($$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "m", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}]', effective_from => '2020-01-01')$$),
  ($$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "m", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}]', effective_from => 'infinity')$$)) v (statement), attempt(v.statement) a \gx
-- only billing_admin and admin
CREATE ROLE regress_auditor;
SELECT byok_grant('regress_auditor', 'auditor');
SELECT code, message FROM attempt_as('regress_auditor', $$SELECT * FROM byok_import_prices('[]')$$);
SELECT byok_revoke('regress_auditor', 'auditor');
SELECT byok_grant('regress_auditor', 'billing_admin');
SELECT code, message FROM attempt_as('regress_auditor', $$SELECT * FROM byok_import_prices('[{"provider": "openai", "model": "i-granted", "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}]', false)$$);
SELECT byok_revoke('regress_auditor', 'billing_admin');
REVOKE USAGE ON SCHEMA public FROM regress_auditor;
DROP ROLE regress_auditor;
SELECT model FROM own_prices WHERE model = 'i-granted';
DROP VIEW own_prices;
DROP TABLE price_try, price_file;
