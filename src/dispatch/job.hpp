#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "billing/account_book.hpp"
#include "billing/budget.hpp"
#include "billing/settlement.hpp"
#include "consensus/triangle_consensus_engine.hpp"
#include "router/multi_provider_router.hpp"

#include "dispatch/extra_call.hpp"
#include "dispatch/order.hpp"

namespace byok {

/// Who waits for a reply: a number the host gives out.
using CallerId = std::uint64_t;
constexpr CallerId kNobody = 0;

/// The price list at one moment; a request keeps the one it began with.
struct PriceBook {
  PriceTable prices;
  RuleTable rules;
};

/// Opens a sealed key of an order. The host's: it knows the master keys and the environment.
using KeyOpener = std::function<Result<Secret>(const AskOrder&, const OrderLeg&, const Candidate&)>;

/// One request in the router process, from its order to its bill.
struct Job {
  AskOrder order;  ///< once asked without its legs, and without the prompt unless it is queued
  CallerId caller = kNobody;
  std::shared_ptr<const PriceBook> prices;
  PricingPolicy pricing;
  http::TimePoint received_at;
  std::vector<LegResult> legs;     ///< in panel order; complete once landed
  std::vector<LegBound> bounds;    ///< per leg; then that of the extra call, if there may be one
  std::vector<std::size_t> asked;  ///< indices into legs, in the order of the Ask's legs
  std::vector<OrderLeg> panel;  ///< with a strategy that may ask once more: its providers, sealed
  std::optional<Consensus> consensus;  ///< of the answers, once such a strategy looked at them
  std::optional<ExtraCall> extra;      ///< what was asked once more
  AskId extra_ask = 0;                 ///< 0 = nothing was
  std::optional<LegResult> extra_result;
  std::string extra_note;       ///< why the strategy's extra call was not made
  bool intended = false;        ///< its INTENT is committed
  bool abandoned = false;       ///< nobody waits any more
  bool ends_cancelled = false;  ///< then its calls are ended, and their input is charged
  bool interrupted = false;     ///< ended by the end of the router
  bool landed = false;
  Settlement settlement;        ///< once landed
  std::int64_t latency_ms = 0;  ///< once landed
  Json result;                  ///< of a queued one, once landed: to be stored
  int failures = 0;             ///< of its commits since the last good one
};

/// Whether its result is kept: somebody may come back for it.
bool IsKept(const Job& job);
/// Whether the result is composed here: it is kept, or rests on an extra call. Else the caller does
/// it, who has the time.
bool IsComposedHere(const Job& job);

/// What is put aside for it before it is sent: the most it can be charged.
Usd HoldOf(const Job& job);

/// Its user, and its tenant if it has one: whose budgets it spends.
std::vector<Payer> OwnersOf(const AskOrder& order);

/// What its budgets count while it runs, leg by leg.
std::vector<Spend> BoundsOf(const Job& job);
/// How that changes with the bill: charges in place of bounds.
std::vector<Spend> ChangesOf(const Job& job);

/// Before its first intents are written: a leg that has none is never asked (its breaker is open),
/// so nothing is put aside for it; what may be asked once more counts to a provider that is.
void ReserveFor(Job& job, std::span<const Intent> intents);
/// A leg's part of the hold, with that of the extra call if it counts to its provider. All legs
/// asked together make the sum of the bounds.
Usd ReservedBy(const Job& job, std::size_t leg);

/// The question of an order, as every provider gets it.
Question QuestionOf(const AskOrder& order);

/// The upper bound of one leg's cost and of its charge to `payer` when it is asked at `at`.
LegBound BoundOf(const ProviderConfig& provider, KeySource source, const Question& question,
                 http::Milliseconds timeout, const PriceBook& prices, const Payer& payer,
                 PriceTime at);

/// A leg that may move to the platform's key is bounded as if it did.
KeySource DearestSource(const Leg& leg);

/// The keys of one leg, opened; the first one's error when it does not open.
Result<Leg> OpenLeg(const KeyOpener& open_key, const AskOrder& order, const OrderLeg& from);

/// Opens the keys of every leg into `ask`; a leg whose key does not open is refused. 39000, 42704
/// or what the opener said, when fewer than min_answers are left and the caller wants errors
/// raised.
Status OpenKeys(const KeyOpener& open_key, Job& job, Ask& ask);

/// Bounds what the ask may cost: P0402 for unknown prices and for more than max_charge_usd.
Status CheckMoney(const Ask& ask, Job& job);

/// The answers are in.
void TakeAnswers(Job& job, std::vector<LegResult> answers);
/// Everything is in: prices it, and composes the result where that is the router's part.
void Land(Job& job, http::TimePoint now);

/// The request's final state by what became of its legs: succeeded, partial, failed, unknown or
/// cancelled (see the column triangle_requests.state).
std::string_view FinalState(const Job& job);

/// Why a landed request is an error for the one who asked; ok when it is a result.
Status ErrorOf(const Job& job);

}  // namespace byok
