-- What a role that may ask puts before the server's operators never runs as the owner of the extension.
CREATE ROLE hostile;
SELECT byok_grant('hostile', 'user');
INSERT INTO identities (role_name, user_id) VALUES ('hostile', 'hostile_u');
CREATE SCHEMA evil AUTHORIZATION hostile;
SET ROLE hostile;
DO $do$
DECLARE
  kind text;
  sign text;
BEGIN
  FOREACH kind IN ARRAY '{text text,name text,text name,name name,uuid uuid,oid oid,bigint bigint,integer integer,boolean boolean,timestamptz timestamptz}'::text[] LOOP
    EXECUTE format($f$CREATE FUNCTION evil.hit(a %s, b %s) RETURNS boolean LANGUAGE plpgsql AS $b$
      BEGIN
        IF current_user OPERATOR(pg_catalog.<>) 'hostile' THEN RAISE EXCEPTION 'it runs as %%', current_user; END IF;
        RETURN true;
      END $b$ $f$, split_part(kind, ' ', 1), split_part(kind, ' ', 2));
    FOREACH sign IN ARRAY '{=,<>,<,>,<=,>=}'::text[] LOOP
      EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.hit)', sign, split_part(kind, ' ', 1), split_part(kind, ' ', 2));
    END LOOP;
  END LOOP;
END $do$;
SET search_path = evil, pg_catalog;
SELECT 'a'::text = 'b'::text AS "they are in force";
SELECT public.triangle_query('hello') ->> 'success' AS asked;
SELECT count(*) AS mapped FROM public.triangle_map($$SELECT '1', 'hello'$$);
CALL public.triangle_ask('hello') \g /dev/null
SELECT public.triangle_submit('hello') IS NOT NULL AS submitted;
SELECT count(*) AS balances FROM public.credit_balance('hostile_u');
SELECT count(*) AS keys FROM public.list_keys('hostile_u');
SELECT public.triangle_estimate('hello') IS NOT NULL AS estimated;
SHOW search_path;
RESET search_path;
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
RESET client_min_messages;

-- Prices and rules at the ends of the calendar are rows like others: the router reads them.
INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok)
  VALUES ('openai', 'far', '[294276-01-01 00:00+00,)', 1, 1), ('openai', 'never', '[infinity,)', 1, 1), ('openai', 'before', '(,-infinity)', 1, 1);
INSERT INTO pricing_rules (owner_kind, owner_id, provider, markup, effective) VALUES ('user', 'far', 'openai', 2, '[294276-01-01 00:00+00,)');
SELECT triangle_query('hello', 'afterwards') ->> 'success' AS asked;
SELECT code FROM attempt($$SELECT triangle_query('hello', 'afterwards', NULL, '{"providers": ["openai"], "models": {"openai": "far"}}')$$);

-- What makes writers wait for each other is nothing that SQL can lock: pg_advisory_lock() has objsubid 1 and 2.
BEGIN;
SELECT grant_credits('afterwards', 1) AS granted;
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'locked', 1, 1);
INSERT INTO pricing_rules (owner_kind, owner_id, provider, markup) VALUES ('user', 'locked', 'openai', 2);
SELECT store_key('openai', 'sk-test-locked-0000', 'user', 'locked') IS NOT NULL AS stored;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT objsubid, count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' GROUP BY objsubid ORDER BY objsubid;
ROLLBACK;
