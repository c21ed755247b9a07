#include "consensus/pending_number.hpp"

#include <cmath>

namespace byok {

bool PendingNumber::IsAtTens() const {
  return is_active_ && is_wordy_ && std::fmod(current_, 100) >= 20;
}

bool PendingNumber::TakesUnit() const {
  return IsAtTens() && std::fmod(current_, 10) == 0;
}

bool PendingNumber::TakesAnd() const {
  return is_active_ && is_wordy_ && (current_ >= 100 || (current_ == 0 && total_ > 0));
}

bool PendingNumber::TakesCardinal(double value) const {
  if (!is_active_) return false;
  if (current_ == 0 || (is_wordy_ && std::fmod(current_, 100) == 0)) return true;
  return value < 10 && TakesUnit();
}

bool PendingNumber::TakesOrdinal(double value) const {
  return value < 10 && IsAtTens();
}

void PendingNumber::Add(double value) {
  current_ += value;
  is_wordy_ = true;
}

void PendingNumber::Multiply(double factor) {
  current_ = (current_ == 0 ? 1 : current_) * factor;
}

void PendingNumber::Scale(double factor) {
  if (current_ != 0) {
    total_ += current_ * factor;
    current_ = 0;
  } else {
    total_ = (total_ == 0 ? 1 : total_) * factor;
  }
}

}  // namespace byok
