// The SQL surface of asking without waiting: triangle_submit, triangle_result, triangle_cancel.

#include "pg/asking.hpp"
#include "pg/commit_hint.hpp"
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
  INSERT INTO @s@.triangle_requests (id, user_id, tenant_id, state, request, submitted_by, origin_sysid, idempotency_key)
  VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7))",
                           7,
                           {UUIDOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, TEXTOID, TEXTOID}};

// The first request of an idempotency key: asked, or still in the queue.
Statement find_first = {R"(
  SELECT k.request_id, pg_catalog.encode(k.request_hash, 'hex')
    FROM @s@.idempotency_keys k WHERE k.tenant_id = coalesce($2, '') AND k.user_id = $1 AND k.idempotency_key = $3
  UNION ALL
  SELECT q.id, q.request ->> 'hash'
    FROM @s@.triangle_requests q
   WHERE q.state = 'queued' AND q.user_id = $1 AND q.tenant_id IS NOT DISTINCT FROM $2 AND q.idempotency_key = $3
  LIMIT 1)",
                        3,
                        {TEXTOID, TEXTOID, TEXTOID}};

Status RequestJson(const AskDraft& draft, const char* options, std::string& json) {
  auto parsed = Json::Parse(options == nullptr ? "{}" : options);
  if (!parsed.ok()) return parsed.status();
  json = Json::MakeObject()
             .Set("version", 1)
             .Set("prompt", draft.order.prompt)
             .Set("options", *std::move(parsed))
             .Set("hash", draft.order.request_hash)
             .Dump();
  return {};
}

const char* KeyOf(const AskDraft& draft) {
  const auto& key = draft.order.options.idempotency_key;
  return key ? key->c_str() : nullptr;
}

/// The id of the request that was submitted with the same key before; nullptr when there is none.
const char* FindFirst(const Asking& asking, const AskDraft& draft) {
  if (KeyOf(draft) == nullptr) return nullptr;
  MemoryContext context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(asking.extension);
  const Parameter parameters[] = {TextParameter(asking.who.user_id),
                                  TextParameter(asking.who.tenant_id), TextParameter(KeyOf(draft))};
  Execute(find_first, asking.extension, parameters, true);
  const char* id = SPI_processed == 0 ? nullptr : MemoryContextStrdup(context, Column(0, 1));
  const bool same = id == nullptr || draft.order.request_hash == Column(0, 2);
  EndOwnerSection(section);
  RunCore([&draft, id, same] {
    return same ? Status() : OtherQuestion(IdempotencyIdOf(draft.order), id);
  });
  return id;
}

void Enqueue(const Asking& asking, const AskDraft& draft, const char* request) {
  const OwnerSection section = BeginOwnerSection(asking.extension);
  const Parameter parameters[] = {UuidParameter(draft.order.request_id.c_str()),
                                  TextParameter(asking.who.user_id),
                                  TextParameter(asking.who.tenant_id),
                                  JsonbParameter(request),
                                  TextParameter(asking.caller.role_name),
                                  TextParameter(psprintf(UINT64_FORMAT, GetSystemIdentifier())),
                                  TextParameter(KeyOf(draft))};
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
  if (const char* first = FindFirst(asking, *draft); first != nullptr) {
    return DirectFunctionCall1(uuid_in, CStringGetDatum(first));
  }
  RunCore([=] { return RequestJson(*draft, options, *request); });
  Enqueue(asking, *draft, request->c_str());
  HintRouterAtCommit(Router::kRequired);
  return DirectFunctionCall1(uuid_in, CStringGetDatum(draft->order.request_id.c_str()));
}

// --- result and cancel
// ----------------------------------------------------------------------------------

namespace {

Statement read_request = {R"(
  SELECT user_id, tenant_id, state, result, error, charged_usd
    FROM @s@.triangle_requests
   WHERE id = $1 AND (submitted_by IS NOT NULL OR idempotency_key IS NOT NULL))",
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
  const auto keep_text = [&keep](int column) {  // of a column that is not null
    const char* text = keep(column);
    return text == nullptr ? "" : text;
  };
  const Stored stored = {keep_text(1), keep(2), keep_text(3), keep(4), keep(5), keep(6)};
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
  return JsonbResult(stored.result == nullptr ? BlankedResult(id, stored) : stored.result);
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
