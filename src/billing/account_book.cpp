#include "billing/account_book.hpp"

#include <utility>

namespace byok {
namespace {

std::string Call(const Payer& owner) {
  return owner.kind == "user" ? "('" + owner.id + "', …)"
                              : "('" + owner.id + "', …, owner_kind => '" + owner.kind + "')";
}

std::string Name(const Payer& owner) {
  return owner.kind + " \"" + owner.id + "\"";
}

std::string DescribeCredit(const Account& account, Usd amount) {
  std::string text = "Balance " + account.posted.ToString() + " USD";
  if (!account.held.IsZero()) text += ", held for running requests " + account.held.ToString();
  if (!account.credit_limit.IsZero()) text += ", credit limit " + account.credit_limit.ToString();
  return text + ": available " + account.Available().ToString() +
         " USD, the request may cost up to " + amount.ToString() + " USD.";
}

Status TooMuchDebt(const Account& account, Usd amount) {
  return Status(StatusCode::kPaymentRequired, "the debt of " + Name(account.owner) +
                                                  " could be more than " + kMostBalance.ToString() +
                                                  " USD")
      .WithDetail(DescribeCredit(account, amount))
      .WithHint("Book what was paid with grant_credits" + Call(account.owner) +
                ", or look at the prices in model_prices and pricing_rules.");
}

}  // namespace

Status CheckCredit(const Account& account, Usd amount) {
  if (amount <= Usd()) return {};
  if (account.posted - account.held - amount < -kMostBalance) return TooMuchDebt(account, amount);
  if (account.debt_allowed || account.Available() >= amount) return {};
  return Status(StatusCode::kPaymentRequired, "insufficient credit of " + Name(account.owner))
      .WithDetail(DescribeCredit(account, amount))
      .WithHint("Top up with grant_credits" + Call(account.owner) +
                ", lower max_tokens, or ask fewer providers.");
}

AccountBook::AccountBook(std::vector<Account> accounts) {
  for (Account& account : accounts) {
    Payer owner = account.owner;
    accounts_.emplace(std::move(owner), Held{std::move(account)});
  }
}

const Account* AccountBook::Find(const Payer& owner) const {
  const auto found = accounts_.find(owner);
  return found == accounts_.end() ? nullptr : &found->second.account;
}

Account& AccountBook::Change(const Payer& owner) {
  Held& held = accounts_.at(owner);
  held.changed = true;
  return held.account;
}

void AccountBook::Hold(const Payer& owner, Usd amount) {
  if (!amount.IsZero()) Change(owner).held += amount;
}

void AccountBook::Release(const Payer& owner, Usd amount) {
  if (!amount.IsZero()) Change(owner).held += -amount;
}

LedgerEntry AccountBook::Post(const Payer& owner, LedgerEntry entry) {
  Account& account = Change(owner);
  const Posting posting = PostWithCarry(-entry.amount, account.carry);
  account.carry = posting.carry;
  account.posted += entry.amount;
  entry.account_id = account.id;
  entry.owner_id = owner.id;
  entry.cents = posting.cents;
  entry.balance_after = account.posted;
  return entry;
}

bool AccountBook::SetPolicy(const Payer& owner, bool debt_allowed, Usd credit_limit) {
  const Account* account = Find(owner);
  if (!debt_allowed && account->posted - account->held + credit_limit < Usd()) return false;
  Account& changed = Change(owner);
  changed.debt_allowed = debt_allowed;
  changed.credit_limit = credit_limit;
  return true;
}

std::vector<const Account*> AccountBook::Changed() const {
  std::vector<const Account*> changed;
  for (const auto& [owner, held] : accounts_) {
    if (held.changed) changed.push_back(&held.account);
  }
  return changed;
}

Payer PayerOf(const AccountBook& book, const std::string& user_id,
              const std::optional<std::string>& tenant_id, bool user_pays) {
  if (tenant_id && !user_pays) {
    Payer tenant{"tenant", *tenant_id};
    if (book.Find(tenant) != nullptr) return tenant;
  }
  return {"user", user_id};
}

}  // namespace byok
