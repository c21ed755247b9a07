#pragma once

#include <vector>

#include "billing/price_table.hpp"

#include "pg/statement.hpp"

namespace byok::pg {

/// What pricing a request takes, as values.
struct LoadedPrices {
  std::vector<PriceRow> rows;
  std::vector<ModelAlias> aliases;
  std::vector<PricingRule> rules;
};

/// Reads prices, aliases and rules of these providers (text[]) that are in force at `at` or later.
void LoadPrices(const Extension& extension, const Parameter& providers, TimestampTz at,
                LoadedPrices* prices);

}  // namespace byok::pg
