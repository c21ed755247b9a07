#include "billing/budget.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace byok {
namespace {

constexpr std::array<std::string_view, 2> kPeriods = {"day", "month"};

Status Exceeded(const Budget& budget, Usd amount) {
  const std::string of =
      budget.key.provider.empty() ? "" : " for provider \"" + budget.key.provider + "\"";
  return Status(StatusCode::kPaymentRequired, "the " + budget.key.period + "'s budget of " +
                                                  budget.key.owner.kind + " \"" +
                                                  budget.key.owner.id + "\"" + of + " is used up")
      .WithDetail("Limit " + budget.limit.ToString() + " USD since " + budget.key.period_start +
                  " UTC, spent " + budget.spent.ToString() +
                  " with what runs, the request may cost up to " + amount.ToString() + " USD.")
      .WithHint("Raise it with set_budget(), lower max_tokens, or ask fewer providers.");
}

}  // namespace

std::string PeriodStart(std::string_view period, PriceTime at) {
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::microseconds> moment{
      std::chrono::microseconds(at.unix_micros)};
  const std::chrono::year_month_day date(std::chrono::floor<days>(moment));
  const unsigned day = period == "month" ? 1 : static_cast<unsigned>(date.day());
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), day);
  return text.data();
}

void AddMoves(const std::vector<Payer>& owners, const std::vector<Spend>& spends, PriceTime at,
              BudgetMoves& moves) {
  for (const std::string_view period : kPeriods) {
    const std::string start = PeriodStart(period, at);
    for (const Payer& owner : owners) {
      for (const Spend& spend : spends) {
        if (spend.amount.IsZero()) continue;
        moves[{owner, "", std::string(period), start}] += spend.amount;
        if (spend.provider.empty()) continue;
        moves[{owner, spend.provider, std::string(period), start}] += spend.amount;
      }
    }
  }
}

BudgetBook::BudgetBook(std::vector<Budget> budgets) {
  for (Budget& budget : budgets) {
    BudgetKey key = budget.key;
    budgets_.emplace(std::move(key), std::move(budget));
  }
}

Status BudgetBook::Check(const BudgetMoves& moves) const {
  for (const auto& [key, amount] : moves) {
    const auto found = budgets_.find(key);
    if (found == budgets_.end()) continue;
    const Budget& budget = found->second;
    if (amount > Usd() && budget.spent + amount > budget.limit) return Exceeded(budget, amount);
  }
  return {};
}

bool BudgetBook::Limits(const std::vector<Payer>& owners, const std::string& provider) const {
  return std::any_of(budgets_.begin(), budgets_.end(), [&](const auto& entry) {
    const BudgetKey& key = entry.first;
    return (key.provider.empty() || key.provider == provider) &&
           std::find(owners.begin(), owners.end(), key.owner) != owners.end();
  });
}

void BudgetBook::Apply(const BudgetMoves& moves) {
  for (const auto& [key, amount] : moves) {
    moved_[key] += amount;
    const auto found = budgets_.find(key);
    if (found != budgets_.end()) found->second.spent += amount;
  }
}

}  // namespace byok
