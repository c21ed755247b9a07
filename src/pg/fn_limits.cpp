// The SQL surface of limits: set_credit_policy, set_budget.

#include "billing/account_book.hpp"

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/money_arguments.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_client.hpp"

#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

constexpr unsigned kSetsLimits = kBillingAdmin | kAdmin;

struct PolicyDraft {
  std::string message;
  std::string nobodys_request;  ///< "": setting it twice is setting it
  AskReply reply;
};

}  // namespace

BYOK_SQL_FUNCTION(byok_set_credit_policy) {
  PreventSpending("set_credit_policy()");
  RequireCapability(LookUpCaller(ExtensionOf(fcinfo)), kSetsLimits, "change credit policies");
  constexpr long kPatienceMs = 10'000;
  const Owner owner = OwnerArgument(fcinfo, 0, 3);
  if (PG_ARGISNULL(1)) Raise(StatusCode::kNullArgument, "debt_allowed must not be null");
  const bool debt_allowed = PG_GETARG_BOOL(1);
  const char* limit = RequiredAmount(fcinfo, 2, "credit_limit_usd");
  auto* draft = NewInContext<PolicyDraft>(CurrentMemoryContext);
  RunCore([=] {
    draft->message = EncodePolicy({.owner_kind = owner.kind,
                                   .owner_id = owner.id,
                                   .debt_allowed = debt_allowed,
                                   .credit_limit = Usd::Parse(limit).value_or(Usd())});
    return Status();
  });
  AskRouter(draft->message, draft->nobodys_request, kPatienceMs, &draft->reply);
  RunCore([draft] { return draft->reply.status; });
  PG_RETURN_VOID();
}

namespace {

Statement put_budget = {R"(
  INSERT INTO @s@.budgets AS b (owner_kind, owner_id, provider, period, limit_usd, set_by)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (owner_kind, owner_id, provider, period)
  DO UPDATE SET limit_usd = excluded.limit_usd, set_by = excluded.set_by, set_at = pg_catalog.clock_timestamp())",
                        6,
                        {TEXTOID, TEXTOID, TEXTOID, TEXTOID, NUMERICOID, TEXTOID}};

Statement drop_budget = {R"(
  DELETE FROM @s@.budgets b WHERE (b.owner_kind, b.owner_id, b.provider, b.period) = ($1, $2, $3, $4))",
                         4,
                         {TEXTOID, TEXTOID, TEXTOID, TEXTOID}};

Statement known_provider = {"SELECT FROM @s@.providers WHERE name = $1", 1, {TEXTOID}};

void RequireProvider(const Extension& extension, const char* provider) {
  const Parameter name = TextParameter(provider);
  Execute(known_provider, extension, &name, false);
  if (SPI_processed == 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("provider \"%s\" is not known", provider));
  }
}

/// Its counter must have room for what providers report beyond their bounds.
Status CheckLimit(const char* limit) {
  if (limit == nullptr || *Usd::Parse(limit) <= kMostBalance) return {};
  return Status::InvalidArgument("limit_usd must not be more than " + kMostBalance.ToString())
      .WithHint("Pass NULL for no limit.");
}

}  // namespace

BYOK_SQL_FUNCTION(byok_set_budget) {
  PreventCommandIfReadOnly("set_budget()");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kSetsLimits, "set budgets");
  const Owner owner = OwnerArgument(fcinfo, 0, 4);
  const char* limit = AmountArgument(fcinfo, 1, "limit_usd");  // NULL takes the budget away
  RunCore([limit] { return CheckLimit(limit); });
  const char* period = OneOf(RequiredText(fcinfo, 2, "period"), "period", "day", "month");
  const char* provider = OptionalId(fcinfo, 3, "provider");
  const OwnerSection section = BeginOwnerSection(extension);
  if (provider != nullptr) RequireProvider(extension, provider);
  const Parameter parameters[] = {TextParameter(owner.kind),
                                  TextParameter(owner.id),
                                  TextParameter(provider == nullptr ? "" : provider),
                                  TextParameter(period),
                                  limit == nullptr ? Parameter{} : NumericParameter(limit),
                                  TextParameter(caller.role_name)};
  Execute(limit == nullptr ? drop_budget : put_budget, extension, parameters, false);
  EndOwnerSection(section);
  PG_RETURN_VOID();
}

}  // namespace byok::pg
