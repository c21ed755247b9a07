// triangle_map: a query's rows as questions, many at a time, each answered as it finishes.

#include "pg/asking.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_client.hpp"

namespace byok::pg {
namespace {

constexpr int kMostAtATime = 1000;
constexpr long kLookMs = 1000;

/// A question on its way, in a memory context of its own.
struct MapRow {
  MemoryContext memory;
  const char* id;   ///< the query's; nullptr = NULL
  AskDraft* draft;  ///< holds the reply once it is there
  bool done;
};

/// What lives from one returned row to the next.
struct Map {
  Asking asking;
  const char* options;
  const char* cursor;
  Conversation* conversation;
  bool exhausted;  ///< the query has no more rows
  int capacity;
  int count;
  MapRow** rows;  ///< those under way
  MemoryContext memory;
};

// --- the query's rows
// ---------------------------------------------------------------------------------

void CheckColumns(Portal portal) {
  const TupleDesc columns = portal->tupDesc;
  if (columns != nullptr && columns->natts == 2) return;
  Raise(StatusCode::kInvalidArgument, "the query of triangle_map() must return two columns",
        psprintf("It returns %d.", columns == nullptr ? 0 : columns->natts),
        "Return an id and a prompt: SELECT id, question FROM …");
}

/// Opened with the caller's rights and search_path. The cursor lives as long as the transaction.
const char* OpenQuery(const char* query) {
  MemoryContext context = CurrentMemoryContext;
  if (SPI_connect() != SPI_OK_CONNECT) Raise(StatusCode::kInternal, "could not connect to SPI");
  Portal portal = SPI_cursor_open_with_args(nullptr, query, 0, nullptr, nullptr, nullptr, false, 0);
  CheckColumns(portal);
  const char* name = MemoryContextStrdup(context, portal->name);
  SPI_finish();
  return name;
}

/// The next row's two values as UTF-8, in `context`; false at the end.
bool FetchRow(const Map& map, MemoryContext context, const char** id, const char** prompt) {
  if (SPI_connect() != SPI_OK_CONNECT) Raise(StatusCode::kInternal, "could not connect to SPI");
  Portal portal = SPI_cursor_find(map.cursor);
  if (portal == nullptr) Raise(StatusCode::kInternal, "the cursor of triangle_map() is gone");
  SPI_cursor_fetch(portal, true, 1);
  const bool found = SPI_processed > 0;
  if (found) {
    const auto keep = [context](int column) {
      const char* text = Column(0, column);
      return text == nullptr ? nullptr : MemoryContextStrdup(context, text);
    };
    *id = keep(1);
    *prompt = keep(2);
  } else {
    SPI_cursor_close(portal);
  }
  SPI_finish();
  return found;
}

// --- one question
// ---------------------------------------------------------------------------------------

/// It is of all rows, whosever turn it is.
void OpenMapConversation(Map* map) {
  MemoryContext before = MemoryContextSwitchTo(map->memory);
  map->conversation = OpenConversation();
  MemoryContextSwitchTo(before);
}

/// Whether the question went out; one that cannot is answered with its error.
bool SendRow(Map* map, MapRow* row, const char* prompt) {
  row->draft = DraftQuestion(map->asking, prompt == nullptr ? "" : prompt, map->options);
  AskDraft* draft = row->draft;
  bool sendable = false;
  RunCore([draft, prompt, &sendable] {
    draft->reply.status = prompt == nullptr
                              ? Status(StatusCode::kNullArgument, "prompt must not be null")
                              : draft->RequireKeys();
    sendable = draft->reply.status.ok();
    return sendable ? draft->Encode() : Status();
  });
  if (sendable && !SendMessage(map->conversation, draft->message)) {
    OpenMapConversation(map);  // the router left while it was idle
    if (!SendMessage(map->conversation, draft->message)) {
      Raise(StatusCode::kUnavailable, "the router of pg_byok keeps ending");
    }
  }
  return sendable;
}

/// Takes one more row of the query into the panel; false at its end.
bool StartRow(Map* map) {
  MemoryContext memory =
      AllocSetContextCreate(map->memory, "triangle_map row", ALLOCSET_DEFAULT_SIZES);
  const char* id = nullptr;
  const char* prompt = nullptr;
  if (!FetchRow(*map, memory, &id, &prompt)) {
    MemoryContextDelete(memory);
    return false;
  }
  MemoryContext before = MemoryContextSwitchTo(memory);
  auto* row = static_cast<MapRow*>(palloc0(sizeof(MapRow)));
  row->memory = memory;
  row->id = id;
  MemoryContextSwitchTo(before);
  map->rows[map->count++] = row;
  MemoryContextSwitchTo(memory);
  row->done = !SendRow(map, row, prompt);
  MemoryContextSwitchTo(before);
  return true;
}

void Fill(Map* map) {
  while (!map->exhausted && map->count < map->capacity) map->exhausted = !StartRow(map);
}

// --- answers
// --------------------------------------------------------------------------------------------

Status GiveReply(Map* map, AskReply& reply) {
  for (int i = 0; i < map->count; ++i) {
    MapRow* row = map->rows[i];
    if (row->draft->order.request_id != reply.request_id) continue;
    row->draft->reply = std::move(reply);
    row->done = true;
    return {};
  }
  return Status::Internal("the router answered another request");
}

/// Takes the replies that are there.
void TakeReplies(Map* map) {
  auto* reply = NewInContext<AskReply>(CurrentMemoryContext);
  while (map->conversation->due > 0) {
    switch (Listen(map->conversation, reply)) {
      case Heard::kReply:
        RunCore([=] { return GiveReply(map, *reply); });
        break;
      case Heard::kNeverTaken:
      case Heard::kGone:
        RaiseRouterGone(nullptr);
      case Heard::kNothingYet:
        return;
    }
  }
}

/// The first row that is done, taken out of the panel; nullptr when there is none.
MapRow* TakeDone(Map* map) {
  for (int i = 0; i < map->count; ++i) {
    if (!map->rows[i]->done) continue;
    MapRow* row = map->rows[i];
    map->rows[i] = map->rows[--map->count];
    return row;
  }
  return nullptr;
}

MapRow* NextDone(Map* map) {
  for (;;) {
    Fill(map);
    if (MapRow* row = TakeDone(map)) return row;
    if (map->count == 0) return nullptr;
    TakeReplies(map);
    if (MapRow* row = TakeDone(map)) return row;
    WaitForRouter(kLookMs);
  }
}

Map* BeginMap(FunctionCallInfo fcinfo, MemoryContext memory) {
  auto* map = static_cast<Map*>(palloc0(sizeof(Map)));
  map->memory = memory;
  map->asking = BeginAsking(ExtensionOf(fcinfo), "triangle_map()", OptionalId(fcinfo, 1, "user_id"),
                            OptionalId(fcinfo, 2, "tenant_id"));
  map->options = JsonArgument(fcinfo, 3);
  map->capacity = PG_ARGISNULL(4) ? 16 : PG_GETARG_INT32(4);
  if (map->capacity < 1 || map->capacity > kMostAtATime) {
    Raise(StatusCode::kInvalidArgument, psprintf("concurrency must be from 1 to %d", kMostAtATime));
  }
  map->rows =
      static_cast<MapRow**>(palloc0(sizeof(*map->rows) * static_cast<size_t>(map->capacity)));
  map->cursor = OpenQuery(RequiredText(fcinfo, 0, "query"));
  OpenMapConversation(map);
  return map;
}

Datum RowDatum(FuncCallContext* call, const MapRow& row) {
  RunCore([&row] { return row.draft->ComposeRow(); });
  Datum values[] = {row.id == nullptr ? Datum(0) : TextResult(row.id),
                    JsonbResult(row.draft->result_json.c_str())};
  bool nulls[] = {row.id == nullptr, false};
  return HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls));
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_map) {
  if (SRF_IS_FIRSTCALL()) {
    FuncCallContext* call = SRF_FIRSTCALL_INIT();
    MemoryContext before = MemoryContextSwitchTo(call->multi_call_memory_ctx);
    TupleDesc columns = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &columns) != TYPEFUNC_COMPOSITE) {
      Raise(StatusCode::kInternal, "the result type of triangle_map() is not a row");
    }
    call->tuple_desc = BlessTupleDesc(columns);
    call->user_fctx = BeginMap(fcinfo, call->multi_call_memory_ctx);
    MemoryContextSwitchTo(before);
  }
  FuncCallContext* call = SRF_PERCALL_SETUP();
  auto* map = static_cast<Map*>(call->user_fctx);
  MemoryContext before = MemoryContextSwitchTo(call->multi_call_memory_ctx);
  MapRow* row = NextDone(map);
  MemoryContextSwitchTo(before);
  if (row == nullptr) SRF_RETURN_DONE(call);
  const Datum result = RowDatum(call, *row);
  MemoryContextDelete(row->memory);
  SRF_RETURN_NEXT(call, result);
}

}  // namespace byok::pg
