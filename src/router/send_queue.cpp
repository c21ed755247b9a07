#include "router/send_queue.hpp"

namespace byok {

void SendQueue::SetCap(Line& line, std::size_t cap) {
  Withdraw(line);
  line.cap_ = cap;
  Offer(line);
}

void SendQueue::Push(Line& line, const LegPlace& place) {
  line.waiting_.push_back({++last_ticket_, place});
  Offer(line);
}

std::optional<SendQueue::Turn> SendQueue::Pop() {
  if (!HasTurn()) return std::nullopt;
  Line& line = *ready_.begin()->second;
  Withdraw(line);
  const Turn turn{&line, line.waiting_.front().place};
  line.waiting_.pop_front();
  ++in_flight_;
  ++line.in_flight_;
  Offer(line);
  return turn;
}

void SendQueue::Release(Line& line) {
  --in_flight_;
  --line.in_flight_;
  Offer(line);
}

void SendQueue::Offer(Line& line) {
  const bool ready = !line.waiting_.empty() && line.in_flight_ < line.cap_;
  if (ready) ready_.emplace(line.waiting_.front().ticket, &line);
}

void SendQueue::Withdraw(Line& line) {
  if (!line.waiting_.empty()) ready_.erase({line.waiting_.front().ticket, &line});
}

}  // namespace byok
