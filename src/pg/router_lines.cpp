#include "pg/router_lines.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "pg/channel.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_directory.hpp"

#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

/// A caller's channel, with the replies that did not fit yet: a caller that stops reading delays
/// nobody.
struct Line {
  CallerId id = kNobody;
  Channel channel;
  std::deque<std::string> outbox;
  bool gone = false;
};

/// One caller may not keep the others waiting: so many messages at a time.
constexpr int kMessagesPerTurn = 64;

struct Lines {
  CallerId last_id = kNobody;
  std::vector<std::unique_ptr<Line>> all;
  std::unordered_map<CallerId, Line*> by_id;
};

Lines& TheLines() {
  static auto* const lines = new Lines;
  return *lines;
}

void TakeCancel(CallerId caller, const CancelOrder& cancel) {
  Dispatcher& dispatcher = *TheRouter().dispatcher;
  const bool found = dispatcher.AbandonRequest(cancel.request_id, http::Clock::now());
  dispatcher.Answer(
      caller, cancel.request_id,
      found ? Status() : Status(StatusCode::kKeyNotFound, "the request does not run"));
}

/// A caller whose message cannot be read is told by the end of its channel.
Status TakeMessage(Line* line, const char* bytes, size_t size) {
  const std::string_view message(bytes, size);
  if (auto order = DecodeOrder(message); order.ok()) {
    TheRouter().arrivals.emplace_back(line->id, *std::move(order));
  } else if (const auto cancel = DecodeCancel(message); cancel.ok()) {
    TakeCancel(line->id, *cancel);
  } else if (auto policy = DecodePolicy(message); policy.ok()) {
    TheRouter().dispatcher->AcceptPolicy(line->id, *std::move(policy));
  } else {
    line->gone = true;
  }
  return {};
}

void ReadLine(Line* line) {
  for (int i = 0; i < kMessagesPerTurn && !line->gone; ++i) {
    const char* bytes = nullptr;
    size_t size = 0;
    const Transferred result = Receive(&line->channel, &bytes, &size);
    if (result == Transferred::kLater) return;
    if (result == Transferred::kGone) {
      line->gone = true;
      return;
    }
    CountTaken(line->channel);
    RunCore([=] { return TakeMessage(line, bytes, size); });
  }
}

void WriteLine(Line* line) {
  while (!line->gone && !line->outbox.empty()) {
    const std::string& reply = line->outbox.front();
    const Transferred result = Send(&line->channel, reply.data(), reply.size());
    if (result == Transferred::kLater) return;
    line->gone = result == Transferred::kGone;
    if (!line->gone) line->outbox.pop_front();
  }
}

/// What a caller left behind: orders nobody waits for are not begun, others are abandoned.
Status Leave(Line* line) {
  RouterHost& router = TheRouter();
  std::erase_if(router.arrivals, [line](const auto& arrival) { return arrival.first == line->id; });
  router.dispatcher->AbandonCaller(line->id, http::Clock::now());
  Lines& lines = TheLines();
  lines.by_id.erase(line->id);
  std::erase_if(lines.all, [line](const auto& other) { return other.get() == line; });
  return {};
}

void DropLine(Line* line) {
  CloseChannel(&line->channel);
  RunCore([line] { return Leave(line); });
}

Status AddLine(Line** line) {
  Lines& lines = TheLines();
  lines.all.push_back(std::make_unique<Line>());
  *line = lines.all.back().get();
  (*line)->id = ++lines.last_id;
  lines.by_id.emplace((*line)->id, *line);
  return {};
}

void Join(dsm_handle handle) {
  Line* line = nullptr;
  RunCore([&line] { return AddLine(&line); });
  if (!JoinChannel(&line->channel, handle)) line->gone = true;
}

Status FillOutboxes() {
  Lines& lines = TheLines();
  for (Delivery& delivery : TheRouter().dispatcher->TakeReplies()) {
    const auto line = lines.by_id.find(delivery.caller);
    if (line != lines.by_id.end()) line->second->outbox.push_back(EncodeReply(delivery.reply));
  }
  return {};
}

/// By index: a dropped line moves the others up.
void DropGoneLines() {
  Lines& lines = TheLines();
  for (size_t i = lines.all.size(); i-- > 0;) {
    if (lines.all[i]->gone) DropLine(lines.all[i].get());
  }
}

}  // namespace

void JoinNewCallers() {
  constexpr int kRoom = 16;
  dsm_handle handles[kRoom];
  const int count = TakeChannels(handles, kRoom);
  for (int i = 0; i < count; ++i) Join(handles[i]);
}

void ReadCallers() {
  const Lines& lines = TheLines();
  for (size_t i = 0; i < lines.all.size(); ++i) ReadLine(lines.all[i].get());
  DropGoneLines();
}

void WriteCallers() {
  RunCore([] { return FillOutboxes(); });
  const Lines& lines = TheLines();
  for (size_t i = 0; i < lines.all.size(); ++i) WriteLine(lines.all[i].get());
  DropGoneLines();
}

std::size_t CallerCount() {
  return TheLines().all.size();
}

}  // namespace byok::pg
