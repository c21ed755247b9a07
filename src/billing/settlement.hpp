#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "billing/price_table.hpp"
#include "billing/rule_table.hpp"

namespace byok {

/// What pricing needs besides the replies, fixed when the request starts.
struct PricingPolicy {
  PriceTime started_at;
  bool estimate_unknown_price = false;  ///< byok.unknown_price = estimate
  std::optional<Usd> max_charge{};      ///< options.max_charge_usd
  Payer payer{};
  bool consensus_only = false;  ///< byok.charge_policy: fewer than two answers are free
  Usd min_charge{};             ///< byok.min_charge_usd
  /// byok.cancel_policy = charge_input, of a request whose caller went: what it sent is charged.
  bool charge_cancelled_input = false;
};
/// Bytes of a request that are counted as one token where only its input is charged: about what
/// English text has (OpenAI, "What are tokens and how to count them?"). Never above the bound,
/// which counts every byte.
constexpr std::int64_t kBytesPerToken = 4;

/// The upper bound of one leg's charge before it is asked.
struct LegBound {
  std::string provider, model;
  std::optional<Usd> cost;  ///< nothing: the price is unknown
  /// 0 for a BYOK leg without a fee; nothing: price or rule unknown.
  std::optional<Usd> charge;
  bool partly_priced = false;  ///< the price is unknown only for some sizes or times
  bool platform_paid = false;  ///< it may be asked with the platform's key: byok.min_charge_usd
  /// The most tokens an answer's usage may claim and be believed; nothing = any.
  std::optional<std::int64_t> max_input_tokens{};
  std::optional<std::int64_t> max_output_tokens{};
};
/// What providers may add to a request by themselves (templates, tools), in tokens each way: usage
/// that claims more than was sent and allowed plus this is no measurement.
constexpr std::int64_t kTokenSlack = 4096;
/// A request that could cost this much is refused: whole cents of it would not fit the ledger's
/// integer.
constexpr Usd kMaxRequest = Usd::FromUnits(Usd::Units{10'000'000} * 1'000'000'000'000);
/// What bounds a leg besides its prices.
struct LegTerms {
  KeySource source = KeySource::kSystemKey;
  Payer payer;
  std::size_t request_bytes = 0;
  std::int64_t max_tokens = 0;
  std::int64_t started_at = 0, deadline_at = 0;  ///< unix microseconds
};
/// Input tokens are bounded by the bytes sent (a token covers at least one), output by
/// `max_tokens`.
LegBound BoundLeg(const PriceTable& prices, const RuleTable& rules, const ProviderConfig& provider,
                  const LegTerms& terms);
/// Refuses (P0402) before anything is spent: a leg that is to be charged, without price or rule
/// (unless estimating and no `max_charge` has to be kept), or a sum of bounds over `max_charge`.
/// DETAIL has the figures. `sources` are those of the bounds, in the same order.
Status CheckBounds(const std::vector<LegBound>& bounds, const std::vector<KeySource>& sources,
                   const PricingPolicy& policy);

/// byok.min_charge_usd, as far as max_charge_usd lets it.
Usd LeastCharge(const PricingPolicy& policy);
/// The most a request of these legs can be charged when they are asked; an unknown charge counts
/// nothing.
Usd MostCharged(const std::vector<LegBound>& bounds, const PricingPolicy& policy);
/// Refuses (P0402) a leg of unknown charge even when estimating: for who pays out of something that
/// ends, prepaid credit or a budget, and cannot know that it does.
Status CheckPriced(const std::vector<LegBound>& bounds);

/// The unit prices of a call, as they were when it was made: rates of model_prices, terms of
/// pricing_rules. They stay with the call, so that its bill can be checked without those tables.
struct UnitPrices {
  Rates rates;
  std::optional<Factor> markup;  ///< of a platform-paid call that was charged by a rule
  Usd flat;
  std::optional<Factor> fee;  ///< of a BYOK call that was charged by a rule
};

/// One attempt with its money: a row of key_usage_log and, for a system_key call that cost the
/// platform, one of platform_api_usage.
struct SettledCall {
  std::string provider, model;  ///< the returned model
  Purpose purpose = Purpose::kAnswer;
  int attempt = 1;
  KeySource key_source = KeySource::kSystemKey;
  std::optional<Uuid> key_id;
  CallState state = CallState::kUnknown;
  std::optional<ErrorReason> error;
  std::optional<Usage> usage;
  std::optional<Usd> cost;  ///< what the provider takes; nothing: unknown price of a BYOK call
  bool estimated = false;   ///< cost is the bound, not the bill; 0 where there is no bound either
  Usd charge;
  std::optional<std::int64_t> price_id, rule_id;
  std::optional<UnitPrices> unit_prices;  ///< nothing unless cost is actual or input is charged
  http::Milliseconds latency{0};
  int http_status = 0;
  std::string provider_request_id;
};

struct Settlement {
  std::vector<SettledCall> calls;
  Usd charge;         ///< of the calls, and the surcharge
  Usd surcharge;      ///< what byok.min_charge_usd adds
  Usd platform_cost;  ///< of system_key calls
  bool estimated = false;
  std::string description;  ///< "Triangle query (1 user key, 2 system keys)"
};

/// Prices what happened. Never fails: what cannot be priced is booked at its bound and flagged
/// `estimated`. An answered call on a platform key is charged its actual cost × markup + flat, one
/// on a key of the payer's own its actual cost × fee, 0 unless a rule says otherwise; an estimate
/// and any other outcome charge the user nothing, but for `charge_cancelled_input`: a cancelled
/// call on a platform key is charged its estimated input × markup. `bounds` are those of the legs,
/// in the same order.
Settlement Settle(const std::vector<LegResult>& legs, const std::vector<LegBound>& bounds,
                  const PriceTable& prices, const RuleTable& rules, const PricingPolicy& policy);

/// The seed's words: counts of tenant, user and system keys in that order, zero groups left out,
/// "s" unless 1.
std::string DescribeKeys(const std::vector<KeySource>& sources);

/// A call as an object with the column names of key_usage_log.
Json CallToJson(const SettledCall& call);
/// The `charge` member of results: amount_usd, api_cost_usd {provider}, by_provider {provider},
/// estimated.
Json ChargeToJson(const Settlement& settlement);

}  // namespace byok
