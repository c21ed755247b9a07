#include "pg/usage_tables.hpp"

namespace byok::pg {
namespace {

Statement write_settlement = {R"(
  WITH calls AS (
    SELECT * FROM pg_catalog.jsonb_to_recordset($4) AS c (
      provider text, model text, attempt int, key_source text, credential_id uuid, status text, error text,
      input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, output_tokens bigint,
      reasoning_tokens bigint, cost_usd numeric, estimated boolean, charge_usd numeric, price_id bigint, rule_id bigint,
      latency_ms int, http_status int, provider_request_id text)
  ), usage AS (
    INSERT INTO @s@.key_usage_log (request_id, used_at, user_id, tenant_id, provider, model, attempt, key_source,
      credential_id, status, error, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      reasoning_tokens, cost_usd, estimated, charge_usd, price_id, rule_id, latency_ms, http_status, provider_request_id)
    SELECT $1, $2, $3, $5, provider, model, attempt, key_source, credential_id, status, error, input_tokens,
      cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, estimated, charge_usd,
      price_id, rule_id, latency_ms, http_status, provider_request_id FROM calls
  ), platform AS (
    INSERT INTO @s@.platform_api_usage (request_id, used_at, attempt, provider, model, input_tokens, output_tokens,
      cost_usd, cached_input_tokens, reasoning_tokens, estimated, provider_request_id, price_id)
    SELECT $1, $2, attempt, provider, model, coalesce(input_tokens, 0), coalesce(output_tokens, 0),
      coalesce(cost_usd, 0), cached_input_tokens, reasoning_tokens, estimated, provider_request_id, price_id
      FROM calls WHERE key_source = 'system_key' AND status IN ('ok', 'failed_billed', 'unknown')
  )
  INSERT INTO @s@.credit_transactions (request_id, user_id, amount_cents, type, description, metadata, amount_usd)
  SELECT $1, $3, $7, 'triangle_query', $9, $10, $8 WHERE $6)",
                              10,
                              {UUIDOID, TIMESTAMPTZOID, TEXTOID, JSONBOID, TEXTOID, BOOLOID,
                               INT4OID, NUMERICOID, TEXTOID, JSONBOID}};

}  // namespace

void WriteSettlement(const Extension& extension, const Identity& who, const SettlementRows& rows) {
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {
      UuidParameter(rows.request_id),  TimestampParameter(rows.used_at),
      TextParameter(who.user_id),      JsonbParameter(rows.calls),
      TextParameter(who.tenant_id),    BoolParameter(rows.charged),
      IntParameter(rows.amount_cents), NumericParameter(rows.amount_usd),
      TextParameter(rows.description), JsonbParameter(rows.metadata)};
  Execute(write_settlement, extension, parameters, false);
  EndOwnerSection(section);
}

}  // namespace byok::pg
