#include "pg/statement.hpp"

#include <cstring>

#include "pg/raise.hpp"

namespace byok::pg {
namespace {

/// The statement's text with the schema in place of every @s@, palloc'd.
char* WithSchema(const char* text, const char* quoted_schema) {
  StringInfoData out;
  initStringInfo(&out);
  for (const char* mark = strstr(text, "@s@"); mark != nullptr; mark = strstr(text, "@s@")) {
    appendBinaryStringInfo(&out, text, static_cast<int>(mark - text));
    appendStringInfoString(&out, quoted_schema);
    text = mark + 3;
  }
  appendStringInfoString(&out, text);
  return out.data;
}

void Prepare(Statement& statement, const Extension& extension) {
  if (statement.plan != nullptr && strcmp(statement.prepared_for, extension.quoted_schema) == 0)
    return;
  if (statement.plan != nullptr) {
    SPI_freeplan(statement.plan);
    statement.plan = nullptr;
    pfree(statement.prepared_for);
  }
  char* schema = MemoryContextStrdup(TopMemoryContext, extension.quoted_schema);
  // One plan for all values: planning anew for each call would cost more than running it.
  SPIPlanPtr plan =
      SPI_prepare_cursor(WithSchema(statement.text, extension.quoted_schema),
                         statement.parameter_count, statement.types, CURSOR_OPT_GENERIC_PLAN);
  if (plan == nullptr || SPI_keepplan(plan) != 0) {
    Raise(StatusCode::kInternal, psprintf("could not prepare a statement of pg_byok: %s",
                                          SPI_result_code_string(SPI_result)));
  }
  statement.plan = plan;
  statement.prepared_for = schema;
}

/// Parameters as SPI takes them. Plain data.
struct Values {
  Values(const Statement& statement, const Parameter* parameters) {
    for (int i = 0; i < statement.parameter_count; ++i) {
      datums[i] = parameters[i].value;
      nulls[i] = parameters[i].null ? 'n' : ' ';
    }
  }
  Datum datums[kMaxParameters];
  char nulls[kMaxParameters];
};

void CheckResult(int result) {
  if (result >= 0) return;
  Raise(StatusCode::kInternal,
        psprintf("a statement of pg_byok failed: %s", SPI_result_code_string(result)));
}

}  // namespace

Extension ExtensionOf(FunctionCallInfo fcinfo) {
  Extension extension;
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
  if (!HeapTupleIsValid(tuple)) {
    Raise(StatusCode::kInternal, "the running function is not in the catalog");
  }
  const auto* function = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  extension.schema = function->pronamespace;
  extension.owner = function->proowner;
  ReleaseSysCache(tuple);
  extension.quoted_schema = quote_identifier(get_namespace_name(extension.schema));
  return extension;
}

bool FindExtension(Extension* extension) {
  Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
              CStringGetDatum("byok"));
  SysScanDesc scan = systable_beginscan(catalog, ExtensionNameIndexId, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  const bool found = HeapTupleIsValid(tuple);
  if (found) {
    const auto* row = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple));
    extension->schema = row->extnamespace;
    extension->owner = row->extowner;
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  if (found) extension->quoted_schema = quote_identifier(get_namespace_name(extension->schema));
  return found;
}

OwnerSection BeginOwnerSection(const Extension& extension) {
  OwnerSection section;
  section.settings = NewGUCNestLevel();
  // Not every function can have it of its own: triangle_map runs its caller's query, a procedure
  // that commits may not.
  (void)set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SAVE, true, 0, false);
  GetUserIdAndSecContext(&section.caller, &section.security_context);
  SetUserIdAndSecContext(extension.owner, section.security_context | SECURITY_LOCAL_USERID_CHANGE);
  if (SPI_connect() != SPI_OK_CONNECT) Raise(StatusCode::kInternal, "could not connect to SPI");
  return section;
}

void EndOwnerSection(const OwnerSection& section) {
  SPI_finish();
  SetUserIdAndSecContext(section.caller, section.security_context);
  AtEOXact_GUC(true, section.settings);
}

Parameter TextParameter(const char* utf8) {
  if (utf8 == nullptr) return {};
  return {CStringGetTextDatum(pg_any_to_server(utf8, static_cast<int>(strlen(utf8)), PG_UTF8)),
          false};
}

Parameter UuidParameter(const char* text) {
  if (text == nullptr) return {};
  return {DirectFunctionCall1(uuid_in, CStringGetDatum(text)), false};
}

Parameter JsonbParameter(const char* utf8) {
  if (utf8 == nullptr) return {};
  char* text = pg_any_to_server(utf8, static_cast<int>(strlen(utf8)), PG_UTF8);
  return {DirectFunctionCall1(jsonb_in, CStringGetDatum(text)), false};
}

Parameter NumericParameter(const char* decimal) {
  if (decimal == nullptr) return {};
  return {DirectFunctionCall3(numeric_in, CStringGetDatum(decimal), ObjectIdGetDatum(InvalidOid),
                              Int32GetDatum(-1)),
          false};
}

Parameter TimestampParameter(TimestampTz at) {
  return {TimestampTzGetDatum(at), false};
}

Parameter IntParameter(int value) {
  return {Int32GetDatum(value), false};
}

Parameter LongParameter(int64 value) {
  return {Int64GetDatum(value), false};
}

Parameter BoolParameter(bool value) {
  return {BoolGetDatum(value), false};
}

Parameter ByteaParameter(const unsigned char* bytes, size_t size) {
  auto* value = static_cast<bytea*>(palloc(size + VARHDRSZ));
  SET_VARSIZE(value, size + VARHDRSZ);
  memcpy(VARDATA(value), bytes, size);
  return {PointerGetDatum(value), false};
}

Parameter TextArrayParameter(const char* const* texts, int count) {
  auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<size_t>(Max(count, 1))));
  for (int i = 0; i < count; ++i) elements[i] = TextParameter(texts[i]).value;
  return {PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)),
          false};
}

void Execute(Statement& statement, const Extension& extension, const Parameter* parameters,
             bool read_only) {
  Prepare(statement, extension);
  Values values(statement, parameters);
  CheckResult(SPI_execute_plan(statement.plan, values.datums, values.nulls, read_only, 0));
}

void ExecuteFresh(Statement& statement, const Extension& extension, const Parameter* parameters) {
  Prepare(statement, extension);
  Values values(statement, parameters);
  CommandCounterIncrement();
  CheckResult(SPI_execute_snapshot(statement.plan, values.datums, values.nulls, GetLatestSnapshot(),
                                   InvalidSnapshot, false, false, 0));
}

const char* Column(uint64 row, int column) {
  char* text = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
  return text == nullptr ? nullptr
                         : pg_server_to_any(text, static_cast<int>(strlen(text)), PG_UTF8);
}

}  // namespace byok::pg
