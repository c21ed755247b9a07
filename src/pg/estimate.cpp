#include "pg/estimate.hpp"

#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/price_tables.hpp"
#include "pg/raise.hpp"
#include "pg/router_books.hpp"

#include "dispatch/estimate.hpp"

namespace byok::pg {

const char* EstimateJson(const Extension& extension, AskDraft* draft) {
  RunCore([draft] { return draft->RequireKeys(); });
  const TimestampTz now = GetCurrentTimestamp();
  auto* loaded = NewInContext<LoadedPrices>(CurrentMemoryContext);
  LoadPrices(extension, Parameter{}, now, loaded);
  auto* owners = NewInContext<std::vector<Payer>>(CurrentMemoryContext);
  auto* books = NewInContext<Books>(CurrentMemoryContext);
  RunCore([=] {
    *owners = OwnersOf(draft->order);
    return Status();
  });
  const OwnerSection section = BeginOwnerSection(extension);
  LoadAccounts(extension, *owners, books);
  EndOwnerSection(section);
  RunCore([=] {
    const PriceBook book = BookOf(*loaded);
    const PricingPolicy pricing = {
        .started_at = PriceTimeOf(now),
        .max_charge = draft->order.options.max_charge,
        .payer = PayerOf(books->accounts, draft->order.user_id, draft->order.tenant_id,
                         settings.payer == kUserPays),
        .min_charge = Usd::Parse(settings.min_charge_usd).value_or(Usd())};
    draft->result_json = Estimate(draft->order, book, pricing).Dump();
    return Status();
  });
  return draft->result_json.c_str();
}

}  // namespace byok::pg
