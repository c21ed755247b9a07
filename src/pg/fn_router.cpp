// The SQL surface of the router: byok_stop_router, the figures behind byok_router and
// byok_provider_stats, and the trigger that tells it of new prices.

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_client.hpp"
#include "pg/router_directory.hpp"
#include "pg/router_figures.hpp"

namespace byok::pg {
namespace {

/// Who may drop the database may stop what lives in it.
bool OwnsDatabase(const Caller& caller) {
  return pg_database_ownercheck(MyDatabaseId, caller.role);
}

Datum Milliseconds(const std::optional<http::Milliseconds>& value, bool* null) {
  *null = !value.has_value();
  return Int64GetDatum(value ? value->count() : 0);
}

/// The counts of errors by reason, as the text of a JSON object.
const char* ErrorsJson(const ProviderStats& stats) {
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfoChar(&out, '{');
  for (size_t i = 0; i < stats.errors.size(); ++i) {
    const auto reason = static_cast<ErrorReason>(i);
    const auto count = stats.errors[i];
    if (count == 0) continue;
    appendStringInfo(&out, "%s\"%s\": %llu", out.len > 1 ? ", " : "",
                     ErrorReasonName(reason).data(), static_cast<unsigned long long>(count));
  }
  appendStringInfoChar(&out, '}');
  return out.data;
}

}  // namespace

BYOK_SQL_FUNCTION(byok_stop_router) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  if (!OwnsDatabase(caller)) RequireCapability(caller, kAdmin, "stop the router");
  RouterAddress address;
  if (!FindRouter(&address)) PG_RETURN_INT32(0);
  const int pid = RouterPid(address);
  if (!RequestStop(address)) PG_RETURN_INT32(0);
  while (BackendPidGetProc(pid) != nullptr) WaitForRouter(10);
  PG_RETURN_INT32(1);
}

BYOK_SQL_FUNCTION(byok_router_state) {
  InitMaterializedSRF(fcinfo, 0);
  auto* figures = static_cast<RouterFigures*>(palloc0(sizeof(RouterFigures)));
  int pid = 0;
  if (!ReadFigures(figures, &pid)) return Datum(0);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  Datum values[] = {Int32GetDatum(pid),
                    TimestampTzGetDatum(figures->started_at),
                    Int64GetDatum(figures->generation),
                    Int64GetDatum(static_cast<int64>(figures->requests)),
                    Int64GetDatum(static_cast<int64>(figures->commits)),
                    Int32GetDatum(static_cast<int32>(figures->in_flight)),
                    Int32GetDatum(static_cast<int32>(figures->calls)),
                    Int32GetDatum(static_cast<int32>(figures->connections)),
                    Int32GetDatum(static_cast<int32>(figures->callers)),
                    Int32GetDatum(static_cast<int32>(figures->unsettled))};
  bool nulls[lengthof(values)] = {};
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  return Datum(0);
}

BYOK_SQL_FUNCTION(byok_provider_figures) {
  InitMaterializedSRF(fcinfo, 0);
  auto* figures = static_cast<RouterFigures*>(palloc0(sizeof(RouterFigures)));
  int pid = 0;
  if (!ReadFigures(figures, &pid)) return Datum(0);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (std::uint32_t i = 0; i < figures->provider_count; ++i) {
    const ProviderStats& stats = figures->providers[i];
    bool nulls[9] = {};
    Datum values[] = {CStringGetTextDatum(stats.Name().data()),
                      Int64GetDatum(static_cast<int64>(stats.calls)),
                      Int64GetDatum(static_cast<int64>(stats.answered)),
                      JsonbResult(ErrorsJson(stats)),
                      Milliseconds(stats.latency.Percentile(50), &nulls[4]),
                      Milliseconds(stats.latency.Percentile(95), &nulls[5]),
                      Milliseconds(stats.latency.Percentile(99), &nulls[6]),
                      CStringGetTextDatum(BreakerStateName(stats.breaker).data()),
                      Int32GetDatum(static_cast<int32>(stats.in_flight))};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  }
  return Datum(0);
}

BYOK_SQL_FUNCTION(byok_prices_changed) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    Raise(StatusCode::kInvalidArgument, "byok_prices_changed() is a trigger");
  }
  const auto* trigger = reinterpret_cast<TriggerData*>(fcinfo->context);
  CacheInvalidateRelcacheByRelid(RelationGetRelid(trigger->tg_relation));
  return PointerGetDatum(nullptr);
}

}  // namespace byok::pg
