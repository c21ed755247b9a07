-- The seed's own statements, verbatim.
-- When charging user, record key source
INSERT INTO credit_transactions (
  user_id, amount_cents, type, description, metadata
) VALUES (
  'user_123',
  -3, -- $0.03 charge
  'triangle_query',
  'Triangle query (1 user key, 2 system keys)',
  '{"key_sources": {"openai": "user_key", "anthropic": "system_key", "deepseek": "system_key"}}'
);

-- Platform usage for system keys
INSERT INTO platform_api_usage (
  provider, model, input_tokens, output_tokens, cost_usd
) VALUES
  ('anthropic', 'claude-3-sonnet', 100, 50, 0.01),
  ('deepseek', 'deepseek-chat', 100, 50, 0.0001);

\o /dev/null
SELECT * FROM key_usage_log
WHERE user_id = 'user_123'
ORDER BY used_at DESC
LIMIT 100;
\o
SELECT user_id, amount_cents, type, description, metadata FROM credit_transactions WHERE request_id IS NULL;
SELECT provider, model, input_tokens, output_tokens, cost_usd FROM platform_api_usage WHERE request_id IS NULL ORDER BY provider;
-- the three credential tables of migration 019
SELECT relname FROM pg_class WHERE relname IN ('service_credentials', 'tenant_api_keys', 'user_api_keys') ORDER BY 1;
