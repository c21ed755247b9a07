#include "pg/router_client.hpp"

#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_lock.hpp"
#include "pg/router_worker.hpp"

#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

constexpr long kStartStepMs = 2;
constexpr long kFailedStartPauseMs = 200;
constexpr int kStartMostMs = 10'000;
/// One that was asked to end has its calls to finish; callers wait for its successor.
constexpr long kLeavingStepMs = 10;
constexpr int kLeavingMostMs = 90'000;
constexpr int kSendTries = 5;
/// A look at the directory now and then, should a wake-up be lost.
constexpr long kLookMs = 1000;
constexpr long kMailboxMs = 1;

/// The session's idle channel, kept from one query to the next.
struct IdleChannel {
  RouterAddress router;
  Channel channel;
  std::uint64_t sent = 0;
};
IdleChannel idle;

// --- finding and starting
// ---------------------------------------------------------------------------

/// Whether the running transaction created the extension: then nobody else can see it yet.
bool ExtensionIsUncommitted() {
  Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
              CStringGetDatum("byok"));
  SysScanDesc scan = systable_beginscan(catalog, ExtensionNameIndexId, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  const bool ours = HeapTupleIsValid(tuple) &&
                    TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return ours;
}

void RequireVisibleExtension() {
  if (!ExtensionIsUncommitted()) return;
  Raise(StatusCode::kMisconfigured, "the router cannot see the extension yet",
        "CREATE EXTENSION is not committed; the router works in transactions of its own.",
        "Commit first, then ask.");
}

[[noreturn]] void RaiseNoRouter(const char* detail, const char* hint) {
  Raise(StatusCode::kUnavailable, "could not start the router of pg_byok", detail, hint);
}

/// Registers a worker and waits until it is in the directory or has ended.
void StartRouter() {
  BackgroundWorkerHandle* handle = nullptr;
  if (!RegisterRouter(MyDatabaseId, MyProcPid, &handle)) {
    RaiseNoRouter("No worker process is free. Nothing was sent.",
                  "Raise max_worker_processes: each database that asks uses one.");
  }
  RouterAddress address;
  pid_t pid = 0;
  BgwHandleStatus state = WaitForBackgroundWorkerStartup(handle, &pid);
  while (state == BGWH_STARTED && !FindRouter(&address)) {
    WaitForRouter(kStartStepMs);
    state = GetBackgroundWorkerPid(handle, &pid);
  }
  pfree(handle);
}

/// One try: starts it when it is this backend's turn, else waits a little for whose turn it is.
void HelpStart() {
  switch (BeginStart()) {
    case Start::kRuns:
      return;
    case Start::kOthersTurn:
      return WaitForRouter(kStartStepMs);
    case Start::kNoSlot:
      RaiseNoRouter("Too many databases have one. Nothing was sent.",
                    "Stop those of databases that are done with byok_stop_router().");
    case Start::kMyTurn:
      break;
  }
  PG_TRY();
  { StartRouter(); }
  PG_FINALLY();
  { EndStart(); }
  PG_END_TRY();
  RouterAddress address;
  if (!FindRouter(&address)) WaitForRouter(kFailedStartPauseMs);
}

/// After an upgrade of the library: the old router ends when its work is done.
void AwaitSuccession(const RouterAddress& old) {
  RequestStop(old);
  constexpr long kStepMs = 20;
  for (long waited = 0; IsAlive(old); waited += kStepMs) {
    if (waited > 60'000) {
      Raise(StatusCode::kUnavailable, "the router of an earlier version is still busy", nullptr,
            "Wait for its calls to end, or end it with pg_terminate_backend().");
    }
    WaitForRouter(kStepMs);
  }
}

bool HavePassed(int milliseconds, TimestampTz since) {
  return TimestampDifferenceExceeds(since, GetCurrentTimestamp(), milliseconds);
}

/// Lets the one that was asked to end, and listens no more, finish its calls.
void AwaitLeaving(TimestampTz since) {
  if (HavePassed(kLeavingMostMs, since)) {
    RaiseNoRouter("Nothing was sent. The one before it was asked to end and is still at work.",
                  "Ask again later, or end it with pg_terminate_backend().");
  }
  WaitForRouter(kLeavingStepMs);
}

/// A router that takes our messages.
bool FindListening(RouterAddress* address) {
  if (!FindRouter(address)) {
    RequireVisibleExtension();
    return false;
  }
  if (SpeaksOurProtocol(*address)) return true;
  AwaitSuccession(*address);
  return false;
}

// --- the channel
// -------------------------------------------------------------------------------------

void DropChannel(Conversation* conversation) {
  if (conversation->channel == nullptr) return;
  CloseChannel(conversation->channel);
  pfree(conversation->channel);
  conversation->channel = nullptr;
  conversation->due = 0;
}

/// Back to the session when it can serve again, else closed.
void EndConversation(void* arg) {
  auto* conversation = static_cast<Conversation*>(arg);
  if (conversation->channel == nullptr) return;
  const bool reusable = conversation->due == 0 && idle.channel.segment == nullptr;
  if (!reusable) return DropChannel(conversation);
  idle = {conversation->router, *conversation->channel, conversation->sent};
  pfree(conversation->channel);
  conversation->channel = nullptr;
}

bool TakeIdleChannel(Conversation* conversation) {
  if (idle.channel.segment == nullptr) return false;
  Channel channel = idle.channel;
  const RouterAddress router = idle.router;
  idle.channel = Channel{};
  if (!IsAlive(router)) {
    CloseChannel(&channel);
    return false;
  }
  conversation->router = router;
  conversation->sent = idle.sent;
  *conversation->channel = channel;
  return true;
}

/// A new channel in the router's mailbox.
void PostNewChannel(Conversation* conversation) {
  MakeChannel(conversation->channel);
  conversation->sent = 0;
  conversation->router = RequireRouter();
  const dsm_handle handle = dsm_segment_handle(conversation->channel->segment);
  while (!PostChannel(conversation->router, handle)) {
    if (!IsAlive(conversation->router)) {
      conversation->router = RequireRouter();
    } else {
      WaitForRouter(kMailboxMs);  // a burst of new sessions; the router empties it at its next turn
    }
  }
}

/// Whether an answer may still come. One that was asked to end has left the directory and finishes
/// what it took; when it is gone its rings are detached.
bool MayAnswer(const Conversation& conversation) {
  return MessagesTaken(*conversation.channel) > 0 || IsAlive(conversation.router);
}

/// Whether the router left without having taken the only message that is out.
bool NothingWasTaken(const Conversation& conversation) {
  return conversation.due <= 1 && MessagesTaken(*conversation.channel) < conversation.sent;
}

}  // namespace

RouterAddress RequireRouter() {
  if (!IsUnderPostmaster) {
    Raise(StatusCode::kMisconfigured, "the router cannot run in single-user mode", nullptr,
          "Start the server normally.");
  }
  RouterAddress address;
  const TimestampTz begin = GetCurrentTimestamp();
  TimestampTz vacant_since = begin;
  while (!FindListening(&address)) {
    if (IsRouterLocked()) {
      AwaitLeaving(begin);
      vacant_since = GetCurrentTimestamp();
    } else if (HavePassed(kStartMostMs, vacant_since)) {
      RaiseNoRouter("Nothing was sent. The server's log has the reason.", nullptr);
    } else {
      HelpStart();
    }
  }
  return address;
}

void RaiseRouterGone(const char* request_id) {
  Raise(
      StatusCode::kUnavailable, "the router of pg_byok ended while it worked on a request",
      request_id == nullptr
          ? "Calls that were sent and not yet billed are recorded as unknown, at no charge."
          : psprintf("Request %s: calls that were sent and not yet billed are recorded as unknown, "
                     "at no charge.",
                     request_id),
      "Look for the request in byok_usage before asking again.");
}

Conversation* OpenConversation() {
  auto* conversation = static_cast<Conversation*>(palloc0(sizeof(Conversation)));
  *conversation = Conversation{};
  conversation->channel =
      static_cast<Channel*>(MemoryContextAllocZero(TopMemoryContext, sizeof(Channel)));
  auto* callback = static_cast<MemoryContextCallback*>(palloc0(sizeof(MemoryContextCallback)));
  callback->func = EndConversation;
  callback->arg = conversation;
  MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
  ++conversation->due;  // until it is open an error closes whatever there is
  if (!TakeIdleChannel(conversation)) PostNewChannel(conversation);
  --conversation->due;
  return conversation;
}

bool SendMessage(Conversation* conversation, const std::string& message) {
  ++conversation->due;
  for (;;) {
    const Transferred result = Send(conversation->channel, message.data(), message.size());
    if (result == Transferred::kDone) break;
    if (result == Transferred::kGone || !MayAnswer(*conversation)) {
      const bool others = conversation->due > 1;
      DropChannel(conversation);
      if (others) RaiseRouterGone(nullptr);
      return false;
    }
    WaitForRouter(kLookMs);
  }
  ++conversation->sent;
  WakeRouter(conversation->router);
  return true;
}

Heard Listen(Conversation* conversation, AskReply* reply) {
  const char* bytes = nullptr;
  size_t size = 0;
  const bool may_answer = MayAnswer(*conversation);  // before the look: what it wrote last is there
  const Transferred result = Receive(conversation->channel, &bytes, &size);
  if (result == Transferred::kDone) {
    --conversation->due;
    RunCore([=] {
      auto decoded = DecodeReply({bytes, size});
      if (!decoded.ok()) return decoded.status();
      *reply = *std::move(decoded);
      return Status();
    });
    return Heard::kReply;
  }
  if (result == Transferred::kLater && may_answer) return Heard::kNothingYet;
  const bool never_taken = NothingWasTaken(*conversation);
  DropChannel(conversation);
  return never_taken ? Heard::kNeverTaken : Heard::kGone;
}

void WaitForRouter(long milliseconds) {
  (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                  WaitEventInfo("ByokRouter"));
  ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
}

namespace {

[[noreturn]] void RaiseSilent(const std::string& request_id) {
  if (request_id.empty()) {
    Raise(StatusCode::kUnavailable, "the router of pg_byok does not answer",
          "Whether it did what it was asked is not known.", "Ask again.");
  }
  Raise(
      StatusCode::kUnavailable, "the router of pg_byok does not answer",
      psprintf("Request %s was handed over and its outcome is not known here.", request_id.c_str()),
      "Look for the request in byok_usage before asking again.");
}

/// Whether the reply came; false when no router took the order, or it may be given again.
bool Exchange(const std::string& message, const std::string& request_id, long patience_ms,
              AskReply* reply) {
  Conversation* conversation = OpenConversation();
  if (!SendMessage(conversation, message)) return false;
  const TimestampTz start = GetCurrentTimestamp();
  for (;;) {
    switch (Listen(conversation, reply)) {
      case Heard::kReply:
        EndConversation(conversation);
        return true;
      case Heard::kNeverTaken:
        return false;
      case Heard::kGone:
        if (request_id.empty()) return false;
        RaiseRouterGone(request_id.c_str());
      case Heard::kNothingYet:
        break;
    }
    if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(), static_cast<int>(patience_ms))) {
      RaiseSilent(request_id);
    }
    WaitForRouter(kLookMs);
  }
}

}  // namespace

void AskRouter(const std::string& message, const std::string& request_id, long patience_ms,
               AskReply* reply) {
  for (int i = 0; i < kSendTries; ++i) {
    if (!Exchange(message, request_id, patience_ms, reply)) continue;
    if (reply->request_id == request_id) return;
    Raise(StatusCode::kInternal, "the router answered another request");
  }
  Raise(StatusCode::kUnavailable, "the router of pg_byok keeps ending",
        "Nothing was sent. The server's log has the reason.", nullptr);
}

}  // namespace byok::pg
