-- The extension lives where CREATE EXTENSION put it, also after that schema got another name; who takes the old name gets nothing.
SELECT current_database() AS here \gset
CREATE DATABASE regress_schema;
\c regress_schema
CREATE SCHEMA first_name;
CREATE EXTENSION byok SCHEMA first_name;
SELECT first_name.store_key('openai', 'sk-test-renamed-openai', 'user', 'u') IS NOT NULL AS stored;
ALTER SCHEMA first_name RENAME TO "Second Name";
CREATE SCHEMA first_name;
CREATE FUNCTION first_name.byok_check_provider(text, text, jsonb, jsonb, boolean) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'a stranger''s code ran as %', current_user; END $$;
UPDATE "Second Name".providers SET default_model = 'gpt-4' WHERE name = 'openai' RETURNING name, builtin;
UPDATE "Second Name".providers SET base_url = 'ftp://example.com' WHERE name = 'openai';
INSERT INTO "Second Name".providers (name, base_url, default_model) VALUES ('deepseek', 'https://api.deepseek.com', 'm') RETURNING name, builtin;
SELECT key_source FROM "Second Name".resolve_key('openai', 'u');
SELECT count(*) FROM "Second Name".list_keys('u') WHERE owner_id = 'u';
\c :here
DROP DATABASE regress_schema;
