// The SQL surface of the price list: byok_import_prices.

#include <cstring>

#include "billing/price_import.hpp"

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/owned.hpp"
#include "pg/price_tables.hpp"

namespace byok::pg {
namespace {

Statement read_names = {R"(
  SELECT n FROM pg_catalog.unnest(coalesce($1, ARRAY(SELECT p.name FROM @s@.providers p))) n WHERE n IS NOT NULL)",
                        1,
                        {TEXTARRAYOID}};

Statement close_rows = {R"(
  UPDATE @s@.model_prices m SET effective = m.effective * pg_catalog.tstzrange(NULL, $2)
   WHERE m.id IN (SELECT i::pg_catalog.int8 FROM pg_catalog.json_array_elements_text($1) i))",
                        2,
                        {JSONOID, TIMESTAMPTZOID}};

Statement copy_rows = {R"(
  INSERT INTO @s@.model_prices (provider, model, effective, tod_from, tod_to, iso_dow, input_tokens, input_usd_per_mtok,
    cached_input_usd_per_mtok, cache_write_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok,
    reasoning_usd_per_mtok, request_usd, source)
  SELECT c.provider, c.model, m.effective * pg_catalog.tstzrange(NULL, $2), m.tod_from, m.tod_to, m.iso_dow, m.input_tokens,
    m.input_usd_per_mtok, m.cached_input_usd_per_mtok, m.cache_write_usd_per_mtok, m.cache_write_1h_usd_per_mtok,
    m.output_usd_per_mtok, m.reasoning_usd_per_mtok, m.request_usd, m.source
    FROM pg_catalog.json_to_recordset($1) c (id bigint, provider text, model text)
    JOIN @s@.model_prices m ON m.id = c.id)",
                       2,
                       {JSONOID, TIMESTAMPTZOID}};

Statement insert_rows = {R"(
  INSERT INTO @s@.model_prices (provider, model, effective, tod_from, tod_to, iso_dow, input_tokens, input_usd_per_mtok,
    cached_input_usd_per_mtok, cache_write_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok,
    reasoning_usd_per_mtok, request_usd, source)
  SELECT n.provider, n.model, pg_catalog.tstzrange($2, NULL), n.tod_from, n.tod_to, n.iso_dow, n.input_tokens,
    n.input_usd_per_mtok, n.cached_input_usd_per_mtok, n.cache_write_usd_per_mtok, n.cache_write_1h_usd_per_mtok,
    n.output_usd_per_mtok, n.reasoning_usd_per_mtok, coalesce(n.request_usd, 0), n.source
    FROM pg_catalog.json_to_recordset($1) n (provider text, model text, tod_from time, tod_to time, iso_dow int4range,
      input_tokens int4range, input_usd_per_mtok numeric, cached_input_usd_per_mtok numeric,
      cache_write_usd_per_mtok numeric, cache_write_1h_usd_per_mtok numeric, output_usd_per_mtok numeric,
      reasoning_usd_per_mtok numeric, request_usd numeric, source text)
   ORDER BY n.provider, n.model)",
                         2,
                         {JSONOID, TIMESTAMPTZOID}};

/// What the caller asked for, as plain data.
struct Request {
  const char* prices;
  bool dry_run;
  const char* max_jump;
  TimestampTz now, at;
  Parameter providers;
  bool skip_refused;
};

TimestampTz ReadStart(FunctionCallInfo fcinfo, TimestampTz now) {
  if (PG_ARGISNULL(3)) return now;
  const TimestampTz at = PG_GETARG_TIMESTAMPTZ(3);
  if (TIMESTAMP_NOT_FINITE(at) || at < now) {
    Raise(StatusCode::kInvalidArgument, "effective_from must be a time that is not past", nullptr,
          "Leave it out to let the prices hold from now on.");
  }
  return at;
}

Request ReadRequest(FunctionCallInfo fcinfo) {
  Request request{};
  request.prices = JsonArgument(fcinfo, 0);
  if (request.prices == nullptr) Raise(StatusCode::kNullArgument, "prices must not be null");
  request.dry_run = PG_ARGISNULL(1) || PG_GETARG_BOOL(1);
  if (PG_ARGISNULL(2)) Raise(StatusCode::kNullArgument, "max_jump must not be null");
  request.max_jump = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(2)));
  request.now = GetCurrentTransactionStartTimestamp();
  request.at = ReadStart(fcinfo, request.now);
  request.providers = {PG_ARGISNULL(4) ? Datum(0) : PG_GETARG_DATUM(4), PG_ARGISNULL(4)};
  request.skip_refused = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
  return request;
}

/// What the core works on. Owned by the call's memory context.
struct Import {
  LoadedPrices prices;
  ImportOptions options;
  ImportPlan plan;
  std::string close, copy, insert;
};

void ReadNames(const Extension& extension, const Parameter& providers, Import* import) {
  const OwnerSection section = BeginOwnerSection(extension);
  Execute(read_names, extension, &providers, false);
  for (uint64 row = 0; row < SPI_processed; ++row) {
    const char* name = Column(row, 1);
    RunCore([import, name] {
      import->options.providers.emplace_back(name);
      return Status();
    });
  }
  EndOwnerSection(section);
}

Status ReadJump(const char* text, std::optional<Factor>& max_jump) {
  if (strcmp(text, "Infinity") == 0) return {};
  max_jump = Factor::Parse(text);
  if (max_jump && *max_jump >= Factor()) return {};
  return Status::InvalidArgument(
             "max_jump must be a number from 1 to 999999 with at most 4 decimals")
      .WithHint("Pass 'Infinity' to accept any change.");
}

Status Plan(const Request& request, Import& import) {
  // Larger than any list there is; the file comes from an administrator, as one jsonb value.
  constexpr JsonLimits kLimits = {.max_bytes = std::size_t{64} << 20, .max_depth = 64};
  if (Status status = ReadJump(request.max_jump, import.options.max_jump); !status.ok()) {
    return status;
  }
  import.options.now = PriceTimeOf(request.now).unix_micros;
  import.options.at = PriceTimeOf(request.at).unix_micros;
  const auto document = Json::Parse(request.prices, kLimits);
  if (!document.ok()) {
    return Status::InvalidArgument("prices cannot be read: " + document.status().message())
        .WithHint("Numbers above 1e308 and more than 64 levels or 64 MiB are no price file.");
  }
  const auto file = ReadPriceFile(*document, import.options.at);
  if (!file.ok()) return file.status();
  const PriceTable table(std::move(import.prices.rows), std::move(import.prices.aliases));
  import.plan = PlanImport(*file, table, import.options);
  if (import.plan.refused > 0 && !request.dry_run && !request.skip_refused) {
    return RefusedImport(import.plan);
  }
  Json close = Json::MakeArray();
  for (const std::int64_t id : import.plan.close) close.Append(id);
  import.close = close.Dump();
  import.copy = import.plan.copy.Dump();
  import.insert = import.plan.insert.Dump();
  return {};
}

void Apply(const Extension& extension, const Import& import, TimestampTz at) {
  const OwnerSection section = BeginOwnerSection(extension);
  const auto run = [&extension, at](Statement& statement, const std::string& json) {
    const Parameter parameters[] = {TextParameter(json.c_str()), TimestampParameter(at)};
    Execute(statement, extension, parameters, false);
  };
  run(close_rows, import.close);
  run(copy_rows, import.copy);
  run(insert_rows, import.insert);
  EndOwnerSection(section);
}

/// The JSON of one line, as text.
struct LineText {
  std::string old_prices, new_prices;
};

void PutLine(const ReturnSetInfo& result, const ImportLine& line, const LineText& text) {
  bool nulls[6] = {};
  Datum values[6] = {};
  const auto put = [&](int column, const char* value, bool null, bool is_json) {
    nulls[column] = null;
    if (!null) values[column] = is_json ? JsonbResult(value) : TextResult(value);
  };
  put(0, ImportActionName(line.action).data(), false, false);
  put(1, line.provider.c_str(), line.provider.empty(), false);
  put(2, line.model.c_str(), line.model.empty(), false);
  put(3, line.detail.c_str(), line.detail.empty(), false);
  put(4, text.old_prices.c_str(), line.old_prices.IsNull(), true);
  put(5, text.new_prices.c_str(), line.new_prices.IsNull(), true);
  tuplestore_putvalues(result.setResult, result.setDesc, values, nulls);
}

}  // namespace

BYOK_SQL_FUNCTION(byok_import_prices) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kBillingAdmin | kAdmin, "import prices");
  const Request request = ReadRequest(fcinfo);
  if (!request.dry_run) PreventCommandIfReadOnly("byok_import_prices()");
  auto* import = NewInContext<Import>(CurrentMemoryContext);
  ReadNames(extension, request.providers, import);
  LoadPrices(extension, Parameter{}, request.now, &import->prices);
  RunCore([&request, import] { return Plan(request, *import); });
  if (!request.dry_run) Apply(extension, *import, request.at);
  InitMaterializedSRF(fcinfo, 0);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  auto* text = NewInContext<LineText>(CurrentMemoryContext);
  for (const ImportLine& line : import->plan.lines) {
    RunCore([&line, text] {
      text->old_prices = line.old_prices.Dump();
      text->new_prices = line.new_prices.Dump();
      return Status();
    });
    PutLine(*result, line, *text);
  }
  return Datum(0);
}

}  // namespace byok::pg
