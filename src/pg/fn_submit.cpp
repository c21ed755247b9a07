// The SQL surface of asking without waiting: triangle_submit, triangle_result, triangle_cancel.

#include "pg/asking.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_client.hpp"

#include "dispatch/rows.hpp"
#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

// --- submit: a row of the caller's transaction, run after its commit
// ----------------------------------

Statement insert_queued = {R"(
  INSERT INTO @s@.triangle_requests (id, user_id, tenant_id, state, request, submitted_by, origin_sysid)
  VALUES ($1, $2, $3, 'queued', $4, $5, $6))",
                           6,
                           {UUIDOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, TEXTOID}};

/// What is to happen when this transaction commits. The router is found before, while errors may
/// still be raised; afterwards one would be a PANIC.
struct Pending {
  bool hint = false;
  RouterAddress router;
};
Pending pending;

void OnTransactionEnd(XactEvent event, void* /*unused*/) {
  if (!pending.hint) return;
  if (event == XACT_EVENT_PRE_COMMIT) {
    pending.router = RequireRouter();
  } else if (event == XACT_EVENT_COMMIT) {
    HintQueue(pending.router);
    pending.hint = false;
  } else if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE) {
    pending.hint = false;  // a prepared transaction is found by the router's own look
  }
}

void HintAtCommit() {
  static bool registered = false;
  if (!registered) RegisterXactCallback(OnTransactionEnd, nullptr);
  registered = true;
  pending.hint = true;
}

Status RequestJson(const AskDraft& draft, const char* options, std::string& json) {
  auto parsed = Json::Parse(options == nullptr ? "{}" : options);
  if (!parsed.ok()) return parsed.status();
  json = Json::MakeObject()
             .Set("version", 1)
             .Set("prompt", draft.order.prompt)
             .Set("options", *std::move(parsed))
             .Dump();
  return {};
}

void Enqueue(const Asking& asking, const AskDraft& draft, const char* request) {
  const OwnerSection section = BeginOwnerSection(asking.extension);
  const Parameter parameters[] = {UuidParameter(draft.order.request_id.c_str()),
                                  TextParameter(asking.who.user_id),
                                  TextParameter(asking.who.tenant_id),
                                  JsonbParameter(request),
                                  TextParameter(asking.caller.role_name),
                                  TextParameter(psprintf(UINT64_FORMAT, GetSystemIdentifier()))};
  Execute(insert_queued, asking.extension, parameters, false);
  EndOwnerSection(section);
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_submit) {
  const Asking asking =
      BeginAsking(ExtensionOf(fcinfo), "triangle_submit()", OptionalId(fcinfo, 1, "user_id"),
                  OptionalId(fcinfo, 2, "tenant_id"));
  const char* options = JsonArgument(fcinfo, 3);
  AskDraft* draft = DraftQuestion(asking, RequiredText(fcinfo, 0, "prompt"), options);
  auto* request = NewInContext<std::string>(CurrentMemoryContext);
  RunCore([=] { return draft->RequireKeys(); });
  RunCore([=] { return RequestJson(*draft, options, *request); });
  Enqueue(asking, *draft, request->c_str());
  HintAtCommit();
  return DirectFunctionCall1(uuid_in, CStringGetDatum(draft->order.request_id.c_str()));
}

// --- result and cancel
// ----------------------------------------------------------------------------------

namespace {

Statement read_request = {R"(
  SELECT user_id, tenant_id, state, result, error, request IS NULL, charged_usd, finished_at
    FROM @s@.triangle_requests WHERE id = $1 AND submitted_by IS NOT NULL)",
                          1,
                          {UUIDOID}};

Statement cancel_queued = {R"(
  UPDATE @s@.triangle_requests
     SET state = 'cancelled', charged_usd = 0, finished_at = pg_catalog.clock_timestamp()
   WHERE id = (SELECT id FROM @s@.triangle_requests WHERE id = $1 AND state = 'queued' FOR UPDATE SKIP LOCKED))",
                           1,
                           {UUIDOID}};

/// A submitted request as it stands; texts in the caller's memory context.
struct Stored {
  const char *user_id, *tenant_id, *state, *result, *error;
  bool blanked;
  const char* charged_usd;
};

[[noreturn]] void RaiseUnknownRequest(const char* id) {
  Raise(StatusCode::kKeyNotFound, psprintf("request \"%s\" does not exist", id), nullptr,
        "Only submitted requests have results to fetch. A request is seen once its transaction is "
        "committed.");
}

Stored ReadRequest(const Extension& extension, const char* id) {
  MemoryContext context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {UuidParameter(id)};
  Execute(read_request, extension, parameters, false);
  if (SPI_processed == 0) RaiseUnknownRequest(id);
  const auto keep = [context](int column) {
    const char* text = Column(0, column);
    return text == nullptr ? nullptr : MemoryContextStrdup(context, text);
  };
  const Stored stored = {keep(1), keep(2), keep(3), keep(4), keep(5), *Column(0, 6) == 't',
                         keep(7)};
  EndOwnerSection(section);
  return stored;
}

/// Another's request does not exist for a caller who acts only as itself.
Stored ReadOwnRequest(const Extension& extension, const Caller& caller, const char* id) {
  const Stored stored = ReadRequest(extension, id);
  if ((caller.capabilities & kActsForAnyone) != 0) return stored;
  const Identity own = ResolveIdentity(caller, nullptr, nullptr);
  if (strcmp(own.user_id, stored.user_id) != 0) RaiseUnknownRequest(id);
  return stored;
}

bool IsOpen(const Stored& stored) {
  return strcmp(stored.state, "queued") == 0 || strcmp(stored.state, "running") == 0;
}

/// What is left of a result whose retention is over.
const char* BlankedResult(const char* id, const Stored& stored) {
  return psprintf(
      R"({"request_id": "%s", "state": "%s", "expired": true, "charge": {"amount_usd": %s}})", id,
      stored.state, stored.charged_usd == nullptr ? "null" : stored.charged_usd);
}

/// The result of a request that has ended, or its error.
Datum Outcome(const char* id, const Stored& stored) {
  if (strcmp(stored.state, "cancelled") == 0) {
    Raise(StatusCode::kCancelled, psprintf("request %s was cancelled", id));
  }
  if (stored.error != nullptr) {
    RunCore([&stored] {
      const auto error = Json::Parse(stored.error);
      return error.ok() ? ErrorFromJson(*error) : error.status();
    });
  }
  return JsonbResult(stored.result == nullptr || stored.blanked ? BlankedResult(id, stored)
                                                                : stored.result);
}

/// The wait is a poll: a caller may be of another transaction than the one that submitted, and the
/// result is a row. 2 ms, growing to 50.
bool WaitForEnd(const Extension& extension, const char* id, const Interval* wait, Stored* stored) {
  constexpr long kLongest = 50;
  const TimestampTz until = DatumGetTimestampTz(
      DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(GetCurrentTimestamp()),
                          IntervalPGetDatum(wait)));
  long pause = 2;
  while (IsOpen(*stored)) {
    const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
    if (left <= 0) return false;
    WaitForRouter(Min(left, pause));
    pause = Min(pause * 2, kLongest);
    *stored = ReadRequest(extension, id);
  }
  return true;
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_result) {
  const char* id = RequiredUuid(fcinfo, 0, "request_id");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAsks, "read results");
  Stored stored = ReadOwnRequest(extension, caller, id);
  if (IsOpen(stored) && !RecoveryInProgress())
    RequireRouter();  // after a restart nobody else would
  const Interval none = {};
  if (!WaitForEnd(extension, id, PG_ARGISNULL(1) ? &none : PG_GETARG_INTERVAL_P(1), &stored)) {
    PG_RETURN_NULL();
  }
  return Outcome(id, stored);
}

namespace {

/// Whether it was still in the queue; then it leaves with the caller's commit.
bool CancelQueued(const Extension& extension, const char* id) {
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {UuidParameter(id)};
  Execute(cancel_queued, extension, parameters, false);
  const bool cancelled = SPI_processed > 0;
  EndOwnerSection(section);
  return cancelled;
}

/// Whether the router was running it: what was sent is completed and settled, the rest dropped.
bool CancelRunning(const char* id) {
  constexpr long kPatienceMs = 10'000;
  auto* draft = NewInContext<AskDraft>(CurrentMemoryContext);
  RunCore([=] {
    draft->order.request_id = id;
    draft->message = EncodeCancel({id});
    return Status();
  });
  AskRouter(draft->message, draft->order.request_id, kPatienceMs, &draft->reply);
  return draft->reply.status.ok();
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_cancel) {
  PreventSpending("triangle_cancel()");
  const char* id = RequiredUuid(fcinfo, 0, "request_id");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAsks, "cancel requests");
  const Stored stored = ReadOwnRequest(extension, caller, id);
  if (!IsOpen(stored)) PG_RETURN_BOOL(false);
  PG_RETURN_BOOL(CancelQueued(extension, id) || CancelRunning(id));
}

}  // namespace byok::pg
