#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include "dispatch/job.hpp"

namespace byok {

/// What an order would cost at most, asking nobody and opening no key: {"key_sources": {provider:
/// tier or null}, "max_charge_usd": what is held for it, null when a price is unknown,
/// "by_provider": {provider: {"key_source", "model", "max_charge_usd", "max_api_cost_usd"}}}, and
/// with a strategy that may ask once more "extra": {"max_charge_usd", "max_api_cost_usd"}. The
/// whole is more than its parts where byok.min_charge_usd raises it.
Json Estimate(const AskOrder& order, const PriceBook& prices, const PricingPolicy& pricing);

}  // namespace byok
