#pragma once

#include <cstddef>
#include <string_view>

#include "consensus/formula.hpp"

namespace byok {

/// Takes an expression of numbers, letters, functions and brackets apart, and computes it on the
/// way. Two letters beside each other are a product; a digit behind a letter is none, as in "H2O".
class ExpressionReader {
 public:
  /// `text` must live longer. `takes_products`: of letters, as in "F = ma", where a run of letters
  /// is no word.
  ExpressionReader(std::string_view text, bool takes_products);

  /// The expression at at(), as far as it goes; nothing when there is none.
  std::optional<Relations::Side> Read();

  void SkipBlanks();
  bool Take(std::string_view part);  ///< passes it when it comes next
  [[nodiscard]] bool IsAtEnd() const { return at_ == text_.size(); }
  [[nodiscard]] std::size_t at() const { return at_; }

  [[nodiscard]] bool has_letter() const { return has_letter_; }
  [[nodiscard]] bool has_function() const { return has_function_; }
  [[nodiscard]] bool has_operator() const { return has_operator_; }  ///< or a bracket or function

 private:
  using Value = std::optional<Worth>;

  Value ReadSum();
  Value ReadProduct();
  Value ReadFactor();
  Value ReadPower();
  Value ReadPrimary();
  Value ReadNumber();
  Value ReadWord();
  Value ReadLetter();
  Value ReadFunction(double (*function)(double), std::size_t name_size);
  Value ReadArgument();
  Value ReadBracketed();
  bool TakeCross();
  [[nodiscard]] bool BeginsFactor() const;

  [[nodiscard]] char Next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::string_view Rest() const { return text_.substr(at_); }

  std::string_view text_;
  bool takes_products_;
  bool mixes_cases_;  // "X" and "x" are two letters
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t letters_ = 0;  // seen so far
  bool has_letter_ = false, has_function_ = false, has_operator_ = false;
};

}  // namespace byok
