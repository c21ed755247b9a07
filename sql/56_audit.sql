-- What must hold in the books is told when it does not: each invariant on data that was broken for it, and each break of
-- the ledger's chain. All of it is undone.
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
\pset null -
SET client_min_messages = error;
SET datestyle = iso;
-- two answered queries, one of them on an own key, one call of unknown outcome that was corrected, a grant, a refund, a budget
SELECT store_key('openai', 'sk-test-audited-0000000', 'user', 'audited') IS NOT NULL AS stored;
SELECT set_budget('audited', 100), set_budget('audit_t', 100, owner_kind => 'tenant');
SELECT count(triangle_query('audited', 'audited', 'audit_t')) AS asked FROM generate_series(1, 2);
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/rules" -d '[{"provider": "anthropic", "body": ""}]'
SELECT count(triangle_query('audited', 'audited')) AS asked;
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT request_id AS lost FROM byok_unknown_calls WHERE user_id = 'audited' \gset
SELECT id AS ours FROM triangle_requests WHERE user_id = 'audited' AND tenant_id = 'audit_t' ORDER BY created_at LIMIT 1 \gset
SELECT id AS second FROM triangle_requests WHERE user_id = 'audited' AND tenant_id = 'audit_t' ORDER BY created_at DESC LIMIT 1 \gset
SELECT set_config('audit.ours', :'ours', false), set_config('audit.second', :'second', false), set_config('audit.lost', :'lost', false) \g /dev/null
SELECT reconcile_unknown(:'lost', 'anthropic', 0.005);
SELECT trim_scale(grant_credits('audited', 500)) IS NOT NULL AS granted;
SELECT trim_scale(refund_request(:'second', 'test')) AS refunded;
SELECT wait_for_bookings();
SELECT id AS account FROM credit_accounts WHERE owner_kind = 'user' AND owner_id = 'audited' \gset
SELECT set_config('audit.account', :'account', false) \g /dev/null

-- Runs statements, says which invariants are told then, of everything and of the last hour, and undoes them.
-- :ours, :second, :lost and :account stand for the ids of above.
CREATE FUNCTION broken(what text, statements text, OUT everything text, OUT "last hour" text) LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY '{ours,second,lost,account}'::text[] LOOP
    statements := replace(statements, ':' || name, quote_literal(current_setting('audit.' || name)));
  END LOOP;
  BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE statements;
    SELECT string_agg(DISTINCT invariant, ' ' ORDER BY invariant) INTO everything FROM billing_invariants();
    SELECT string_agg(DISTINCT invariant, ' ' ORDER BY invariant) INTO "last hour" FROM billing_invariants(now() - interval '1 hour');
    RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
  EXCEPTION WHEN SQLSTATE 'ZZ001' THEN NULL;
  END;
END $$;
CREATE TABLE breaks (n integer GENERATED ALWAYS AS IDENTITY, meant text, what text, statements text);
INSERT INTO breaks (meant, what, statements) VALUES
  ('none', 'nothing', 'SELECT 1'),
  ('none', 'the oldest requests were taken away', 'DELETE FROM triangle_calls c USING triangle_requests r, triangle_requests o
    WHERE r.id = c.request_id AND o.id = :ours AND r.finished_at < o.created_at; DELETE FROM triangle_requests r USING triangle_requests o WHERE o.id = :ours AND r.finished_at < o.created_at'),
  ('I1', 'a balance', 'UPDATE credit_accounts SET posted_usd = posted_usd + 1 WHERE id = :account'),
  ('I1', 'an account that is gone', 'DELETE FROM credit_accounts WHERE id = :account'),
  ('I2', 'what is held', 'UPDATE credit_accounts SET held_usd = 0.5 WHERE id = :account'),
  ('I2', 'a hold opened again', $$UPDATE credit_holds SET state = 'held', closed_at = NULL WHERE request_id = :ours$$),
  ('I3', 'a prepaid account below zero', $$UPDATE credit_accounts SET debt_allowed = false WHERE id = :account; UPDATE credit_accounts SET held_usd = 99 WHERE id = :account;
    INSERT INTO credit_holds (account_id, request_id, amount_usd) SELECT :account, gen_random_uuid(), 99$$),
  ('I4', 'the carry', 'UPDATE credit_accounts SET carry_usd = (carry_usd + 0.005) % 0.01 WHERE id = :account'),
  ('I4', 'cents of a row', $$ALTER TABLE credit_transactions DISABLE TRIGGER append_only; UPDATE credit_transactions SET amount_cents = amount_cents - 1 WHERE request_id = :ours$$),
  ('I5', 'a second charge', $$DROP INDEX credit_transactions_one_charge; INSERT INTO credit_transactions (user_id, amount_cents, type, request_id, amount_usd)
    SELECT user_id, amount_cents, type, request_id, amount_usd FROM credit_transactions WHERE request_id = :ours$$),
  ('I6', 'the charge of a call', $$UPDATE triangle_calls SET charge_usd = charge_usd + 0.01 WHERE request_id = :ours AND provider = 'anthropic'$$),
  ('I6', 'a surcharge', 'UPDATE triangle_requests SET surcharge_usd = 0.01 WHERE id = :ours'),
  ('I7', 'a charge that is not in the ledger', $$ALTER TABLE credit_transactions DISABLE TRIGGER append_only; DELETE FROM credit_transactions WHERE request_id = :ours$$),
  ('I7', 'a charge on another account', 'UPDATE triangle_requests SET account_id = account_id + 1000000 WHERE id = :ours'),
  ('I7', 'a charge of no request', 'DELETE FROM triangle_requests WHERE id = :ours'),
  ('I8', 'platform usage that is gone', $$ALTER TABLE platform_api_usage DISABLE TRIGGER append_only; DELETE FROM platform_api_usage WHERE request_id = :ours AND provider = 'deepseek'$$),
  ('I8', 'platform usage twice', $$INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, used_at)
    SELECT request_id, provider, model, input_tokens, output_tokens, cost_usd, used_at FROM platform_api_usage WHERE request_id = :ours AND provider = 'deepseek'$$),
  ('I9', 'platform usage of an own key', $$INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd) VALUES (:ours, 'openai', 'gpt-4', 1, 1, 1)$$),
  ('I9', 'platform usage of no call', $$INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd) VALUES (gen_random_uuid(), 'openai', 'gpt-4', 1, 1, 1)$$),
  ('I10', 'the cost of platform usage', $$ALTER TABLE platform_api_usage DISABLE TRIGGER append_only; UPDATE platform_api_usage SET cost_usd = 1 WHERE request_id = :ours AND provider = 'deepseek'$$),
  ('I11', 'an ended request that holds', $$UPDATE credit_holds SET state = 'held', closed_at = NULL WHERE request_id = :second$$),
  ('I12', 'a lease that is over', $$INSERT INTO triangle_requests (id, user_id, state, started_at, lease_until) VALUES (gen_random_uuid(), 'audited', 'running', now(), now() - interval '301 s')$$),
  ('none', 'a lease that was over a moment ago', $$INSERT INTO triangle_requests (id, user_id, state, started_at, lease_until) VALUES (gen_random_uuid(), 'audited', 'running', now(), now() - interval '299 s')$$),
  ('I13', 'a balance on the way', $$ALTER TABLE credit_transactions DISABLE TRIGGER append_only; UPDATE credit_transactions SET balance_after_usd = balance_after_usd + 1 WHERE request_id = :ours$$),
  ('I14', 'a day', $$UPDATE usage_daily SET calls = calls + 1 WHERE tenant_id = 'audit_t' AND provider = 'openai'$$),
  ('I14', 'a day that is gone', $$DELETE FROM usage_daily WHERE tenant_id = 'audit_t' AND provider = 'openai'$$),
  ('I14', 'a day of nothing', $$INSERT INTO usage_daily SELECT (now() AT TIME ZONE 'UTC')::date, 'audit_t', 'nobody', '', 'user_key', 0, 0, 0, 0, 0, 0, 0, 0$$),
  ('I14', 'an estimate that was not taken away', $$UPDATE usage_daily SET estimated_cost_usd = estimated_cost_usd + 0.01 WHERE tenant_id = '' AND provider = 'anthropic' AND key_source = 'system_key' AND model = 'claude-3-sonnet'$$),
  ('I14', 'a correction on another day', $$UPDATE usage_daily SET call_cost_usd = call_cost_usd + 0.01 WHERE tenant_id = 'audit_t' AND provider = 'openai'$$),
  ('I24', 'a tier', $$UPDATE tier_daily SET queries = queries + 1 WHERE own_keys = 0$$),
  ('I24', 'a tier that is gone', $$DELETE FROM tier_daily WHERE own_keys = 3$$),
  ('I24', 'a tier of nothing', $$INSERT INTO tier_daily SELECT (now() AT TIME ZONE 'UTC')::date, 77, true, 0, 0, 0$$),
  ('I15', 'usage without a month', $$INSERT INTO key_usage_log (provider, key_source, used_at) VALUES ('openai', 'user_key', now() + interval '10 years')$$),
  ('I15', 'platform usage without a month', $$INSERT INTO platform_api_usage (provider, model, input_tokens, output_tokens, cost_usd, used_at) VALUES ('openai', 'gpt-4', 1, 1, 1, now() + interval '10 years')$$),
  ('I16', 'money from nowhere', $$INSERT INTO credit_accounts (owner_kind, owner_id, posted_usd) VALUES ('user', 'from nowhere', 1)$$),
  ('I17', 'a price that is gone', $$DELETE FROM model_prices WHERE provider = 'deepseek' AND model = 'deepseek-chat' AND NOT builtin$$),
  ('I17', 'a price of another time', $$UPDATE model_prices SET effective = '[2100-01-01,)' WHERE provider = 'deepseek' AND model = 'deepseek-chat' AND NOT builtin$$),
  ('I17', 'a price of another size', $$UPDATE model_prices SET input_tokens = '[0,50)' WHERE provider = 'deepseek' AND model = 'deepseek-chat' AND NOT builtin$$),
  ('I17', 'a price of another weekday', $$UPDATE model_prices SET iso_dow = CASE WHEN extract(isodow FROM now() AT TIME ZONE 'UTC') = 1 THEN '[2,3)' ELSE '[1,2)' END::int4range
    WHERE provider = 'deepseek' AND model = 'deepseek-chat' AND NOT builtin$$),
  ('I18', 'a second answer', $$INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source) VALUES (:ours, 'openai', 2, 'failed_unbilled', 'user_key')$$),
  ('I19', 'a budget''s counter', $$UPDATE budget_spend SET spent_usd = spent_usd + 0.01 WHERE owner_id = 'audited'$$),
  ('I19', 'a tenant''s counter', $$UPDATE budget_spend SET spent_usd = spent_usd + 0.01 WHERE owner_id = 'audit_t'$$),
  ('I19', 'a counter without what runs', $$INSERT INTO triangle_requests (id, user_id, state, bound_usd, started_at, lease_until) VALUES ('00000000-0000-4000-8000-000000000001', 'audited', 'running', 0.5, now(), now() + interval '1 min');
    INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source, reserved_usd) VALUES ('00000000-0000-4000-8000-000000000001', 'openai', 1, 'intent', 'system_key', 0.5)$$),
  ('I20', 'a gap', $$ALTER TABLE credit_transactions DISABLE TRIGGER append_only; UPDATE credit_transactions SET chain_no = chain_no + 1000000 WHERE request_id = :ours$$),
  ('I21', 'a grant that was forgotten', $$DELETE FROM credit_pending; INSERT INTO credit_requests (kind, owner_kind, owner_id, amount_cents, type, requested_by) VALUES ('grant', 'user', 'audited', 1, 'promo', 'x')$$),
  ('I21', 'a grant that waits, and is booked', $$INSERT INTO credit_pending SELECT credit_request_id FROM credit_transactions WHERE user_id = 'audited' AND type = 'purchase'$$),
  ('I21', 'a grant that nobody books', $$WITH r AS (INSERT INTO credit_requests (kind, owner_kind, owner_id, amount_cents, type, requested_by, created_at)
    VALUES ('grant', 'user', 'audited', 1, 'promo', 'x', now() - interval '2 hours') RETURNING id) INSERT INTO credit_pending SELECT id, 'user', 'audited' FROM r$$),
  ('I21', 'a refund that was forgotten', $$ALTER TABLE credit_transactions DISABLE TRIGGER append_only; DELETE FROM credit_transactions WHERE user_id = 'audited' AND type = 'refund'$$),
  ('I21', 'a correction that was forgotten', $$INSERT INTO credit_requests (kind, type, request_id, details, requested_by) VALUES ('correction', 'correction', :ours,
    '{"provider": "anthropic", "purpose": "answer", "attempt": 1, "cost_usd": 0.01}', 'x')$$),
  ('I21', 'one that waits and was never asked', 'INSERT INTO credit_pending VALUES (1000000000)'),
  ('I22', 'usage that is gone', $$ALTER TABLE key_usage_log DISABLE TRIGGER append_only; DELETE FROM key_usage_log WHERE request_id = :ours AND provider = 'openai'$$),
  ('I22', 'the cost of usage', $$ALTER TABLE key_usage_log DISABLE TRIGGER append_only; UPDATE key_usage_log SET cost_usd = 1 WHERE request_id = :ours AND provider = 'openai'$$),
  ('I23', 'a correction of another amount', $$INSERT INTO credit_requests (kind, type, request_id, details, requested_by) VALUES ('correction', 'correction', :lost,
    '{"provider": "anthropic", "purpose": "answer", "attempt": 1, "cost_usd": 0.006}', 'x')$$);
SELECT b.meant, b.what, r.* FROM breaks b, LATERAL broken(b.what, b.statements) r ORDER BY b.n;
-- and each was told where it was meant
SELECT b.meant, b.what, r.* FROM breaks b, LATERAL broken(b.what, b.statements) r
 WHERE coalesce(NOT b.meant = ANY (string_to_array(r.everything, ' ')), true) AND NOT (b.meant = 'none' AND r.everything IS NULL) ORDER BY b.n;
SELECT * FROM billing_invariants();
-- an account, a request and a call by name, the figures beside each other
BEGIN;
UPDATE credit_accounts SET held_usd = 0.5 WHERE id = :account;
UPDATE budget_spend SET spent_usd = spent_usd + 0.01 WHERE owner_id = 'audit_t' AND period = 'month';
SELECT invariant, regexp_replace(subject, '\d{4}-\d\d-01', 'YYYY-MM-01') AS subject, detail FROM billing_invariants() ORDER BY 1;
ROLLBACK;

-- a surcharge is charge, a correction is cost
BEGIN;
SELECT trim_scale(sum(charge_usd)) AS charge, trim_scale(sum(platform_cost_usd)) AS cost FROM byok_count_tiers('-infinity', 'infinity') \gset
UPDATE triangle_requests SET surcharge_usd = 0.01 WHERE id = :'ours';
INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, corrects_id)
SELECT request_id, provider, model, 0, 0, 0.002, id FROM platform_api_usage WHERE request_id = :'ours' AND provider = 'anthropic';
SELECT trim_scale(sum(charge_usd) - :charge) AS charge, trim_scale(sum(platform_cost_usd) - :cost) AS cost FROM byok_count_tiers('-infinity', 'infinity');
ROLLBACK;

---------------------------------------------------------------------------------------------------
-- the chain
---------------------------------------------------------------------------------------------------
SELECT chain_no AS head FROM byok_ledger_head \gset
SELECT set_config('audit.head', :'head', false) \g /dev/null
-- :n is the head's number less so many: the last row is :0
CREATE FUNCTION broken_chain(statements text, from_no integer DEFAULT NULL, to_head boolean DEFAULT true) RETURNS TABLE ("less than the head" bigint, problem text) LANGUAGE plpgsql AS $$
DECLARE
  head bigint := current_setting('audit.head');
  found jsonb;
BEGIN
  BEGIN
    ALTER TABLE credit_transactions DISABLE TRIGGER append_only;
    FOR i IN 0 .. 5 LOOP statements := replace(statements, ':' || i, (head - i)::text); END LOOP;
    EXECUTE statements;
    SELECT jsonb_agg(jsonb_build_array(head - v.chain_no, v.problem)) INTO found
      FROM verify_ledger_chain(coalesce(head - from_no, 1), CASE WHEN to_head THEN head END) v;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
  EXCEPTION WHEN SQLSTATE 'ZZ001' THEN NULL;
  END;
  RETURN QUERY SELECT (f ->> 0)::bigint, regexp_replace(f ->> 1, '\d+', 'N') FROM jsonb_array_elements(found) f;
END $$;
SELECT * FROM broken_chain('SELECT 1');
SELECT column_name, r.* FROM (VALUES ('user_id', '''thief'''), ('amount_cents', 'amount_cents + 1'), ('type', '''promo'''), ('description', '''x'''), ('metadata', '''{"a": 1}'''),
    ('amount_usd', 'amount_usd + 0.000000000001'), ('balance_after_usd', '0'), ('contra', '''x'''), ('request_id', 'gen_random_uuid()'), ('account_id', 'account_id + 1'),
    ('credit_request_id', '1000000'), ('reverses_id', '1000000'), ('idempotency_key', '''x'''), ('created_at', 'created_at + interval ''1 us'''), ('chain_hash', '''\x00''')) v (column_name, value),
  LATERAL broken_chain(format('UPDATE credit_transactions SET %I = %s WHERE chain_no = :2', column_name, value)) r;
-- a row changed, and its hash made to fit: the next one does not
SELECT * FROM broken_chain($$UPDATE credit_transactions t SET description = 'x' WHERE chain_no = :2;
  UPDATE credit_transactions t SET chain_hash = byok_chain_step(NULL, (SELECT b.chain_hash FROM credit_transactions b WHERE b.chain_no = t.chain_no - 1),
    byok_ledger_entry(t.chain_no, t.account_id, t.user_id, t.amount_cents, t.type, t.description, t.metadata, t.amount_usd, t.balance_after_usd, t.contra, t.request_id,
      t.reverses_id, t.credit_request_id, t.idempotency_key, t.created_at)) WHERE chain_no = :2$$);
-- rows that are gone: one, two, the first, the last, all
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no = :2');
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no IN (:3, :2)');
SELECT count(*), bool_and(problem = 'row N before it is missing') FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no = 1');
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no = :0');
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no IS NOT NULL');
-- without the head kept elsewhere a cut-off end is not seen: with the two last rows gone, all fits
SELECT count(*) AS "not seen" FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no IN (:1, :0)', to_head => false);
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no IN (:1, :0)');
-- a part of it
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no = :4', 3);
SELECT * FROM broken_chain('DELETE FROM credit_transactions WHERE chain_no = :4', 4);
SELECT * FROM broken_chain($$UPDATE credit_transactions SET description = 'x' WHERE chain_no = :4$$, 3);
SELECT call, a.code, a.message FROM unnest(ARRAY['verify_ledger_chain(NULL)', 'verify_ledger_chain(0)', 'verify_ledger_chain(5, 4)', 'verify_ledger_chain(1, NULL)']) call, LATERAL attempt('SELECT ' || call) a;
SELECT * FROM verify_ledger_chain();
