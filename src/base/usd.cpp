#include "base/usd.hpp"

#include "base/decimal.hpp"

namespace byok {
namespace {

constexpr int kUsdScale = 12;
constexpr int kFactorScale = 4;
constexpr std::int64_t kFactorOne = 10'000;
constexpr std::int64_t kUnitsPerCent = 10'000'000'000;

constexpr Usd::Units PowerOfTen(int exponent) {
  return exponent == 0 ? 1 : 10 * PowerOfTen(exponent - 1);
}

/// `value` when its magnitude has at most `digits` digits: the precision of a numeric column.
std::optional<Usd::Units> Within(std::optional<Usd::Units> value, int digits) {
  const Usd::Units limit = PowerOfTen(digits);
  if (!value || *value >= limit || *value <= -limit) return std::nullopt;
  return value;
}

/// a / b with halves away from zero; b > 0.
constexpr Usd::Units DivideRounded(Usd::Units a, Usd::Units b) {
  return (a < 0 ? a - b / 2 : a + b / 2) / b;
}

/// ⌊a / b⌋; b > 0.
constexpr Usd::Units DivideFloor(Usd::Units a, Usd::Units b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

std::optional<Usd> Usd::Parse(std::string_view decimal) {
  const auto units = Within(ScaleDecimal(decimal, kUsdScale), 20);
  return units ? std::optional(FromUnits(*units)) : std::nullopt;
}

std::string Usd::ToString() const {
  return UnscaleDecimal(units_, kUsdScale);
}

std::optional<Factor> Factor::Parse(std::string_view decimal) {
  const auto count = Within(ScaleDecimal(decimal, kFactorScale), 10);
  if (!count) return std::nullopt;
  return FromTenThousandths(static_cast<std::int64_t>(*count));
}

Usd Factor::Of(Usd amount) const {
  static_assert(kFactorOne % 2 == 0, "DivideRounded adds exactly one half");
  return Usd::FromUnits(DivideRounded(amount.units() * ten_thousandths_, kFactorOne));
}

std::string Factor::ToString() const {
  return UnscaleDecimal(ten_thousandths_, kFactorScale);
}

Posting PostWithCarry(Usd amount, Usd carry) {
  const Usd due = carry + amount;
  const Usd::Units cents = DivideFloor(due.units(), kUnitsPerCent);
  return {.cents = -static_cast<std::int64_t>(cents),
          .carry = Usd::FromUnits(due.units() - cents * kUnitsPerCent)};
}

}  // namespace byok
