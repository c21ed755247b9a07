#pragma once

namespace byok {

/// A number being read word by word: "two hundred and twenty-one thousand" is total + current,
/// where `current` is what the next scale (thousand, million …) multiplies.
class PendingNumber {
 public:
  PendingNumber() = default;  ///< none
  /// `is_wordy`: begun by a word, not by digits.
  PendingNumber(double value, bool is_wordy)
      : is_active_(true), is_wordy_(is_wordy), current_(value) {}

  [[nodiscard]] bool is_active() const { return is_active_; }
  [[nodiscard]] double value() const { return total_ + current_; }

  [[nodiscard]] bool TakesUnit() const;  ///< "twenty" takes "-one"
  [[nodiscard]] bool TakesAnd() const;   ///< "hundred and", "million and"
  [[nodiscard]] bool TakesCardinal(double value) const;
  [[nodiscard]] bool TakesOrdinal(double value) const;

  /// Adds a word's value; from here on the number is wordy.
  void Add(double value);
  void Multiply(double factor);  ///< hundred, dozen
  void Scale(double factor);     ///< thousand and above

 private:
  [[nodiscard]] bool IsAtTens() const;

  bool is_active_ = false;
  bool is_wordy_ = false;
  double total_ = 0;
  double current_ = 0;
};

}  // namespace byok
