#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "base/usd.hpp"
#include "billing/payer.hpp"

namespace byok {

/// One row of credit_accounts.
struct Account {
  std::int64_t id = 0;
  Payer owner{};
  Usd posted{};  ///< the ledger's balance; negative = owed
  Usd held{};    ///< open holds
  Usd carry{};   ///< charged and below a cent: 0 ≤ carry < 0.01
  Usd credit_limit{};
  bool debt_allowed = true;
  std::int64_t version = 0;

  [[nodiscard]] Usd Available() const { return posted - held + credit_limit; }
};

/// A row of the ledger to be written. Its account's figures are already moved.
struct LedgerEntry {
  std::int64_t account_id = 0;
  std::string owner_id{};
  std::string type{};
  std::string description{};
  Json metadata = Json::MakeObject();
  std::string contra = "platform:revenue";
  Usd amount{};  ///< negative for a charge
  std::int64_t cents = 0;
  Usd balance_after{};
  std::optional<std::string> request_id{};
  std::optional<std::int64_t> reverses_id{}, credit_request_id{};
  std::optional<std::string> idempotency_key{};
};

/// No balance goes further from zero than this: the ledger's numeric(20,12) holds it with room for
/// what providers report beyond the holds.
constexpr Usd kMostBalance = Usd::FromUnits(Usd::Units{50'000'000} * 1'000'000'000'000);
/// P0402 unless the account lets `amount` be put aside: it may go into debt, or the amount fits
/// what is available, and the debt stays within kMostBalance. DETAIL says balance and need, HINT
/// how to top up.
Status CheckCredit(const Account& account, Usd amount);

/// The accounts one transaction works on, as it read them, and what it does to them. A value: a
/// transaction that is rolled back is done again with what it reads then.
class AccountBook {
 public:
  AccountBook() = default;
  explicit AccountBook(std::vector<Account> accounts);

  /// nullptr: the owner has no account.
  [[nodiscard]] const Account* Find(const Payer& owner) const;

  // Of an owner who has an account:
  void Hold(const Payer& owner, Usd amount);
  void Release(const Payer& owner, Usd amount);
  /// Moves the balance by `entry.amount` and fills in account_id, owner_id, cents, balance_after
  /// and the carry that is left. Whole cents posted and carry always sum up to the exact amounts.
  LedgerEntry Post(const Payer& owner, LedgerEntry entry);
  /// False when the account would be ahead of its holds and credit: it stays as it was.
  bool SetPolicy(const Payer& owner, bool debt_allowed, Usd credit_limit);

  /// Those that were moved, each once.
  [[nodiscard]] std::vector<const Account*> Changed() const;

 private:
  struct Held {
    Account account;
    bool changed = false;
  };
  Account& Change(const Payer& owner);
  std::map<Payer, Held> accounts_;
};

/// Who pays for a query: the tenant when it has an account, else the user.
Payer PayerOf(const AccountBook& book, const std::string& user_id,
              const std::optional<std::string>& tenant_id, bool user_pays);

}  // namespace byok
