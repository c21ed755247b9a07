-- A record that was altered or moved opens for nobody: that provider fails, no call is made for it, never the next tier.
\pset null -
\! curl -s -o /dev/null -X POST "$BYOK_FAKE_HTTP/_control/reset"
SELECT store_key('openai', 'sk-test-tamper-a-openai', 'user', 'tamper_a') IS NOT NULL AS stored;
SELECT store_key('openai', 'sk-test-tamper-b-openai', 'user', 'tamper_b') IS NOT NULL AS stored;
CREATE FUNCTION jsonb_object_length(jsonb) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM jsonb_object_keys($1)';
CREATE VIEW tampered AS
  SELECT r -> 'key_sources' -> 'openai' AS key_source, r -> 'errors' -> 'openai' ->> 'reason' AS reason,
         regexp_replace(r -> 'errors' -> 'openai' ->> 'message', '[0-9a-f]{16}', 'KEK') AS message, jsonb_object_length(r -> 'responses') AS others
    FROM triangle_query('q', 'tamper_a') r;
-- a user's own output settings change nothing
SET bytea_output = 'escape';
SELECT key_source, reason FROM tampered;
RESET bytea_output;
-- the record moved from another row
BEGIN;
UPDATE service_credentials a SET sealed = b.sealed FROM service_credentials b WHERE a.user_id = 'tamper_a' AND b.user_id = 'tamper_b';
SELECT * FROM tampered;
SELECT code, message, regexp_replace(detail, '[0-9a-f]{16}', 'KEK') AS detail FROM attempt($$SELECT triangle_query('q', 'tamper_a', NULL, '{"providers": ["openai"]}')$$) \gx
ROLLBACK;
-- one bit flipped in the ciphertext
BEGIN;
UPDATE service_credentials SET sealed = set_byte(sealed, 130, get_byte(sealed, 130) # 1) WHERE user_id = 'tamper_a';
SELECT * FROM tampered;
ROLLBACK;
-- the row given to another user
BEGIN;
UPDATE user_api_keys SET user_id = 'tamper_c' WHERE user_id = 'tamper_a';
UPDATE service_credentials SET user_id = 'tamper_c' WHERE user_id = 'tamper_a';
SELECT r -> 'errors' -> 'openai' ->> 'reason' AS reason FROM triangle_query('q', 'tamper_c') r;
ROLLBACK;
-- the provider points elsewhere now: refused before anything is sent, with the origin column changed too
BEGIN;
UPDATE providers SET base_url = 'https://attacker.invalid/v1', allow_private = false WHERE name = 'openai';
SELECT regexp_replace(message, '127\.0\.0\.1:\d+', '127.0.0.1:PORT') AS message FROM tampered;
UPDATE service_credentials SET origin = 'https://attacker.invalid:443' WHERE user_id = 'tamper_a';
SELECT message FROM tampered;
-- and the environment's key does not go there either
SELECT * FROM attempt($$SELECT triangle_query('q', 'nobody', NULL, '{"providers": ["openai"]}')$$) \gx
ROLLBACK;
-- a malformed record cannot be stored at all
SELECT code FROM attempt($$UPDATE service_credentials SET sealed = '\x00' WHERE user_id = 'tamper_a'$$);
-- the requests that went to OpenAI during all this: the one before anything was tampered with
\! curl -s "$BYOK_FAKE_HTTP/_control/requests" | jq -c '[.[] | select(.provider == "openai")] | length'
-- expiry and revocation pass to the next tier, with the reason
UPDATE service_credentials SET expires_at = '2026-01-03 12:00+00' WHERE user_id = 'tamper_a';
SELECT key_source, passed_over FROM resolve_key('openai', 'tamper_a', 'no_such_tenant');
SELECT status, count(*) FROM list_keys('tamper_a') WHERE owner_id = 'tamper_a' GROUP BY 1;
SELECT revoke_key(key_id, 'left the company') AS revoked, revoke_key(key_id) AS again FROM byok_keys WHERE owner_id = 'tamper_b';
SELECT key_source, passed_over -> 1 ->> 'reason' ~ '^revoked \d{4}-\d\d-\d\d$' AS said FROM resolve_key('openai', 'tamper_b', 'no_such_tenant');
-- rotation
SELECT rotate_key(key_id, 'sk-test-tamper-a-rotated-openai', '1 hour') IS NOT NULL AS rotated FROM byok_keys WHERE owner_id = 'tamper_a';
SELECT status, hint, previous_key_id IS NOT NULL AS has_previous FROM list_keys('tamper_a') WHERE owner_id = 'tamper_a' ORDER BY created_at;
SELECT e.event, e.detail ~ '^replaced by ' AS replaced FROM key_events e JOIN byok_keys k USING (key_id) WHERE k.owner_id = 'tamper_a' ORDER BY e.id;
DROP VIEW tampered;
DROP FUNCTION jsonb_object_length;
