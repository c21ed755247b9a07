// The SQL surface of budgets: set_budget.

#include "base/usd.hpp"

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
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

const char* OneOf(const char* value, const char* name, const char* first, const char* second) {
  if (strcmp(value, first) == 0 || strcmp(value, second) == 0) return value;
  Raise(StatusCode::kInvalidArgument, psprintf("%s \"%s\" is not known", name, value), nullptr,
        psprintf("It is \"%s\" or \"%s\".", first, second));
}

/// nullptr for NULL, which takes the budget away.
const char* LimitArgument(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return nullptr;
  const char* text = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(index)));
  RunCore([=] {
    const auto amount = Usd::Parse(text);
    return amount && *amount >= Usd()
               ? Status()
               : Status::InvalidArgument("limit_usd must be an amount in US dollars")
                     .WithDetail("Not negative, at most 12 decimals, below 100,000,000.");
  });
  return text;
}

void RequireProvider(const Extension& extension, const char* provider) {
  const Parameter name = TextParameter(provider);
  Execute(known_provider, extension, &name, false);
  if (SPI_processed == 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("provider \"%s\" is not known", provider));
  }
}

}  // namespace

BYOK_SQL_FUNCTION(byok_set_budget) {
  PreventCommandIfReadOnly("set_budget()");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kBillingAdmin | kAdmin, "set budgets");
  const char* owner_id = OptionalId(fcinfo, 0, "owner_id");
  if (owner_id == nullptr) Raise(StatusCode::kNullArgument, "owner_id must not be null");
  const char* limit = LimitArgument(fcinfo, 1);
  const char* period = OneOf(RequiredText(fcinfo, 2, "period"), "period", "day", "month");
  const char* provider = OptionalId(fcinfo, 3, "provider");
  const char* kind = OneOf(RequiredText(fcinfo, 4, "owner_kind"), "owner_kind", "user", "tenant");
  const OwnerSection section = BeginOwnerSection(extension);
  if (provider != nullptr) RequireProvider(extension, provider);
  const Parameter parameters[] = {TextParameter(kind),
                                  TextParameter(owner_id),
                                  TextParameter(provider == nullptr ? "" : provider),
                                  TextParameter(period),
                                  limit == nullptr ? Parameter{} : NumericParameter(limit),
                                  TextParameter(caller.role_name)};
  Execute(limit == nullptr ? drop_budget : put_budget, extension, parameters, false);
  EndOwnerSection(section);
  PG_RETURN_VOID();
}

}  // namespace byok::pg
