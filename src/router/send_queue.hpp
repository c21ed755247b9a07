#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "router/leg.hpp"

namespace byok {

/// A leg of a request.
struct LegPlace {
  AskId ask = 0;
  std::size_t leg = 0;
  auto operator<=>(const LegPlace&) const = default;
};

/// Whose turn it is to send: first come, first served, under a cap on all transfers and one per
/// provider. Who waits for a full provider is passed by those of another. Each step costs
/// O(log providers), however many wait.
class SendQueue {
 public:
  /// One provider's part of it; must not move and must outlive its transfers.
  class Line {
   public:
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

   private:
    friend class SendQueue;
    struct Waiting {
      std::uint64_t ticket;
      LegPlace place;
    };
    std::size_t cap_ = 1;
    std::size_t in_flight_ = 0;
    std::deque<Waiting> waiting_;
  };
  struct Turn {
    Line* line = nullptr;
    LegPlace place;
  };

  explicit SendQueue(std::size_t cap) : cap_(cap) {}

  /// Holds from now on; what is in flight above it stays.
  void SetCap(Line& line, std::size_t cap);
  void Push(Line& line, const LegPlace& place);
  /// The next one, if it may send now. Its slot is taken until Release; whoever lost interest while
  /// it waited still gets its turn, and gives the slot back at once.
  std::optional<Turn> Pop();
  void Release(Line& line);
  [[nodiscard]] bool HasTurn() const { return in_flight_ < cap_ && !ready_.empty(); }

 private:
  void Offer(Line& line);
  void Withdraw(Line& line);

  std::size_t cap_;
  std::size_t in_flight_ = 0;
  std::uint64_t last_ticket_ = 0;
  /// The lines that have room and somebody waiting, by the ticket of the first who does.
  std::set<std::pair<std::uint64_t, Line*>> ready_;
};

}  // namespace byok
