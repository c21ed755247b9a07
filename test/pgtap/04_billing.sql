-- Money: who may call and read what; nobody changes the books but the router; everything says what it is.
BEGIN;
CREATE EXTENSION pgtap;
CREATE EXTENSION byok;
SELECT no_plan();
SET client_min_messages = error;
CREATE ROLE t_none; CREATE ROLE t_user; CREATE ROLE t_app; CREATE ROLE t_keys; CREATE ROLE t_money; CREATE ROLE t_audit; CREATE ROLE t_admin;
SELECT byok_grant('t_user', 'user'), byok_grant('t_app', 'app'), byok_grant('t_keys', 'key_admin'), byok_grant('t_money', 'billing_admin'),
       byok_grant('t_audit', 'auditor'), byok_grant('t_admin', 'admin') \g /dev/null
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE TEMP TABLE people AS SELECT * FROM unnest(ARRAY['t_none', 't_user', 't_app', 't_keys', 't_money', 't_audit', 't_admin']) WITH ORDINALITY r (role, ord);

SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM people WHERE has_function_privilege(role, signature, 'EXECUTE')), roles, signature)
  FROM (VALUES
    ('credit_balance(text,text)', 't_user t_app t_keys t_money t_audit t_admin'),
    ('grant_credits(text,integer,text,text,text,text)', 't_money t_admin'),
    ('refund_request(uuid,text)', 't_money t_admin'),
    ('reconcile_unknown(uuid,text,numeric,bigint,bigint,integer,text,text)', 't_money t_admin'),
    ('set_credit_policy(text,boolean,numeric,text)', 't_money t_admin'),
    ('set_budget(text,numeric,text,text,text)', 't_money t_admin'),
    ('byok_import_invoice(text,jsonb)', 't_money t_admin'),
    ('billing_invariants(timestamptz)', 't_money t_audit t_admin'),
    ('verify_ledger_chain(bigint,bigint)', 't_money t_audit t_admin'),
    ('byok_margin_between(timestamptz,timestamptz)', 't_money t_audit t_admin'),
    ('byok_make_months(integer)', NULL), ('byok_drop_usage(date)', NULL), ('byok_refuse_change()', NULL),
    ('byok_chain_step(bytea,bytea,text)', NULL), ('byok_chain(bytea,text)', NULL)) AS f (signature, roles);
SELECT is((SELECT string_agg(role, ' ' ORDER BY ord) FROM people WHERE has_table_privilege(role, tab, 'SELECT')), roles, 'read ' || tab)
  FROM (VALUES
    ('byok_accounts', 't_money t_audit t_admin'), ('byok_ledger_head', 't_money t_audit t_admin'), ('byok_spend_daily', 't_money t_audit t_admin'),
    ('byok_margin', 't_money t_audit t_admin'), ('byok_budget_status', 't_money t_audit t_admin'), ('byok_unknown_calls', 't_money t_audit t_admin'),
    ('byok_invoice_differences', 't_money t_audit t_admin'), ('provider_invoices', 't_money t_admin'), ('credit_accounts', NULL), ('credit_holds', NULL),
    ('credit_requests', NULL), ('credit_pending', NULL), ('budgets', NULL), ('budget_spend', NULL), ('usage_daily', NULL), ('idempotency_keys', NULL)) AS f (tab, roles);
-- all tables, also those of months, also those a later version adds
SELECT byok_make_months(1) \g /dev/null
SELECT is((SELECT string_agg(DISTINCT c.relname || ' ' || r.role, ', ')
             FROM pg_class c CROSS JOIN people r CROSS JOIN unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege(r.role, c.oid, p)
              AND c.relname NOT IN ('model_prices', 'model_aliases', 'pricing_rules', 'provider_invoices', 'providers', 'identities')
              AND c.relname !~ '^(tap|__t|pg_all)'), NULL, 'nobody writes any other table');
SELECT is((SELECT string_agg(DISTINCT r.role, ' ' ORDER BY r.role) FROM people r, unnest('{model_prices,model_aliases,pricing_rules,provider_invoices}'::text[]) t
            WHERE has_table_privilege(r.role, t, 'INSERT')), 't_admin t_money', 'but prices, rules and invoices, by those who bill');

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
SELECT * FROM finish();
ROLLBACK;
