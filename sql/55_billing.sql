-- Every number of the seed's billing sections, and what happens to money: charges, carry, grants, refunds, credit, budgets.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset null -
SET client_min_messages = error;
SET datestyle = iso;
-- the router books grants, refunds and corrections after the commit
CREATE FUNCTION wait_for_bookings() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 2000 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM credit_pending);
    PERFORM pg_sleep(0.01);
    IF i = 2000 THEN RAISE 'nothing was booked in 20 s'; END IF;
  END LOOP;
END $$;
CREATE VIEW money AS
  SELECT u.request_id, u.user_id, coalesce(string_agg(left(initcap(u.provider), 1), '' ORDER BY u.id) FILTER (WHERE u.key_source = 'system_key'), 'none') AS platform,
         count(*) FILTER (WHERE u.key_source <> 'system_key') AS own_keys, trim_scale(coalesce(sum(p.cost_usd), 0)) AS cost, trim_scale(sum(u.charge_usd)) AS charge
    FROM key_usage_log u LEFT JOIN platform_api_usage p USING (request_id, provider, purpose, attempt) GROUP BY u.request_id, u.user_id;

---------------------------------------------------------------------------------------------------
-- the seed's tiers
---------------------------------------------------------------------------------------------------
CREATE TABLE people (user_id text, own text[]);
INSERT INTO people VALUES ('all_own', '{openai,anthropic,deepseek}'), ('own_o', '{openai}'), ('own_ad', '{anthropic,deepseek}'), ('no_own', '{}'),
                          ('own_oa', '{openai,anthropic}'), ('own_od', '{openai,deepseek}'), ('own_a', '{anthropic}'), ('own_d', '{deepseek}');
SELECT count(store_key(provider, 'sk-test-' || user_id || '-0000000', 'user', user_id)) AS keys_stored FROM people, unnest(own) provider;
SELECT clock_timestamp() AS seed_from \gset
SELECT count(triangle_query('Explain quantum computing', user_id)) AS asked FROM people WHERE user_id IN ('all_own', 'own_o', 'own_ad', 'no_own');
-- | Tier | Platform API Cost | Platform Charge | Profit | Margin |
-- | Free | $0.00 | $0.00 | $0.00 | N/A |
-- | Hybrid (1 key) | $0.01 | $0.03 | $0.02 | 67% |
-- | Hybrid (2 keys) | $0.03 | $0.06 | $0.03 | 50% |
-- | Premium | $0.04 | $0.09 | $0.05 | 56% |
SELECT tier, queries, round(platform_cost_usd, 2) AS "Platform API Cost", round(charge_usd, 2) AS "Platform Charge", round(profit_usd, 2) AS "Profit", margin_percent AS "Margin"
  FROM byok_margin_between(:'seed_from', 'infinity');
-- the same without rounding
SELECT tier, trim_scale(platform_cost_usd) AS cost, trim_scale(charge_usd) AS charge, trim_scale(profit_usd) AS profit FROM byok_margin_between(:'seed_from', 'infinity');
-- all eight ways to share the keys
SELECT count(triangle_query('Explain quantum computing', user_id)) AS asked FROM people WHERE user_id IN ('own_oa', 'own_od', 'own_a', 'own_d');
SELECT m.platform, m.own_keys, m.cost, m.charge, m.charge - m.cost AS profit, round(100 * (m.charge - m.cost) / nullif(m.charge, 0)) AS "margin %",
       round(m.cost, 2) AS cost_2, round(m.charge, 2) AS charge_2, round(m.charge - m.cost, 2) AS profit_2, t.amount_cents, t.description
  FROM people JOIN money m USING (user_id) LEFT JOIN byok_ledger t USING (request_id) ORDER BY m.charge;
SELECT tier, queries, trim_scale(platform_cost_usd) AS cost, trim_scale(charge_usd) AS charge, trim_scale(profit_usd) AS profit, margin_percent
  FROM byok_margin_between(:'seed_from', 'infinity');
-- Free Tier (User Brings All Keys):       Platform charges: $0.00 per Triangle query
-- Hybrid Tier (User Brings Some Keys):    Platform charges: $0.03 - $0.06 per Triangle query
-- Premium Tier (Platform Provides All Keys): Platform charges: $0.09 per Triangle query
-- The range is that of the two Hybrid rows of the seed's table; who brings other keys is charged from 0.001 to 0.09.
SELECT CASE own_keys WHEN 3 THEN 'Free' WHEN 0 THEN 'Premium' ELSE 'Hybrid' END AS "Tier",
       round(min(charge) FILTER (WHERE user_id IN ('all_own', 'own_o', 'own_ad', 'no_own')), 2) AS "from",
       round(max(charge) FILTER (WHERE user_id IN ('all_own', 'own_o', 'own_ad', 'no_own')), 2) AS "to", min(charge) AS least, max(charge) AS most
  FROM people JOIN money USING (user_id) GROUP BY 1 ORDER BY 2;
SELECT count(*) AS "nothing was asked before" FROM byok_margin_between('-infinity', (SELECT min(used_at) FROM byok_usage));

---------------------------------------------------------------------------------------------------
-- the seed's example: "User has OpenAI, platform provides Anthropic + DeepSeek"
---------------------------------------------------------------------------------------------------
SELECT u.provider, u.key_source, trim_scale(u.cost_usd) AS "API Cost", trim_scale(u.charge_usd) AS "Platform charge"
  FROM byok_usage u WHERE u.user_id = 'own_o' ORDER BY array_position('{openai,anthropic,deepseek}', u.provider);
-- OpenAI (user_key):      API Cost: $0.03 (user pays directly to OpenAI), Platform charge: $0.00 (user's key)
-- Anthropic (system_key): API Cost: $0.01 (platform pays to Anthropic), Platform charge: $0.03 (3x markup)
-- DeepSeek (system_key):  API Cost: $0.0001 (platform pays to DeepSeek), Platform charge: $0.001 (10x markup)
SELECT charge AS "TOTAL USER CHARGE", (SELECT round(charge, 2) FROM money WHERE user_id = 'no_own') AS "instead of", cost AS "TOTAL PLATFORM COST",
       charge AS "TOTAL PLATFORM REVENUE", charge - cost AS "PLATFORM PROFIT", round(100 * (charge - cost) / charge) AS "margin %" FROM money WHERE user_id = 'own_o';
-- TOTAL USER CHARGE: $0.031 (instead of $0.09 for full Triangle)
-- TOTAL PLATFORM COST: $0.0101
-- TOTAL PLATFORM REVENUE: $0.031
-- PLATFORM PROFIT: $0.0209 (67% margin)
SELECT user_id, amount_cents, type, description, metadata FROM byok_ledger WHERE user_id = 'own_o';
-- 'user_123', -3, -- $0.03 charge, 'triangle_query', 'Triangle query (1 user key, 2 system keys)',
-- '{"key_sources": {"openai": "user_key", "anthropic": "system_key", "deepseek": "system_key"}}'
SELECT provider, model, input_tokens, output_tokens, trim_scale(cost_usd) AS cost_usd FROM byok_platform_usage JOIN money USING (request_id) WHERE user_id = 'own_o' ORDER BY provider;
-- ('anthropic', 'claude-3-sonnet', 100, 50, 0.01),
-- ('deepseek', 'deepseek-chat', 100, 50, 0.0001);

-- the seed's INSERTs as they are: log entries, on no account
BEGIN;
-- When charging user, record key source
INSERT INTO credit_transactions (
  user_id, amount_cents, type, description, metadata
) VALUES (
  'user_123',
  -3, -- $0.03 charge
  'triangle_query',
  'Triangle query (1 user key, 2 system keys)',
  '{"key_sources": {"openai": "user_key", "anthropic": "system_key", "deepseek": "system_key"}}'
);

-- Platform usage for system keys
INSERT INTO platform_api_usage (
  provider, model, input_tokens, output_tokens, cost_usd
) VALUES
  ('anthropic', 'claude-3-sonnet', 100, 50, 0.01),
  ('deepseek', 'deepseek-chat', 100, 50, 0.0001);
SELECT * FROM billing_invariants();
ROLLBACK;

-- who brought what, in the seed's words
CREATE TABLE mixes (who text, tenant text, providers jsonb, own text[], tenants text[]);
INSERT INTO mixes VALUES
  ('mix1', NULL, '["deepseek", "anthropic"]', '{}', '{}'), ('mix2', NULL, '["anthropic"]', '{}', '{}'),
  ('mix3', 'mix_t3', '["openai", "anthropic", "deepseek"]', '{openai}', '{deepseek}'), ('mix4', 'mix_t4', '["openai", "anthropic", "deepseek"]', '{}', '{openai,deepseek}'),
  ('mix5', 'mix_t5', '["openai", "anthropic"]', '{}', '{openai}');
SELECT count(store_key(p, 'sk-test-mix-00000000', 'user', who)) AS stored FROM mixes, unnest(own) p;
SELECT count(store_key(p, 'sk-test-mix-00000000', 'tenant', tenant)) AS stored FROM mixes, unnest(tenants) p;
SELECT count(triangle_query('mixed', who, tenant, jsonb_build_object('providers', providers))) AS asked FROM mixes;
SELECT user_id, amount_cents, description FROM byok_ledger WHERE user_id LIKE 'mix%' ORDER BY user_id;

---------------------------------------------------------------------------------------------------
-- below a cent: ten charges of 0.031 are 31 cents
---------------------------------------------------------------------------------------------------
SELECT store_key('openai', 'sk-test-carry-00000000', 'user', 'carry') IS NOT NULL AS stored;
SELECT count(triangle_query('carry ' || i, 'carry')) AS asked FROM generate_series(1, 10) i;
CREATE VIEW carry AS
  SELECT row_number() OVER (ORDER BY chain_no) AS n, request_id, amount_cents, amount_usd, type, balance_after_usd, contra, reverses_id IS NOT NULL AS reverses
    FROM byok_ledger WHERE user_id = 'carry';
SELECT amount_cents, count(*), min(n), max(n) FROM carry GROUP BY 1 ORDER BY 1 DESC;
SELECT sum(amount_cents) AS cents, trim_scale(sum(amount_usd)) AS usd FROM carry;
SELECT trim_scale(posted_usd) AS posted, trim_scale(held_usd) AS held, trim_scale(available_usd) AS available, trim_scale(carry_usd) AS carry FROM byok_accounts WHERE owner_id = 'carry';
-- taking back the tenth gives 4 cents and restores what was carried before it; then the first gives 3
SELECT refund_request(request_id, 'was wrong') AS refunded FROM carry WHERE n = 10;
SELECT wait_for_bookings();
SELECT trim_scale(posted_usd) AS posted, trim_scale(carry_usd) AS carry FROM byok_accounts WHERE owner_id = 'carry';
SELECT refund_request(request_id, 'was wrong') AS refunded FROM carry WHERE n = 1;
SELECT wait_for_bookings();
SELECT trim_scale(posted_usd) AS posted, trim_scale(carry_usd) AS carry FROM byok_accounts WHERE owner_id = 'carry';
SELECT n, amount_cents, trim_scale(amount_usd) AS usd, type, trim_scale(balance_after_usd) AS balance, contra, reverses FROM carry WHERE n > 9 ORDER BY n;
-- asked again it is the same and does nothing
SELECT refund_request(request_id, 'was wrong, again') AS refunded FROM carry WHERE n = 1;
SELECT wait_for_bookings();
SELECT count(*) AS rows, sum(amount_cents) AS cents FROM carry;
SELECT trim_scale(charged_usd) AS "the request's charge stays", state FROM triangle_requests WHERE id = (SELECT request_id FROM carry WHERE n = 1);
-- what cost nothing is taken back as nothing
SELECT refund_request(request_id, 'free') AS refunded FROM money WHERE user_id = 'all_own';
SELECT wait_for_bookings();
SELECT * FROM attempt($$SELECT refund_request('00000000-0000-4000-8000-000000000000', 'nobody''s')$$);
SELECT code, message FROM attempt($$SELECT refund_request(NULL, 'x')$$) UNION ALL
SELECT code, message FROM attempt($$SELECT refund_request('00000000-0000-4000-8000-000000000000', NULL)$$);

---------------------------------------------------------------------------------------------------
-- grants
---------------------------------------------------------------------------------------------------
SELECT trim_scale(grant_credits('granted', 500, 'card', 'pay_1')) AS balance;
SELECT trim_scale(grant_credits('granted', 500, 'card', 'pay_1')) AS "balance, the same payment again";
SELECT code, message, hint FROM attempt($$SELECT grant_credits('granted', 600, 'card', 'pay_1')$$);
SELECT trim_scale(grant_credits('granted', 25, 'welcome', type => 'promo')) AS balance;
SELECT trim_scale(grant_credits('granted', -100, 'goodwill taken back', type => 'adjustment')) AS balance;
SELECT trim_scale(grant_credits('granted_tenant', 1, owner_kind => 'tenant')) AS balance;
BEGIN;
SELECT trim_scale(grant_credits('granted', 10000, 'card', 'pay_2')) AS "balance, to be undone";
ROLLBACK;
SELECT wait_for_bookings();
SELECT trim_scale(posted_usd) AS posted, trim_scale(held_usd) AS held, trim_scale(available_usd) AS available FROM credit_balance('granted');
SELECT user_id, amount_cents, trim_scale(amount_usd) AS usd, type, description, contra, trim_scale(balance_after_usd) AS balance FROM byok_ledger WHERE user_id LIKE 'granted%' ORDER BY chain_no;
SELECT trim_scale(posted_usd) AS posted, trim_scale(held_usd) AS held, trim_scale(available_usd) AS available FROM credit_balance('never_seen');
SELECT call, a.* FROM unnest(ARRAY[
  $$grant_credits('granted', -5)$$, $$grant_credits('granted', 0)$$, $$grant_credits('granted', 0, type => 'adjustment')$$,
  $$grant_credits('granted', -5, type => 'promo')$$, $$grant_credits('granted', NULL)$$, $$grant_credits(NULL, 5)$$, $$grant_credits('', 5)$$,
  $$grant_credits(repeat('x', 256), 5)$$, $$grant_credits('granted', 5, owner_kind => 'group')$$, $$grant_credits('granted', 5, owner_kind => NULL)$$,
  $$grant_credits('granted', 5, type => 'refund')$$, $$grant_credits('granted', 5, type => NULL)$$, $$grant_credits('granted', 2147483648)$$,
  $$grant_credits('granted', 2.5)$$, $$grant_credits('granted', '2.5')$$, $$grant_credits('granted', 'NaN')$$,
  $$credit_balance('granted', 'group')$$, $$credit_balance(NULL)$$]) AS call,
  LATERAL attempt('SELECT ' || call) a;
-- the least an integer holds, and as much back
SELECT trim_scale(grant_credits('granted', -2147483648, type => 'adjustment')) AS balance;
SELECT trim_scale(grant_credits('granted', 2147483647)) AS balance;
SELECT trim_scale(grant_credits('granted', 1)) AS balance;
SELECT wait_for_bookings();
SELECT amount_cents, trim_scale(amount_usd) AS usd, trim_scale(balance_after_usd) AS balance FROM byok_ledger WHERE user_id = 'granted' ORDER BY chain_no DESC LIMIT 3;
-- more than the ledger's columns hold with room to spare
BEGIN;
SELECT trim_scale(grant_credits('rich', 2147483647)) AS balance;
SELECT trim_scale(grant_credits('rich', 2147483647)) AS balance;
SELECT code, message FROM attempt($$SELECT grant_credits('rich', 2147483647)$$);
ROLLBACK;

---------------------------------------------------------------------------------------------------
-- prepaid
---------------------------------------------------------------------------------------------------
SELECT set_credit_policy('prepaid', false);
SELECT code, message, hint FROM attempt($$SELECT triangle_query('q', 'prepaid', NULL, '{"max_tokens": 50}')$$);
BEGIN;
SELECT trim_scale(grant_credits('prepaid', 100, 'card', 'pay_3')) AS "balance, not committed";
SELECT code, message FROM attempt($$SELECT triangle_query('q', 'prepaid', NULL, '{"max_tokens": 50}')$$);
COMMIT;
SELECT trim_scale((triangle_query('q', 'prepaid', NULL, '{"max_tokens": 50}') -> 'charge' ->> 'amount_usd')::numeric) AS "charge, once it is committed";
SELECT trim_scale(posted_usd) AS posted, trim_scale(held_usd) AS held, trim_scale(available_usd) AS available FROM credit_balance('prepaid');
SELECT code, message FROM attempt($$SELECT triangle_query('q', 'prepaid', NULL, '{"max_tokens": 1000000}')$$);
SELECT set_credit_policy('prepaid', false, 5000);
SELECT trim_scale((triangle_query('q', 'prepaid', NULL, '{"max_tokens": 1000000}') -> 'charge' ->> 'amount_usd')::numeric) AS "charge, with a credit limit";
SELECT debt_allowed, trim_scale(credit_limit_usd) AS credit_limit, trim_scale(available_usd) AS available FROM byok_accounts WHERE owner_id = 'prepaid';
-- own keys need no credit
SELECT set_credit_policy('all_own', false);
SELECT triangle_query('q', 'all_own') -> 'charge' -> 'amount_usd' AS charge;
-- an account that is behind does not become prepaid, but with a credit limit that covers it
SELECT a.* FROM attempt($$SELECT set_credit_policy('carry', false)$$) a;
SELECT a.code FROM attempt($$SELECT set_credit_policy('carry', false, 0.247)$$) a;
SELECT a.code FROM attempt($$SELECT set_credit_policy('carry', false, 0.248)$$) a;
SELECT call, a.code, a.message FROM unnest(ARRAY[
  $$set_credit_policy(NULL, true)$$, $$set_credit_policy('carry', NULL)$$, $$set_credit_policy('carry', true, -1)$$, $$set_credit_policy('carry', true, NULL)$$,
  $$set_credit_policy('carry', true, 'NaN')$$, $$set_credit_policy('carry', true, 'Infinity')$$, $$set_credit_policy('carry', true, 0, 'group')$$]) AS call,
  LATERAL attempt('SELECT ' || call) a;

---------------------------------------------------------------------------------------------------
-- budgets
---------------------------------------------------------------------------------------------------
CREATE VIEW budget AS
  SELECT owner_kind, owner_id, provider, period, trim_scale(budget_usd) AS budget, trim_scale(spent_usd) AS spent, trim_scale(left_usd) AS left
    FROM byok_budget_status WHERE owner_id LIKE 'thrifty%' ORDER BY 1, 2, 3, 4;
SELECT trim_scale((triangle_query('q', 'thrifty', 'thrifty_t', '{"max_tokens": 50}') -> 'charge' ->> 'amount_usd')::numeric) AS "charge, before there is a budget";
SELECT set_budget('thrifty', 0.25), set_budget('thrifty', 0, 'day', 'openai'), set_budget('thrifty_t', 100, owner_kind => 'tenant');
SELECT * FROM budget;
SELECT code, message FROM attempt($$SELECT triangle_query('q', 'thrifty', NULL, '{"max_tokens": 50}')$$);
SELECT set_budget('thrifty', NULL, 'day', 'openai');
SELECT trim_scale((triangle_query('q', 'thrifty', 'thrifty_t', '{"max_tokens": 50, "providers": ["anthropic"]}') -> 'charge' ->> 'amount_usd')::numeric) AS charge;
SELECT * FROM budget;
SELECT code, message FROM attempt($$SELECT triangle_query('q', 'thrifty', NULL, '{"max_tokens": 5000}')$$);
SELECT set_budget('thrifty', 0.1);
SELECT * FROM budget;
SELECT call, a.code, a.message FROM unnest(ARRAY[
  $$set_budget(NULL, 1)$$, $$set_budget('thrifty', -1)$$, $$set_budget('thrifty', 'NaN')$$, $$set_budget('thrifty', 1e9)$$, $$set_budget('thrifty', 1, 'week')$$,
  $$set_budget('thrifty', 1, NULL)$$, $$set_budget('thrifty', 1, 'day', 'nobody')$$, $$set_budget('thrifty', 1, owner_kind => 'group')$$]) AS call,
  LATERAL attempt('SELECT ' || call) a;

---------------------------------------------------------------------------------------------------
-- a call whose outcome nobody knows is booked at its bound, and later at what the provider says
---------------------------------------------------------------------------------------------------
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "openai", "body": ""}]'
SELECT triangle_query('unknown', 'unlucky', NULL, '{"max_tokens": 50}') -> 'charge' -> 'amount_usd' AS charge;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT provider, purpose, attempt, user_id, model, status, booked_usd > 0.015 AS at_the_bound, correction_pending FROM byok_unknown_calls WHERE user_id = 'unlucky';
SELECT request_id AS unlucky FROM byok_unknown_calls WHERE user_id = 'unlucky' \gset
SELECT estimated_cost_usd > 0 AS estimated FROM byok_spend_daily WHERE estimated_cost_usd <> 0 AND provider = 'openai' AND model = 'gpt-4' AND tenant_id IS NULL AND key_source = 'system_key';
BEGIN;
SELECT reconcile_unknown(:'unlucky', 'openai', 0.0123, 40, 21, note => 'their log');
SELECT correction_pending FROM byok_unknown_calls WHERE user_id = 'unlucky';
COMMIT;
SELECT wait_for_bookings();
SELECT count(*) AS unknown FROM byok_unknown_calls WHERE user_id = 'unlucky';
SELECT trim_scale(sum(cost_usd)) AS cost, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, count(*) AS rows
  FROM byok_platform_usage WHERE request_id = :'unlucky' AND provider = 'openai';
-- corrected again: the last word counts
SELECT reconcile_unknown(:'unlucky', 'openai', 0.01);
SELECT wait_for_bookings();
SELECT trim_scale(sum(cost_usd)) AS cost, sum(input_tokens) AS "input, not said again", sum(output_tokens) AS output, count(*) AS rows
  FROM byok_platform_usage WHERE request_id = :'unlucky' AND provider = 'openai';
SELECT a.code, replace(a.message, :'unlucky', 'ID') AS message FROM unnest(ARRAY[
  format('reconcile_unknown(%L, ''mistral'', 1)', :'unlucky'), format('reconcile_unknown(%L, ''openai'', -1)', :'unlucky'),
  format('reconcile_unknown(%L, ''openai'', NULL)', :'unlucky'), format('reconcile_unknown(%L, ''openai'', 1, -1)', :'unlucky'),
  format('reconcile_unknown(%L, ''openai'', 1, attempt => 7)', :'unlucky'), $$reconcile_unknown(NULL, 'openai', 1)$$]) AS call,
  LATERAL attempt('SELECT ' || call) a;
-- more than it could cost is most likely a slip
SELECT a.code, a.message, a.hint FROM triangle_calls c, attempt(format('SELECT reconcile_unknown(%L, ''openai'', %s)', :'unlucky', c.bound_cost_usd + 0.000001)) a
 WHERE c.request_id = :'unlucky' AND c.provider = 'openai';
BEGIN;
SELECT reconcile_unknown(:'unlucky', 'openai', 1, beyond_bound => true);
ROLLBACK;

-- a call of yesterday: its correction is booked today and counts for yesterday's invoice
BEGIN;
SELECT gen_random_uuid() AS late, (now() AT TIME ZONE 'UTC')::date AS today, now() - interval '1 day' AS yesterday \gset
INSERT INTO triangle_requests (id, user_id, tenant_id, state, bound_usd, charged_usd, created_at, started_at, finished_at)
  VALUES (:'late', 'late', 'late_t', 'unknown', 0.06, 0, :'yesterday', :'yesterday', :'yesterday');
INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source, bound_cost_usd, cost_usd, charge_usd, sent_at, done_at)
  VALUES (:'late', 'openai', 1, 'unknown', 'system_key', 0.03, 0.03, 0, :'yesterday', :'yesterday');
INSERT INTO key_usage_log (request_id, user_id, tenant_id, provider, model, key_source, used_at, status, cost_usd, estimated, charge_usd)
  VALUES (:'late', 'late', 'late_t', 'openai', 'late-m', 'system_key', :'yesterday', 'unknown', 0.03, true, 0);
INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, estimated, used_at)
  VALUES (:'late', 'openai', 'late-m', 0, 0, 0.03, true, :'yesterday');
INSERT INTO usage_daily VALUES (:'today'::date - 1, 'late_t', 'openai', 'late-m', 'system_key', 1, 0, 0, 0, 0.03, 0.03, 0.03, 0);
INSERT INTO tier_daily VALUES (:'today'::date - 1, 0, true, 1, 0.03, 0);
SELECT count(*) >= 0 AS made FROM byok_make_months();
COMMIT;
SELECT reconcile_unknown(:'late', 'openai', 0.01, 40, 20);
SELECT wait_for_bookings();
SELECT :'today'::date - day AS days_ago, calls, input_tokens, output_tokens, trim_scale(cost_usd) AS cost, trim_scale(estimated_cost_usd) AS estimated, trim_scale(call_cost_usd) AS call_cost
  FROM usage_daily WHERE tenant_id = 'late_t' ORDER BY day;
SELECT trim_scale(platform_cost_usd) AS cost FROM tier_daily WHERE day = :'today'::date - 1;
BEGIN;
INSERT INTO provider_invoices (provider, day, model, cost_usd) VALUES ('openai', :'today'::date - 1, 'late-m', 0.012);
SELECT trim_scale(invoice_usd) AS invoice, trim_scale(booked_usd) AS booked, problem FROM byok_invoice_differences WHERE model = 'late-m';
ROLLBACK;
SELECT count(*) AS broken FROM billing_invariants();

---------------------------------------------------------------------------------------------------
-- a provider whose usage is no number that can be: the bound is booked, marked as estimated, and the user charged nothing
---------------------------------------------------------------------------------------------------
CREATE TABLE usage_shapes (shape text, usage jsonb);
INSERT INTO usage_shapes VALUES ('as it should be', '{}'), ('negative', '{"input_tokens": -5}'), ('zero with a fraction', '{"output_tokens": 0.0}'),
  ('no usage at all', 'null'), ('no input', '{"input_tokens": null}'), ('no output', '{"output_tokens": null}'), ('number as a string', '{"input_tokens": "100"}'),
  ('words', '{"output_tokens": "many"}'), ('1e18', '{"input_tokens": 1e18}'), ('1000000000000000000', '{"output_tokens": 1000000000000000000}'),
  ('beyond 64 bits', '{"input_tokens": 99999999999999999999}'), ('half a token', '{"output_tokens": 1.5}'), ('a list', '{"input_tokens": [100]}'),
  ('more than was sent', '{"input_tokens": 5000}'), ('more than was allowed', '{"output_tokens": 5000}');
SELECT 'curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d @- <<''RULES''' || E'\n' ||
       jsonb_agg(jsonb_build_object('prompt', shape, 'usage', usage))::text || E'\nRULES\n' AS set_rules FROM usage_shapes \gset
\setenv SET_RULES :set_rules
\! sh -c "$SET_RULES"
SELECT count(triangle_query(shape, 'usage: ' || shape, NULL, '{"max_tokens": 50}')) AS asked FROM usage_shapes;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT shape, string_agg(DISTINCT u.status, ' ') AS status, bool_and(u.estimated) AS estimated, min(u.input_tokens) AS input, min(u.output_tokens) AS output,
       min(u.cost_usd) > 0 AS costs, max(u.cost_usd) < 0.1 AS bounded, trim_scale(sum(u.charge_usd)) AS charge, count(t.id) AS ledger_rows
  FROM usage_shapes JOIN byok_usage u ON u.user_id = 'usage: ' || shape LEFT JOIN byok_ledger t USING (request_id) GROUP BY shape ORDER BY charge DESC, shape COLLATE "C";
SELECT count(*) AS broken FROM billing_invariants();
-- the days that are summed already make what the rows do, whatever part of a day is asked for
SELECT n, bool_and(m.total IS NOT DISTINCT FROM c.total) AS same
  FROM (VALUES (1, '-infinity'::timestamptz), (2, date_trunc('day', now(), 'UTC')), (3, date_trunc('day', now(), 'UTC') + interval '1 us'), (4, now())) s (n, since),
       (VALUES ('infinity'::timestamptz), (now()), (date_trunc('day', now(), 'UTC') + interval '1 day')) u (until),
       LATERAL (SELECT (sum(queries), sum(platform_cost_usd), sum(charge_usd))::text AS total FROM byok_margin_between(since, until)) m,
       LATERAL (SELECT (sum(queries), sum(platform_cost_usd), sum(charge_usd))::text AS total FROM byok_count_tiers(since, until)) c
 GROUP BY n ORDER BY n;

---------------------------------------------------------------------------------------------------
-- invoices
---------------------------------------------------------------------------------------------------
BEGIN;
INSERT INTO usage_daily (day, tenant_id, provider, model, key_source, calls, answered, input_tokens, output_tokens, cost_usd, estimated_cost_usd, call_cost_usd, charge_usd)
SELECT day, tenant, provider, model, source, 1, 1, 100, 50, cost, 0, cost, 0 FROM (VALUES
  ('2026-01-02'::date, 'a', 'openai', 'gpt-4', 'system_key', 0.03), ('2026-01-02', 'b', 'openai', 'gpt-4', 'system_key', 0.03),
  ('2026-01-02', 'b', 'openai', 'gpt-4', 'user_key', 99), ('2026-01-02', 'a', 'openai', 'gpt-4o', 'system_key', 0.5),
  ('2026-01-03', 'a', 'openai', 'gpt-4', 'system_key', 0.03), ('2026-01-04', 'a', 'openai', 'gpt-4', 'system_key', 0.03), ('2026-01-05', 'a', 'openai', 'gpt-4', 'system_key', 1),
  ('2026-01-02', 'a', 'anthropic', 'claude-3-sonnet', 'system_key', 1.2345), ('2026-01-01', 'a', 'openai', 'gpt-4', 'system_key', 7)) v (day, tenant, provider, model, source, cost);
CREATE VIEW differences AS
  SELECT provider, day, model, trim_scale(invoice_usd) AS invoice, trim_scale(booked_usd) AS booked, trim_scale(difference_usd) AS difference, problem
    FROM byok_invoice_differences WHERE day < '2026-02-01' ORDER BY 1 DESC, 2, 3;
SELECT byok_import_invoice('openai', '{"object": "page", "has_more": false, "data": [
  {"object": "bucket", "start_time": 1767312000, "end_time": 1767398400, "results": [
    {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"}, "line_item": "gpt-4, input"},
    {"object": "organization.costs.result", "amount": {"value": 1.2e-3, "currency": "usd"}, "line_item": "gpt-4, output"},
    {"object": "organization.costs.result", "amount": {"value": 0.5, "currency": "usd"}, "line_item": "gpt-4o, input"}]},
  {"start_time": 1767398400, "end_time": 1767484800, "results": [{"amount": {"value": 0.0306, "currency": "USD"}, "line_item": null}]},
  {"start_time": 1767571200, "end_time": 1767657600, "results": []},
  {"start_time": 1767657600, "end_time": 1767744000, "results": [{"amount": {"value": 2, "currency": "usd"}, "line_item": "Image models"}]}]}') AS rows;
SELECT byok_import_invoice('anthropic', '{"data": [{"starting_at": "2026-01-02T00:00:00Z", "ending_at": "2026-01-03T00:00:00Z", "results": [
  {"amount": "123.45", "currency": "USD", "model": "claude-3-sonnet", "token_type": "output_tokens", "cost_type": "tokens"},
  {"amount": "0.00000001", "currency": "USD", "model": "claude-3-haiku", "token_type": "uncached_input_tokens"}]}], "has_more": false}') AS rows;
SELECT provider, day, model, line_item, trim_scale(cost_usd) AS cost FROM provider_invoices ORDER BY 1 DESC, 2, 3, 4;
SELECT * FROM differences;
-- the same days again replace what was imported; other days stay
SELECT byok_import_invoice('openai', '{"data": [{"start_time": 1767312000, "results": [
  {"amount": {"value": 0.06, "currency": "usd"}, "line_item": "gpt-4, input"}, {"amount": {"value": 0.5, "currency": "usd"}, "line_item": "gpt-4o, input"}]}]}') AS rows;
SELECT * FROM differences;
-- anything wrong, and nothing is imported
SELECT r.report, a.code, a.message FROM (VALUES
  ('[]'), ('{}'), ('{"data": {}}'), ('{"data": [7]}'), ('{"data": [{"results": []}]}'), ('{"data": [{"start_time": "1767312000", "results": []}]}'),
  ('{"data": [{"start_time": 1767312001, "results": []}]}'), ('{"data": [{"start_time": 1e30, "results": []}]}'), ('{"data": [{"start_time": -86400, "results": []}]}'),
  ('{"data": [{"start_time": 1767312000, "end_time": 1767315600, "results": []}]}'), ('{"data": [{"start_time": 1767312000}]}'),
  ('{"data": [{"starting_at": "2026-02-30T00:00:00Z", "results": []}]}'), ('{"data": [{"starting_at": "2026-01-02T01:00:00Z", "results": []}]}'),
  ('{"data": [{"starting_at": "yesterday", "results": []}]}'), ('{"data": [{"starting_at": "2026-01-02T00:00:00Z", "ending_at": "2026-01-09T00:00:00Z", "results": []}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{}]}]}'), ('{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": "0.06", "currency": "usd"}}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": -0.06, "currency": "usd"}}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": 1e8, "currency": "usd"}}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": 0.06, "currency": "eur"}}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": 0.06}}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": 6, "currency": "USD"}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": "NaN", "currency": "USD"}]}]}'), ('{"data": [{"start_time": 1767312000, "results": [{"amount": "-1", "currency": "USD"}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": "1e3", "currency": "USD"}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": "1", "currency": "USD", "model": 5}]}]}'),
  ('{"data": [{"start_time": 1767312000, "results": [{"amount": "1", "currency": "USD"}, {"amount": "1", "currency": "CHF"}]}]}')) r (report),
  LATERAL attempt(format('SELECT byok_import_invoice(''openai'', %L)', r.report)) a;
SELECT call, a.code, a.message FROM unnest(ARRAY[$$byok_import_invoice('nobody', '{"data": []}')$$, $$byok_import_invoice(NULL, '{"data": []}')$$, $$byok_import_invoice('openai', NULL)$$]) call,
  LATERAL attempt('SELECT ' || call) a;
SELECT byok_import_invoice('openai', '{"data": []}') AS rows;
SELECT count(*) AS rows, trim_scale(sum(cost_usd)) AS cost FROM provider_invoices;
ROLLBACK;

---------------------------------------------------------------------------------------------------
-- what is written stays: also in months, also for a superuser in replica mode
---------------------------------------------------------------------------------------------------
CREATE VIEW kept AS
  SELECT c.relname::text AS name, CASE WHEN c.relname ~ '\d{4}_\d{2}$' THEN regexp_replace(c.relname, '\d{4}_\d{2}$', 'YYYY_MM') ELSE c.relname::text END AS shown
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
   WHERE c.relkind IN ('r', 'p') AND (c.relname IN ('key_usage_log', 'platform_api_usage', 'credit_transactions', 'credit_requests', 'key_events')
      OR i.inhparent IN ('key_usage_log'::regclass, 'platform_api_usage'::regclass)
         AND (c.relname ~ '_rest$' OR c.relname ~ (to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') || '$')));
CREATE FUNCTION try_to_change() RETURNS TABLE (tab text, update text, delete text, truncate text) LANGUAGE sql AS $$
  SELECT k.shown, (SELECT code FROM attempt(format('UPDATE %I SET %I = NULL', k.name, (SELECT attname FROM pg_attribute WHERE attrelid = k.name::regclass AND attnum = 2)))), (SELECT code FROM attempt(format('DELETE FROM %I', k.name))),
         (SELECT code FROM attempt(format('TRUNCATE %I', k.name))) FROM kept k ORDER BY 1 $$;
BEGIN;
INSERT INTO key_usage_log (provider, key_source, used_at) VALUES ('openai', 'user_key', '2001-01-01');
INSERT INTO platform_api_usage (provider, model, input_tokens, output_tokens, cost_usd, used_at) VALUES ('openai', 'gpt-4', 1, 1, 1, '2001-01-01');
SELECT * FROM try_to_change();
SET LOCAL session_replication_role = replica;
SELECT * FROM try_to_change();
ROLLBACK;
SELECT a.* FROM attempt('DELETE FROM credit_transactions') a;
SELECT call, a.* FROM unnest(ARRAY['byok_drop_usage(NULL)', $$byok_drop_usage((date_trunc('month', now()) + interval '1 day')::date)$$]) call,
  LATERAL (SELECT b.code, b.message, b.hint FROM attempt('SELECT ' || call) b) a;
SELECT byok_drop_usage(date_trunc('month', now())::date) AS dropped;
-- a call whose usage was dropped cannot be corrected any more, and one is told
BEGIN;
SELECT format('DROP TABLE platform_api_usage_%s', to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')) AS drop_month \gset
:drop_month;
SELECT a.code, replace(a.message, :'unlucky', 'ID') AS message, a.detail FROM attempt(format('SELECT reconcile_unknown(%L, ''openai'', 0.02)', :'unlucky')) a;
ROLLBACK;

-- and all of it, of every test so far, agrees
SELECT * FROM billing_invariants();
SELECT * FROM billing_invariants(now() - interval '1 hour');
SELECT * FROM verify_ledger_chain();
SELECT h.chain_no = l.chain_no AND h.chain_hash = l.chain_hash AS head_is_the_last FROM byok_ledger_head h, byok_ledger l ORDER BY l.chain_no DESC NULLS LAST LIMIT 1;
