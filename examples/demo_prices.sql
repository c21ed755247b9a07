-- The price list under which the seed's example comes out to the digit: 100 tokens in and 50 out cost
-- $0.03 at gpt-4, $0.01 at claude-3-sonnet, $0.0001 at deepseek-chat. For demos; real list prices are built in.
INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, source) VALUES
  ('openai', 'gpt-4', 150, 300, 'demo'),
  ('anthropic', 'claude-3-sonnet', 50, 100, 'demo'),
  ('deepseek', 'deepseek-chat', 0.5, 1, 'demo');
