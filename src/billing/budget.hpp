#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "base/usd.hpp"
#include "billing/payer.hpp"
#include "billing/price_table.hpp"

namespace byok {

/// A counter of budget_spend: what one owner spends with one provider, or with all ("") in one UTC
/// day or month.
struct BudgetKey {
  Payer owner;
  std::string provider;
  std::string period;        ///< "day" or "month"
  std::string period_start;  ///< "2026-11-26", its first day
  auto operator<=>(const BudgetKey&) const = default;
};

struct Budget {
  BudgetKey key;  ///< of the running period
  Usd limit;
  Usd spent;  ///< charges of what ended and bounds of what runs
};

/// What a request spends, or may, with one provider; with none ("") what is no call's: what
/// byok.min_charge_usd adds.
struct Spend {
  std::string provider;
  Usd amount;
};

/// The first day of the UTC day or month of that moment, as a date.
std::string PeriodStart(std::string_view period, PriceTime at);

/// The counters that a request's spending moves, and by how much: those of its owners, of each
/// provider and of all together, of day and month.
using BudgetMoves = std::map<BudgetKey, Usd>;
void AddMoves(const std::vector<Payer>& owners, const std::vector<Spend>& spends, PriceTime at,
              BudgetMoves& moves);

/// The budgets one transaction works with, as it read them.
class BudgetBook {
 public:
  BudgetBook() = default;
  explicit BudgetBook(std::vector<Budget> budgets);

  /// P0402 when one of the moves leaves less than nothing of a budget.
  [[nodiscard]] Status Check(const BudgetMoves& moves) const;
  /// Whether a budget of one of the owners counts that provider.
  [[nodiscard]] bool Limits(const std::vector<Payer>& owners, const std::string& provider) const;
  void Apply(const BudgetMoves& moves);
  /// All moves applied, those of counters that were not read included: one may be there.
  [[nodiscard]] const BudgetMoves& Moved() const { return moved_; }

 private:
  std::map<BudgetKey, Budget> budgets_;
  BudgetMoves moved_;
};

}  // namespace byok
