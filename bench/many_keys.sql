-- psql -v keys=N: N stored keys, half of tenants, half of users, three an owner. All carry the one sealed record that
-- is there: none of them opens, but a resolution reads them like any other.
SET session_replication_role = replica;  -- no foreign keys checked, row by row
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

CREATE TEMP TABLE sample AS SELECT sealed, origin FROM service_credentials LIMIT 1;
CREATE TEMP TABLE fresh AS
  SELECT gen_random_uuid() AS id, i, tier, provider
    FROM generate_series(1, :keys / 6) AS i, unnest('{tenant_byok,user_key}'::text[]) AS tier,
         unnest('{openai,anthropic,deepseek}'::text[]) AS provider
   WHERE NOT (i = 1 AND tier = 'user_key' AND provider = 'openai');  -- stored already

INSERT INTO service_credentials (id, service_name, identifier, tier, tenant_id, user_id, origin, sealed, hint)
  SELECT f.id, f.provider, o.name, f.tier, CASE f.tier WHEN 'tenant_byok' THEN o.name END,
         CASE f.tier WHEN 'user_key' THEN o.name END, s.origin, s.sealed, '0000'
    FROM fresh f, sample s, LATERAL (SELECT CASE f.tier WHEN 'user_key' THEN 'user_' ELSE 'tenant_' END || f.i AS name) o;
INSERT INTO tenant_api_keys (tenant_id, provider, credential_id)
  SELECT 'tenant_' || i, provider, id FROM fresh WHERE tier = 'tenant_byok';
INSERT INTO user_api_keys (user_id, provider, credential_id)
  SELECT 'user_' || i, provider, id FROM fresh WHERE tier = 'user_key';
VACUUM (ANALYZE) service_credentials;
VACUUM (ANALYZE) tenant_api_keys;
VACUUM (ANALYZE) user_api_keys;
