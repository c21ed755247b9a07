#pragma once

#include <vector>

#include "billing/price_table.hpp"
#include "billing/rule_table.hpp"

#include "pg/statement.hpp"

#include "dispatch/job.hpp"

namespace byok::pg {

/// What pricing a request takes, as values.
struct LoadedPrices {
  std::vector<PriceRow> rows;
  std::vector<ModelAlias> aliases;
  std::vector<PricingRule> rules;
};

/// Reads prices, aliases and rules of these providers (text[]; null = all) that are in force at
/// `at` or later.
void LoadPrices(const Extension& extension, const Parameter& providers, TimestampTz at,
                LoadedPrices* prices);

/// Its rows move.
PriceBook BookOf(LoadedPrices& loaded);

/// The server's clock as prices see it.
PriceTime PriceTimeOf(TimestampTz at);

}  // namespace byok::pg
