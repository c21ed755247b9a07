#include "fake_provider/journal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fake {
namespace {

constexpr std::size_t kMostEntries = 50'000;
constexpr std::size_t kMostBytes = 256 << 20;

std::int64_t NowMicroseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string_view NameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRunning:
      return "running";
    case Outcome::kAnswered:
      return "answered";
    case Outcome::kCut:
      return "cut";
    case Outcome::kAborted:
      return "aborted";
  }
  return "";
}

void CountBegin(Counters& counters) {
  ++counters.requests;
  ++counters.in_flight;
  counters.max_in_flight = std::max(counters.max_in_flight, counters.in_flight);
}

void CountEnd(Counters& counters, Outcome outcome) {
  --counters.in_flight;
  if (outcome == Outcome::kAnswered) ++counters.answered;
  if (outcome == Outcome::kCut) ++counters.cut;
  if (outcome == Outcome::kAborted) ++counters.aborted;
}

Json ToJson(const Counters& counters) {
  return {{"requests", counters.requests},
          {"answered", counters.answered},
          {"cut", counters.cut},
          {"aborted", counters.aborted},
          {"in_flight", counters.in_flight},
          {"max_in_flight", counters.max_in_flight}};
}

/// A name given twice has its values joined, as HTTP allows.
Json ToJson(const Headers& headers) {
  Json object = Json::object();
  for (const auto& [name, value] : headers) {
    const auto known = object.find(name);
    object[name] = known == object.end() ? value : known->get<std::string>() + ", " + value;
  }
  return object;
}

template <class Value>
Json OrNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

struct Journal::Entry {
  std::uint64_t seq;
  std::string provider;
  std::string prompt;
  Request request;
  std::uint64_t connection_id;
  std::int64_t started_us;
  std::optional<std::int64_t> answered_us;
  std::optional<int> status;
  Outcome outcome = Outcome::kRunning;

  std::size_t Size() const { return request.body.size() + prompt.size() + 1024; }

  Json ToJson() const {
    return {{"seq", seq},
            {"provider", provider.empty() ? Json() : Json(provider)},
            {"prompt", prompt},
            {"method", request.method},
            {"path", request.path},
            {"query", request.query},
            {"headers", fake::ToJson(request.headers)},
            {"body", request.body},
            {"http_version", request.http_version},
            {"connection_id", connection_id},
            {"started_us", started_us},
            {"answered_us", OrNull(answered_us)},
            {"status", OrNull(status)},
            {"outcome", NameOf(outcome)}};
  }
};

/// Everything between two resets. Calls and connections keep theirs alive.
struct Journal::Period {
  Counters total;
  std::map<std::string, Counters> providers;
  std::uint64_t connections = 0;
  std::uint64_t control_connections = 0;
  std::uint64_t next_seq = 1;
  std::deque<std::shared_ptr<Entry>> entries;
  std::size_t bytes = 0;
};

struct Journal::Gauge {
  std::uint64_t open_connections = 0;
};

Journal::Call::Call(std::shared_ptr<Period> period, std::shared_ptr<Entry> entry)
    : period_(std::move(period)), entry_(std::move(entry)) {
  CountBegin(period_->total);
  CountBegin(period_->providers[entry_->provider]);
}

Journal::Call::~Call() {
  Finish(Outcome::kAborted, std::nullopt);
}

std::uint64_t Journal::Call::seq() const {
  return entry_->seq;
}

void Journal::Call::Finish(Outcome outcome, std::optional<int> status) {
  if (entry_->outcome != Outcome::kRunning) return;
  entry_->outcome = outcome;
  entry_->status = status;
  if (outcome != Outcome::kAborted) entry_->answered_us = NowMicroseconds();
  CountEnd(period_->total, outcome);
  CountEnd(period_->providers[entry_->provider], outcome);
}

Journal::Connection::Connection(std::shared_ptr<Period> period, std::shared_ptr<Gauge> open,
                                std::uint64_t id)
    : period_(std::move(period)), open_(std::move(open)), id_(id) {
  ++period_->connections;
  ++open_->open_connections;
}

Journal::Connection::~Connection() {
  if (!control_) --open_->open_connections;
}

void Journal::Connection::Classify(bool control) {
  if (std::exchange(classified_, true) || !control) return;
  control_ = true;
  --period_->connections;
  ++period_->control_connections;
  --open_->open_connections;
}

Journal::Journal() : period_(std::make_shared<Period>()), open_(std::make_shared<Gauge>()) {}

std::unique_ptr<Journal::Call> Journal::Begin(Request request, std::string provider,
                                              std::string prompt, std::uint64_t connection_id) {
  auto entry = std::make_shared<Entry>();
  entry->seq = period_->next_seq++;
  entry->provider = std::move(provider);
  entry->prompt = std::move(prompt);
  entry->request = std::move(request);
  entry->connection_id = connection_id;
  entry->started_us = NowMicroseconds();
  if (keep_) {
    period_->entries.push_back(entry);
    period_->bytes += entry->Size();
    Trim();
  }
  return std::make_unique<Call>(period_, std::move(entry));
}

std::unique_ptr<Journal::Connection> Journal::Accept() {
  return std::make_unique<Connection>(period_, open_, next_connection_++);
}

void Journal::Trim() {
  while (period_->entries.size() > kMostEntries || period_->bytes > kMostBytes) {
    period_->bytes -= period_->entries.front()->Size();
    period_->entries.pop_front();
  }
}

Json Journal::Requests() const {
  Json list = Json::array();
  for (const auto& entry : period_->entries) list.push_back(entry->ToJson());
  return list;
}

Json Journal::Stats() const {
  Json stats = ToJson(period_->total);
  stats["connections"] = period_->connections;
  stats["control_connections"] = period_->control_connections;
  stats["open_connections"] = open_->open_connections;
  stats["per_provider"] = Json::object();
  for (const auto& [name, counters] : period_->providers) {
    if (!name.empty()) stats["per_provider"][name] = ToJson(counters);
  }
  return stats;
}

void Journal::Reset() {
  period_ = std::make_shared<Period>();
}

}  // namespace fake
