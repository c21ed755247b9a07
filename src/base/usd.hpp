#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace byok {

/// US dollars as a whole count of 10⁻¹² dollars: PostgreSQL's numeric(20,12) without the server.
///
/// A price of at most 6 decimals per million tokens is a whole number of these units *per token*,
/// so tokens × price is exact. Amounts enter and leave as decimal text, never through a double.
class Usd {
 public:
  using Units = __int128;

  constexpr Usd() = default;
  static constexpr Usd FromUnits(Units units) { return Usd(units); }
  /// "-12.5", "0.031", "3e-2"; nothing when it is no number, has a non-zero 13th decimal, or needs
  /// more than the 8 digits before the point that numeric(20,12) holds.
  static std::optional<Usd> Parse(std::string_view decimal);

  [[nodiscard]] constexpr Units units() const { return units_; }
  [[nodiscard]] constexpr bool IsZero() const { return units_ == 0; }
  /// The shortest exact decimal: "0.031", "-3", "0".
  [[nodiscard]] std::string ToString() const;

  constexpr Usd operator+(Usd other) const { return Usd(units_ + other.units_); }
  constexpr Usd operator-(Usd other) const { return Usd(units_ - other.units_); }
  constexpr Usd operator-() const { return Usd(-units_); }
  constexpr Usd& operator+=(Usd other) { return *this = *this + other; }
  constexpr Usd operator*(std::int64_t count) const { return Usd(units_ * count); }
  constexpr auto operator<=>(const Usd&) const = default;

 private:
  explicit constexpr Usd(Units units) : units_(units) {}
  Units units_ = 0;
};

/// A factor with at most four decimals, numeric(10,4): a markup or a fee.
class Factor {
 public:
  constexpr Factor() = default;
  static constexpr Factor FromTenThousandths(std::int64_t count) { return Factor(count); }
  static std::optional<Factor> Parse(std::string_view decimal);

  /// amount × factor to 12 decimals, halves away from zero: the one rounding rule of the product.
  [[nodiscard]] Usd Of(Usd amount) const;
  [[nodiscard]] constexpr bool IsZero() const { return ten_thousandths_ == 0; }
  [[nodiscard]] std::string ToString() const;
  constexpr auto operator<=>(const Factor&) const = default;

 private:
  explicit constexpr Factor(std::int64_t count) : ten_thousandths_(count) {}
  std::int64_t ten_thousandths_ = 10000;
};

/// What a charge posts in whole cents, and the part below a cent that stays on the account.
struct Posting {
  std::int64_t cents = 0;  ///< negative for a charge, as in the seed: 0.031 posts −3
  Usd carry;               ///< 0 ≤ carry < 0.01
};
/// `amount` > 0 is a charge, < 0 a refund; `carry` is what earlier postings left over.
Posting PostWithCarry(Usd amount, Usd carry);

}  // namespace byok
