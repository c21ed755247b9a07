#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include "dispatch/job.hpp"

namespace byok {

/// What an order would cost at most, asking nobody and opening no key: {"key_sources": {provider:
/// tier or null}, "max_charge_usd": bound of the charge, null when a price is unknown,
/// "by_provider": {provider: {"key_source", "model", "max_charge_usd", "max_api_cost_usd"}}}.
Json Estimate(const AskOrder& order, const PriceBook& prices, const Payer& payer, PriceTime at);

}  // namespace byok
