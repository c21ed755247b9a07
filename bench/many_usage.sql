-- psql -v rows=N: the books of N/3 queries of three calls each, over this UTC month and the five before it: requests,
-- calls, usage, platform usage, days, holds, accounts and ledger as the router writes them. 20,000 users, a few of them
-- busy; one query in five has a tenant; who brings which keys is even.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
SET jit = off;
SELECT setseed(0.5) \g /dev/null

DO $$
DECLARE
  parent text;
  child text;
  month timestamptz;
BEGIN
  SET LOCAL timezone = 'UTC';
  FOREACH parent IN ARRAY '{key_usage_log,platform_api_usage}'::text[] LOOP
    FOR month IN SELECT date_trunc('month', now()) - make_interval(months => i) FROM generate_series(0, 5) i LOOP
      child := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
      CONTINUE WHEN to_regclass(child) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING INDEXES)', child, parent || '_rest');
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, month, month + interval '1 month');
    END LOOP;
  END LOOP;
END $$;

INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, source) VALUES
  ('openai', 'bench-o', 150, 300, 'bench'), ('anthropic', 'bench-a', 50, 100, 'bench'), ('deepseek', 'bench-d', 0.5, 1, 'bench');
CREATE TEMP TABLE leg AS
  SELECT l.n, p.provider, p.model, p.id AS price_id, l.cost, l.charge FROM model_prices p
    JOIN (VALUES (0, 'openai', 0.03, 0.06), (1, 'anthropic', 0.01, 0.03), (2, 'deepseek', 0.0001, 0.001)) l (n, provider, cost, charge) USING (provider)
   WHERE p.source = 'bench';
CREATE TEMP TABLE query AS
  SELECT i, gen_random_uuid() AS id, 'bench_' || 1 + floor(20000 * random() ^ 3)::int AS user_id,
         CASE WHEN random() < 0.2 THEN 'tenant_' || 1 + floor(50 * random())::int END AS tenant_id,
         floor(8 * random())::int AS own,
         first + (now() - first) * (i::float8 / (:rows / 3)) AS at
    FROM generate_series(1, :rows / 3) AS i,
         (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '5 months' AS first) f;
INSERT INTO credit_accounts (owner_kind, owner_id) SELECT 'user', user_id FROM query GROUP BY user_id;
CREATE TEMP TABLE charged AS
  SELECT q.*, a.id AS account_id, (SELECT coalesce(sum(l.charge), 0) FROM leg l WHERE q.own >> l.n & 1 = 0)::numeric(20,12) AS charge
    FROM query q JOIN credit_accounts a ON a.owner_kind = 'user' AND a.owner_id = q.user_id ORDER BY i;

INSERT INTO triangle_requests (id, user_id, tenant_id, state, account_id, bound_usd, charged_usd, router_generation, lease_until, created_at, started_at, finished_at)
  SELECT id, user_id, tenant_id, 'succeeded', account_id, 2 * charge, charge, 1, at + interval '90 s', at, at, at + interval '1 s' FROM charged ORDER BY i;
INSERT INTO credit_holds (account_id, request_id, amount_usd, state, created_at, closed_at)
  SELECT account_id, id, 2 * charge, 'captured', at, at + interval '1 s' FROM charged WHERE charge > 0 ORDER BY i;
INSERT INTO triangle_calls (request_id, provider, attempt, state, model, returned_model, key_source, bound_cost_usd, reserved_usd, cost_usd, charge_usd, sent_at, done_at, http_status)
  SELECT c.id, l.provider, 1, 'answered', l.model, l.model, CASE c.own >> l.n & 1 WHEN 0 THEN 'system_key' ELSE 'user_key' END, 2 * l.cost,
         CASE c.own >> l.n & 1 WHEN 0 THEN 2 * l.charge ELSE 0 END, l.cost, CASE c.own >> l.n & 1 WHEN 0 THEN l.charge ELSE 0 END, c.at, c.at + interval '1 s', 200
    FROM charged c, leg l ORDER BY c.i, l.n;
INSERT INTO key_usage_log (request_id, user_id, tenant_id, provider, model, key_source, used_at, input_tokens, output_tokens, cost_usd, charge_usd, price_id, latency_ms, http_status, provider_request_id)
  SELECT c.id, c.user_id, c.tenant_id, l.provider, l.model, CASE c.own >> l.n & 1 WHEN 0 THEN 'system_key' ELSE 'user_key' END, c.at, 100, 50, l.cost,
         CASE c.own >> l.n & 1 WHEN 0 THEN l.charge ELSE 0 END, l.price_id, 800, 200, 'req_' || left(md5(c.id::text), 24)
    FROM charged c, leg l ORDER BY c.i, l.n;
INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, price_id, used_at, provider_request_id)
  SELECT c.id, l.provider, l.model, 100, 50, l.cost, l.price_id, c.at, 'req_' || left(md5(c.id::text), 24)
    FROM charged c, leg l WHERE c.own >> l.n & 1 = 0 ORDER BY c.i, l.n;
INSERT INTO usage_daily AS d (day, tenant_id, provider, model, key_source, calls, answered, input_tokens, output_tokens, cost_usd, estimated_cost_usd, call_cost_usd, charge_usd)
  SELECT (used_at AT TIME ZONE 'UTC')::date, coalesce(tenant_id, ''), provider, model, key_source, count(*), count(*), sum(input_tokens), sum(output_tokens),
         sum(cost_usd), 0, sum(cost_usd), sum(charge_usd)
    FROM key_usage_log WHERE model LIKE 'bench-%' GROUP BY 1, 2, 3, 4, 5;
DELETE FROM tier_daily;  -- of the queries before, which are counted again
INSERT INTO tier_daily SELECT * FROM byok_count_tiers('-infinity', 'infinity');

CREATE TEMP TABLE entry AS
  SELECT row_number() OVER (ORDER BY i) + coalesce((SELECT max(chain_no) FROM credit_transactions), 0) AS chain_no, c.*,
         -sum(charge) OVER (PARTITION BY account_id ORDER BY i) AS balance
    FROM charged c WHERE charge > 0;
INSERT INTO credit_transactions (user_id, amount_cents, type, description, metadata, account_id, amount_usd, balance_after_usd, request_id, created_at, chain_no, chain_hash)
  SELECT user_id, cents, 'triangle_query', 'Triangle query', '{}', account_id, -charge, balance, id, at, chain_no,
         byok_chain((SELECT chain_hash FROM credit_transactions WHERE chain_no IS NOT NULL ORDER BY chain_no DESC LIMIT 1),
           byok_ledger_entry(chain_no, account_id, user_id, cents, 'triangle_query', 'Triangle query', '{}', -charge, balance, 'platform:revenue', id, NULL, NULL, NULL, at))
           OVER (ORDER BY chain_no)
    FROM (SELECT e.*, (ceil(100 * balance) - ceil(100 * (balance + charge)))::int AS cents FROM entry e) e ORDER BY chain_no;
UPDATE credit_accounts a SET posted_usd = b.balance, carry_usd = ceil(100 * b.balance) / 100 - b.balance
  FROM (SELECT account_id, -sum(charge) AS balance FROM charged GROUP BY account_id) b WHERE b.account_id = a.id;
VACUUM (ANALYZE) key_usage_log;
VACUUM (ANALYZE) platform_api_usage;
VACUUM (ANALYZE) triangle_requests;
VACUUM (ANALYZE) triangle_calls;
VACUUM (ANALYZE) credit_transactions;
VACUUM (ANALYZE) credit_holds;
VACUUM (ANALYZE) credit_accounts;
VACUUM (ANALYZE) usage_daily;
VACUUM (ANALYZE) tier_daily;
