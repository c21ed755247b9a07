// The trigger that refuses rows of model_prices and pricing_rules that would hold at the same time.

#include <cstring>

#include "pg/entry.hpp"
#include "pg/named_lock.hpp"
#include "pg/raise.hpp"
#include "pg/statement.hpp"

namespace byok::pg {
namespace {

// Per table: what writers of the same model or rule lock, so as to wait for each other, and the
// check, which therefore sees what the other one committed. Rows are found by the new row's id.

Statement name_price = {R"(
  SELECT pg_catalog.format('%L %L', n.provider, n.model) FROM @s@.model_prices n WHERE n.id = $1)",
                        1,
                        {INT8OID}};

Statement find_price = {R"(
  SELECT o.id, pg_catalog.format('price of model "%s" of provider "%s" overlaps row %s', n.model, n.provider, o.id),
         pg_catalog.format('Row %s holds in %s, %s to %s UTC, ISO weekdays %s, input tokens %s.',
           o.id, o.effective, o.tod_from, o.tod_to, o.iso_dow, o.input_tokens)
    FROM @s@.model_prices n
    JOIN @s@.model_prices o ON o.provider = n.provider AND o.model = n.model
   WHERE n.id = $1 AND o.id <> n.id AND o.builtin = n.builtin
     AND o.effective && n.effective AND o.tod_from < n.tod_to AND n.tod_from < o.tod_to
     AND o.iso_dow && n.iso_dow AND o.input_tokens && n.input_tokens
   ORDER BY o.id LIMIT 1)",
                        1,
                        {INT8OID}};

Statement name_rule = {R"(
  SELECT pg_catalog.format('%L %L %L %L', n.owner_kind, n.owner_id, n.provider, n.key_source)
    FROM @s@.pricing_rules n WHERE n.id = $1)",
                       1,
                       {INT8OID}};

Statement find_rule = {R"(
  SELECT o.id, pg_catalog.format('pricing rule of %s for %s of %s overlaps row %s', n.key_source,
           coalesce('provider "' || n.provider || '"', 'every provider'),
           coalesce(n.owner_kind || ' "' || n.owner_id || '"', 'everybody'), o.id),
         pg_catalog.format('Row %s holds in %s.', o.id, o.effective)
    FROM @s@.pricing_rules n
    JOIN @s@.pricing_rules o ON o.key_source = n.key_source
   WHERE n.id = $1 AND o.id <> n.id AND o.builtin = n.builtin AND o.effective && n.effective
     AND o.provider IS NOT DISTINCT FROM n.provider
     AND o.owner_kind IS NOT DISTINCT FROM n.owner_kind AND o.owner_id IS NOT DISTINCT FROM n.owner_id
   ORDER BY o.id LIMIT 1)",
                       1,
                       {INT8OID}};

/// The row as it was written.
HeapTuple NewRow(const TriggerData& trigger) {
  return TRIGGER_FIRED_BY_UPDATE(trigger.tg_event) ? trigger.tg_newtuple : trigger.tg_trigtuple;
}

Parameter IdOf(HeapTuple row, TupleDesc columns) {
  Parameter id;
  id.value = SPI_getbinval(row, columns, SPI_fnumber(columns, "id"), &id.null);
  return id;
}

[[noreturn]] void RaiseOverlap(const char* table) {
  const char* other = Column(0, 1);
  Raise(StatusCode::kOverlap, Column(0, 2), Column(0, 3),
        psprintf("Close that row first, UPDATE %s SET effective = effective * tstzrange(NULL, "
                 "now()) WHERE id = %s, and let the new one begin there.",
                 table, other));
}

}  // namespace

BYOK_SQL_FUNCTION(byok_refuse_overlap) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    Raise(StatusCode::kInvalidArgument, "byok_refuse_overlap() is a trigger");
  }
  const auto& trigger = *reinterpret_cast<TriggerData*>(fcinfo->context);
  const char* table = RelationGetRelationName(trigger.tg_relation);
  const bool is_price = strcmp(table, "model_prices") == 0;
  const Extension extension = ExtensionOf(fcinfo);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter id = IdOf(NewRow(trigger), RelationGetDescr(trigger.tg_relation));
  ExecuteFresh(is_price ? name_price : name_rule, extension, &id);
  if (SPI_processed > 0) LockName(is_price ? LockClass::kPrice : LockClass::kRule, Column(0, 1));
  ExecuteFresh(is_price ? find_price : find_rule, extension, &id);
  if (SPI_processed > 0) RaiseOverlap(table);
  EndOwnerSection(section);
  return PointerGetDatum(nullptr);
}

}  // namespace byok::pg
