#include "pg/estimate.hpp"

#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/price_tables.hpp"
#include "pg/raise.hpp"

#include "dispatch/estimate.hpp"

namespace byok::pg {

const char* EstimateJson(const Extension& extension, AskDraft* draft) {
  RunCore([draft] { return draft->RequireKeys(); });
  const TimestampTz now = GetCurrentTimestamp();
  auto* loaded = NewInContext<LoadedPrices>(CurrentMemoryContext);
  LoadPrices(extension, Parameter{}, now, loaded);
  RunCore([=] {
    const PriceBook book = BookOf(*loaded);
    draft->result_json = Estimate(draft->order, book, PriceTimeOf(now)).Dump();
    return Status();
  });
  return draft->result_json.c_str();
}

}  // namespace byok::pg
