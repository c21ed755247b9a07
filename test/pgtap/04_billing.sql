-- Money: who may call and read what; nobody changes the books but the router; everything says what it is.
BEGIN;
CREATE EXTENSION pgtap;
CREATE ROLE t_none;
-- as some platforms have it: the extension opens nothing by it
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO t_none, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO t_none;
ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO t_none;
CREATE EXTENSION byok;
SELECT no_plan();
SET client_min_messages = error;
CREATE ROLE t_user; CREATE ROLE t_app; CREATE ROLE t_keys; CREATE ROLE t_money; CREATE ROLE t_audit; CREATE ROLE t_admin;
SELECT byok_grant('t_user', 'user'), byok_grant('t_app', 'app'), byok_grant('t_keys', 'key_admin'), byok_grant('t_money', 'billing_admin'),
       byok_grant('t_audit', 'auditor'), byok_grant('t_admin', 'admin') \g /dev/null
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE TEMP TABLE people AS SELECT * FROM unnest(ARRAY['t_none', 't_user', 't_app', 't_keys', 't_money', 't_audit', 't_admin']) WITH ORDINALITY r (role, ord);

SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM people WHERE has_function_privilege(role, signature, 'EXECUTE')), roles, signature)
  FROM (VALUES
    ('credit_balance(text,text)', 't_user t_app t_keys t_money t_audit t_admin'),
    ('grant_credits(text,integer,text,text,text,text)', 't_money t_admin'),
    ('refund_request(uuid,text)', 't_money t_admin'),
    ('reconcile_unknown(uuid,text,numeric,bigint,bigint,integer,text,text,boolean)', 't_money t_admin'),
    ('set_credit_policy(text,boolean,numeric,text)', 't_money t_admin'),
    ('set_budget(text,numeric,text,text,text)', 't_money t_admin'),
    ('byok_import_invoice(text,jsonb)', 't_money t_admin'),
    ('billing_invariants(timestamptz)', 't_money t_audit t_admin'),
    ('verify_ledger_chain(bigint,bigint)', 't_money t_audit t_admin'),
    ('byok_margin_between(timestamptz,timestamptz)', 't_money t_audit t_admin'),
    ('byok_count_tiers(timestamptz,timestamptz)', NULL), ('byok_owner_only(regclass,oid)', NULL), ('byok_make_month(text,date)', NULL),
    ('byok_budget_count(text,text,text,date)', 't_money t_audit t_admin'),
    ('byok_make_months(integer)', NULL), ('byok_drop_usage(date)', NULL), ('byok_refuse_change()', NULL),
    ('byok_chain_step(bytea,bytea,text)', NULL), ('byok_chain(bytea,text)', NULL)) AS f (signature, roles);
SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM people WHERE has_table_privilege(role, tab, 'SELECT')), roles, 'read ' || tab)
  FROM (VALUES
    ('byok_accounts', 't_money t_audit t_admin'), ('byok_ledger_head', 't_money t_audit t_admin'), ('byok_spend_daily', 't_money t_audit t_admin'),
    ('byok_margin', 't_money t_audit t_admin'), ('byok_budget_status', 't_money t_audit t_admin'), ('byok_unknown_calls', 't_money t_audit t_admin'),
    ('byok_invoice_differences', 't_money t_audit t_admin'), ('provider_invoices', 't_money t_admin'), ('credit_accounts', NULL), ('credit_holds', NULL),
    ('credit_requests', NULL), ('credit_pending', NULL), ('budgets', NULL), ('budget_spend', NULL), ('usage_daily', NULL), ('usage_dropped', NULL), ('tier_daily', NULL), ('idempotency_keys', NULL)) AS f (tab, roles);
-- all tables, also those of months, also those a later version adds
SELECT byok_make_months(1) \g /dev/null
SELECT is((SELECT string_agg(DISTINCT c.relname || ' ' || r.role, ', ')
             FROM pg_class c CROSS JOIN people r CROSS JOIN unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege(r.role, c.oid, p)
              AND c.relname NOT IN ('model_prices', 'model_aliases', 'pricing_rules', 'provider_invoices', 'providers', 'identities')
              AND c.relname !~ '^(tap|__t|pg_all)'), NULL, 'nobody writes any other table');
SELECT is((SELECT string_agg(DISTINCT r.role, ' ' ORDER BY r.role) FROM people r, unnest('{model_prices,model_aliases,pricing_rules,provider_invoices}'::text[]) t
            WHERE has_table_privilege(r.role, t, 'INSERT')), 't_admin t_money', 'but prices, rules and invoices, by those who bill');

SELECT is((SELECT string_agg(d.objid::regclass::text, ', ') FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
            WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'byok') AND d.classid = 'pg_class'::regclass
              AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege('t_none', c.oid, 'USAGE,SELECT,UPDATE')
                                 ELSE has_table_privilege('t_none', c.oid, 'SELECT') END), NULL, 'default privileges open no relation');
SELECT is((SELECT string_agg(d.objid::regprocedure::text, ', ') FROM pg_depend d
            WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'byok') AND d.classid = 'pg_proc'::regclass
              AND has_function_privilege('t_none', d.objid, 'EXECUTE')), NULL, 'and no function');

-- what was granted is usable as granted
SET LOCAL ROLE t_audit;
SELECT is_empty('SELECT * FROM billing_invariants()', 'an auditor asks whether the books agree');
SELECT is_empty($$SELECT * FROM billing_invariants('2026-01-01')$$, 'also of a time');
SELECT is_empty('SELECT * FROM verify_ledger_chain()', 'verifies the chain');
SELECT is_empty('SELECT * FROM ' || v, 'reads ' || v)
  FROM unnest('{byok_ledger_head,byok_spend_daily,byok_margin,byok_accounts,byok_budget_status,byok_unknown_calls,byok_invoice_differences}'::text[]) v;
SELECT throws_ok($$SELECT byok_import_invoice('openai', '{"data": []}')$$, '42501', NULL, 'but imports nothing');
SELECT throws_ok($$SELECT grant_credits('a', 1)$$, '42501', NULL, 'and grants nothing');
RESET ROLE;
SET LOCAL ROLE t_money;
SELECT is(byok_import_invoice('openai', '{"data": [{"start_time": 1767312000, "results": [{"amount": {"value": 0.1, "currency": "usd"}}]}]}'), 1, 'a billing admin imports invoices');
SELECT results_eq('SELECT provider, problem, difference_usd FROM byok_invoice_differences', $$VALUES ('openai', 'not booked', 0.1::numeric)$$, 'and sees the differences');
SELECT is(grant_credits('a', 1), 0.01, 'grants credits');
SELECT throws_ok($$INSERT INTO credit_transactions (user_id, amount_cents, type) VALUES ('a', 1, 'purchase')$$, '42501', NULL, 'but never by hand');
SELECT throws_ok($$UPDATE credit_accounts SET posted_usd = 1$$, '42501', NULL, 'nor an account');
RESET ROLE;
SET LOCAL ROLE t_user;
SELECT is((SELECT posted_usd FROM credit_balance('t_user')), 0::numeric, 'a user sees its own balance');
SELECT throws_ok($$SELECT * FROM credit_balance('a')$$, '42501', 'permission denied to act for user "a"');
SELECT throws_ok('SELECT * FROM billing_invariants()', '42501', NULL, 'and no books');
RESET ROLE;

-- a hostile search_path and a planted name change nothing
CREATE SCHEMA evil;
CREATE TABLE evil.credit_accounts (LIKE public.credit_accounts);
CREATE FUNCTION evil.sum(numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured'; END $$;
CREATE FUNCTION evil.ne(public.usd, numeric) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured'; END $$;
CREATE OPERATOR evil.<> (LEFTARG = public.usd, RIGHTARG = numeric, FUNCTION = evil.ne);
CREATE OPERATOR public.<> (LEFTARG = public.usd, RIGHTARG = numeric, FUNCTION = evil.ne);
SET LOCAL search_path = evil, pg_catalog, public;
SELECT public.is_empty('SELECT * FROM public.billing_invariants()', 'nothing of a hostile search_path ran');
SELECT public.lives_ok('SELECT * FROM public.byok_invoice_differences', 'nor in a view');
RESET search_path;

-- every function, view, table and column of money has its comment
SELECT is((SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
             JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'byok' WHERE obj_description(p.oid, 'pg_proc') IS NULL), NULL, 'functions say what they do');
SELECT is((SELECT string_agg(c.relname, ', ') FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
             JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'byok' WHERE c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL), NULL, 'tables and views, too');
SELECT is((SELECT string_agg(c.relname || '.' || a.attname, ', ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ('credit_accounts', 'credit_transactions') AND a.attname ~ '_usd$|_cents$' AND col_description(c.oid, a.attnum) IS NULL), NULL, 'amounts say their sign');
SELECT is((SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'v' AND relname ~ '^byok_' AND NOT 'security_barrier=true' = ANY (coalesce(reloptions, '{}'))), NULL, 'views are security barriers');
SELECT is((SELECT string_agg(p.proname, ', ') FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
             JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'byok' WHERE p.prosecdef AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(p.proconfig, '{}'))), NULL, 'what runs as the owner has its search_path');
-- months: those that are missing are made, rows that came before their month move into it
SELECT results_eq('SELECT * FROM byok_make_months(1)', 'VALUES (0, 0)', 'no month is missing');
INSERT INTO key_usage_log (provider, key_source, used_at, charge_usd)
  SELECT 'openai', 'system_key', at, 1 FROM unnest('{2020-01-31 23:59:59.999999+00, 2020-02-01 00:00+00, 2020-02-29 12:00+00}'::timestamptz[]) at;
INSERT INTO platform_api_usage (provider, model, input_tokens, output_tokens, cost_usd, used_at) VALUES ('openai', 'm', 1, 1, 0.5, '2020-02-29 12:00+00');
CREATE TEMP TABLE before_moving AS SELECT * FROM key_usage_log;
SELECT is((SELECT count(*) FROM key_usage_log_rest), 3::bigint, 'rows of a month without partition go to the rest');
SELECT results_eq('SELECT * FROM byok_make_months(1)', 'VALUES (3, 0)', 'their months can be made all the same');
SELECT is((SELECT count(*) FROM key_usage_log_rest) + (SELECT count(*) FROM platform_api_usage_rest), 0::bigint, 'the rest is empty then');
SELECT results_eq('SELECT (SELECT count(*) FROM key_usage_log_2020_01), (SELECT count(*) FROM key_usage_log_2020_02), (SELECT count(*) FROM platform_api_usage_2020_02)',
                  'VALUES (1::bigint, 2::bigint, 1::bigint)', 'each row is in its month');
SELECT set_eq('SELECT * FROM key_usage_log', 'SELECT * FROM before_moving', 'and as it was');
SELECT throws_ok(format('%s', call), '55000', NULL, call || ' is refused')
  FROM unnest(ARRAY['DELETE FROM key_usage_log_2020_02', 'UPDATE key_usage_log_2020_02 SET charge_usd = 0', 'TRUNCATE key_usage_log_2020_02',
                    'TRUNCATE key_usage_log_rest', 'DELETE FROM platform_api_usage_2020_02']) call;
SAVEPOINT late;
INSERT INTO key_usage_log (provider, key_source, used_at) VALUES ('openai', 'system_key', '2019-01-01');
SELECT throws_ok('DELETE FROM key_usage_log_rest', '55000', NULL, 'the rest is append-only after the move, too');
ROLLBACK TO late;
SELECT is((SELECT string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger WHERE tgrelid = 'key_usage_log_rest'::regclass), 'A', 'also for a replica');
SELECT is((SELECT relacl::text FROM pg_class WHERE relname = 'key_usage_log_2020_02') ~ 't_none', false, 'a new month is not opened by default privileges');
SELECT ok(EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                   WHERE i.indrelid = 'key_usage_log_2020_02'::regclass AND a.amname = 'brin'), 'it has its BRIN index');
SELECT is(byok_drop_usage('2020-02-29'), 1, 'a month that ends by the day is dropped');
SELECT is(to_regclass('key_usage_log_2020_01'), NULL, 'it is gone');
SELECT is((SELECT count(*) FROM key_usage_log_2020_02), 2::bigint, 'the next is not touched');
SELECT is(byok_drop_usage('2020-03-01'), 2, 'then the next, of both tables');
SELECT is(byok_drop_usage('2020-03-01'), 0, 'nothing is left to drop');
SELECT throws_ok('SELECT byok_make_months(NULL)', '22004', 'ahead must not be null', 'no number of months');
SELECT throws_ok('SELECT byok_make_months(-1)', '22023', NULL, 'less than this month');
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'key_usage_log'::regclass), 3::bigint, 'this month, the next and the rest stay');

-- a call whose usage went with its month is not corrected, though a correction of it is there
INSERT INTO triangle_requests (id, user_id, state, started_at) VALUES ('00000000-0000-0000-0000-0000000000c1', 'a', 'unknown', '2020-05-05 12:00+00');
INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source) VALUES ('00000000-0000-0000-0000-0000000000c1', 'openai', 1, 'unknown', 'system_key');
INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, estimated, used_at, corrects_id)
  VALUES ('00000000-0000-0000-0000-0000000000c1', 'openai', 'm', 10, 10, 0.5, true, '2020-05-05 12:00+00', NULL),
         ('00000000-0000-0000-0000-0000000000c1', 'openai', 'm', -5, -5, -0.4, false, now(), 4711);
SELECT byok_make_months(0) \g /dev/null
SELECT lives_ok($$SELECT reconcile_unknown('00000000-0000-0000-0000-0000000000c1', 'openai', 0.2)$$, 'an unknown call is corrected');
SELECT is(byok_drop_usage('2020-06-01'), 1, 'then its month is dropped');
SELECT throws_ok($$SELECT reconcile_unknown('00000000-0000-0000-0000-0000000000c1', 'openai', 0.3)$$, '42704', NULL, 'and there is nothing left to correct');
DELETE FROM credit_pending;

-- what was dropped is remembered: an old row that comes later does not bring its time back
SELECT is((SELECT string_agg(before::text, ' ' ORDER BY dropped_at) FROM usage_dropped), '2020-02-01 2020-03-01 2020-06-01', 'every drop is on record');
SELECT is((SELECT min(dropped_by) FROM usage_dropped), session_user::text, 'with who did it');
INSERT INTO platform_api_usage (provider, model, input_tokens, output_tokens, cost_usd, used_at) VALUES ('openai', 'm', 1, 1, 0.1, '2019-01-15 12:00+00');
SELECT byok_make_months(0) \g /dev/null
SELECT isnt(to_regclass('platform_api_usage_2019_01'), NULL, 'an older row has its month');
SELECT is_empty($$SELECT * FROM billing_invariants() WHERE invariant IN ('I8', 'I22') AND subject LIKE '%0000000000c1%'$$, 'usage that was dropped is still not missed');
SELECT is(byok_drop_usage('2019-02-01'), 1, 'it is dropped, too');
SELECT is((SELECT max(before) FROM usage_dropped), '2020-06-01'::date, 'and the last word stays');

-- the correction of a call whose month was dropped still has its tenant
INSERT INTO triangle_requests (id, user_id, tenant_id, state, started_at) VALUES ('00000000-0000-0000-0000-0000000000c3', 'a', 'acme', 'unknown', '2020-05-05 12:00+00');
INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd, used_at, corrects_id)
  VALUES ('00000000-0000-0000-0000-0000000000c3', 'openai', 'm9', 0, 0, -0.2, now(), 4712);
INSERT INTO usage_daily VALUES ((now() AT TIME ZONE 'UTC')::date, 'acme', 'openai', 'm9', 'system_key', 0, 0, 0, 0, -0.2, -0.3, 0, 0);
SELECT is_empty($$SELECT * FROM billing_invariants() WHERE invariant = 'I14' AND subject LIKE '%m9%'$$, 'a correction keeps its tenant');

-- an invoice has amounts and days
SELECT throws_ok(format('INSERT INTO provider_invoices (provider, day, cost_usd) VALUES (''openai'', %L, %L)', day, cost), '23514', NULL, format('no invoice of %s on %s', cost, day))
  FROM (VALUES ('2026-01-01', 'NaN'), ('infinity', '1')) v (day, cost);

-- budgets before their first query count what ended, what runs, and what the least charge added
INSERT INTO triangle_requests (id, user_id, tenant_id, state, bound_usd, surcharge_usd, started_at)
  VALUES (gen_random_uuid(), 'thrift', 'thrift_t', 'succeeded', 0.2, 0.05, now()), (gen_random_uuid(), 'thrift', 'thrift_t', 'running', 0.3, 0, now()),
         ('00000000-0000-0000-0000-0000000000c2', 'thrift', NULL, 'running', 0.4, 0, now());
INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source, reserved_usd)
  VALUES ('00000000-0000-0000-0000-0000000000c2', 'openai', 1, 'failed_unbilled', 'system_key', 0.4),
         ('00000000-0000-0000-0000-0000000000c2', 'openai', 2, 'intent', 'system_key', 0.4);
INSERT INTO key_usage_log (request_id, user_id, tenant_id, provider, key_source, used_at, charge_usd)
  VALUES (gen_random_uuid(), 'thrift', 'thrift_t', 'anthropic', 'system_key', now(), 0.01), (NULL, 'thrift', NULL, 'anthropic', 'system_key', now(), 7);
SELECT set_budget('thrift', 10), set_budget('thrift', 10, provider => 'openai'), set_budget('thrift', 10, provider => 'anthropic'),
       set_budget('thrift_t', 10, owner_kind => 'tenant') \g /dev/null
SELECT results_eq('SELECT owner_kind, provider, trim_scale(spent_usd) FROM byok_budget_status ORDER BY 1, 2',
                  $$VALUES ('tenant', NULL, 0.35), ('user', 'anthropic', 0.01), ('user', 'openai', 0.4), ('user', NULL, 0.76)$$, 'a budget without a counter shows what it would begin with');
DELETE FROM budgets;
DELETE FROM triangle_calls;
DELETE FROM triangle_requests;

-- the largest balance; a payment that is told again is no new one
SELECT grant_credits('rich', 2147483647, 'x', 'rich 1'), grant_credits('rich', 2147483647, 'x', 'rich 2') \g /dev/null
SELECT is(grant_credits('rich', 705032706, 'x', 'rich 3'), 50000000.00, 'to the last cent of it');
SELECT throws_ok($$SELECT grant_credits('rich', 1, 'x', 'rich 4')$$, '22023', NULL, 'and no further');
SELECT is(grant_credits('rich', 705032706, 'x', 'rich 3'), 50000000.00, 'told again it is no error');
DELETE FROM credit_pending;

-- what was in time for its statement is looked at again at the end of the transaction
INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok)
  VALUES ('openai', 'late', '(,)', 1, 1), ('openai', 'begun', tstzrange(now() - interval '1 s', NULL), 1, 1);
ALTER TABLE model_prices DISABLE TRIGGER history;
SELECT throws_ok($$UPDATE model_prices SET effective = tstzrange(NULL, clock_timestamp() - interval '61 s') WHERE model = 'late'; SET CONSTRAINTS ALL IMMEDIATE$$,
                 '55000', NULL, 'a price is not closed over a minute before the commit');
SELECT throws_ok($$DELETE FROM model_prices WHERE model = 'begun'; SET CONSTRAINTS ALL IMMEDIATE$$, '55000', NULL, 'nor deleted after it began');
SELECT lives_ok($$UPDATE model_prices SET effective = tstzrange(NULL, clock_timestamp() - interval '50 s') WHERE model = 'late'; SET CONSTRAINTS ALL IMMEDIATE$$,
                'but within the minute');
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE model_prices ENABLE TRIGGER history;

SELECT * FROM finish();
ROLLBACK;
