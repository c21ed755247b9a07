-- The fake provider, the demo prices, and a function that shows an error whole. The tests after this one use them.
\getenv fake BYOK_FAKE_HTTP
\set base :fake
\set QUIET on
SET client_min_messages = warning;
UPDATE providers SET base_url = :'base' || '/openai/v1', allow_private = true WHERE name = 'openai';
UPDATE providers SET base_url = :'base' || '/anthropic', allow_private = true WHERE name = 'anthropic';
UPDATE providers SET base_url = :'base' || '/deepseek', allow_private = true WHERE name = 'deepseek';
SELECT set_config('regress.base', :'base', false) \g /dev/null
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET byok.system_key_origins = %L', current_database(), current_setting('regress.base')); END $$;
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, source) VALUES
  ('openai', 'gpt-4', 150, 300, 'demo'),
  ('anthropic', 'claude-3-sonnet', 50, 100, 'demo'),
  ('deepseek', 'deepseek-chat', 0.5, 1, 'demo');
UPDATE providers SET default_model = 'gpt-4' WHERE name = 'openai';
UPDATE providers SET default_model = 'claude-3-sonnet' WHERE name = 'anthropic';
UPDATE providers SET default_model = 'deepseek-chat' WHERE name = 'deepseek';
\set QUIET off
-- an edited built-in row is the user's own from now on
SELECT name, builtin FROM providers ORDER BY position;
-- runs a statement and shows its error whole; the port of the fake provider is masked
CREATE FUNCTION attempt(statement text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  code := '00000';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  message := regexp_replace(message, '127\.0\.0\.1:\d+', '127.0.0.1:PORT', 'g');
  detail := nullif(regexp_replace(regexp_replace(detail, '^Failing row.*', 'Failing row …'), '127\.0\.0\.1:\d+', '127.0.0.1:PORT', 'g'), '');
  hint := nullif(hint, '');
END $$;
