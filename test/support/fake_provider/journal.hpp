#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fake_provider/values.hpp"

namespace fake {

/// How a call ended: as scripted (kCut: the script was a fault), or by the client going away.
enum class Outcome { kRunning, kAnswered, kCut, kAborted };

struct Counters {
  std::uint64_t requests = 0;
  std::uint64_t answered = 0;
  std::uint64_t cut = 0;
  std::uint64_t aborted = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t max_in_flight = 0;
};

/// What the providers saw: calls, connections, counters. Control requests are not in it.
class Journal {
  struct Entry;
  struct Period;
  struct Gauge;

 public:
  /// One request being answered; destroyed unfinished it counts as aborted.
  class Call {
   public:
    Call(std::shared_ptr<Period> period, std::shared_ptr<Entry> entry);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    std::uint64_t seq() const;
    void Finish(Outcome outcome, std::optional<int> status);

   private:
    std::shared_ptr<Period> period_;
    std::shared_ptr<Entry> entry_;
  };

  /// One accepted connection; it counts as a provider's until its first request is a control one.
  class Connection {
   public:
    Connection(std::shared_ptr<Period> period, std::shared_ptr<Gauge> open, std::uint64_t id);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::uint64_t id() const { return id_; }
    /// To be called for each request.
    void Classify(bool control);

   private:
    std::shared_ptr<Period> period_;
    std::shared_ptr<Gauge> open_;
    std::uint64_t id_;
    bool classified_ = false;
    bool control_ = false;
  };

  Journal();

  std::unique_ptr<Call> Begin(Request request, std::string provider, std::string prompt,
                              std::uint64_t connection_id);
  std::unique_ptr<Connection> Accept();

  /// The entries still kept, oldest first.
  Json Requests() const;
  Json Stats() const;
  /// Starts anew: calls and connections from before count nowhere any more, but open_connections.
  void Reset();
  /// Off: counters only.
  void KeepEntries(bool keep) { keep_ = keep; }

 private:
  void Trim();

  std::shared_ptr<Period> period_;
  std::shared_ptr<Gauge> open_;
  std::uint64_t next_connection_ = 1;
  bool keep_ = true;
};

}  // namespace fake
