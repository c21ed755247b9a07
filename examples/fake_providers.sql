-- Points the three providers at a fake one: psql -v base=http://127.0.0.1:PORT -f examples/fake_providers.sql
-- allow_private permits plain http and loopback for these origins; system_key_origins lets the platform's
-- environment keys go there. Both need a superuser. Never do this with real keys.
UPDATE providers SET base_url = :'base' || '/openai/v1', allow_private = true WHERE name = 'openai';
UPDATE providers SET base_url = :'base' || '/anthropic', allow_private = true WHERE name = 'anthropic';
UPDATE providers SET base_url = :'base' || '/deepseek', allow_private = true WHERE name = 'deepseek';
SELECT format('ALTER DATABASE %I SET byok.system_key_origins = %L', current_database(), :'base') \gexec
