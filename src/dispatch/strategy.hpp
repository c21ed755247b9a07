#pragma once

#include <optional>

#include "consensus/triangle_answer.hpp"

#include "dispatch/job.hpp"

namespace byok {

/// Whether the strategy may ask once more, about the answers.
bool MayAskAgain(const AskOrder& order);

/// A provider that may be asked once more, with the dearest key it may be asked with.
struct Askable {
  ProviderConfig provider;
  KeySource source;
};
/// The upper bound of that call: the dearest of what these providers would take for it, as which
/// one it will be is not known. It shows at most `answers` answers.
LegBound ExtraBound(const std::vector<Askable>& legs, std::size_t answers, const AskOrder& order,
                    const PriceBook& prices, const PricingPolicy& pricing);

/// The extra call that the strategy wants to make of the answers; nothing when it wants none, or
/// cannot: `job.extra_note` says why. It goes to the first provider that answered, with the key
/// that served it.
std::optional<Ask> PlanExtra(const KeyOpener& open_key, Job& job, http::TimePoint now);

/// The consensus of a job whose answers are in, and of its extra call if it made one: sets
/// consensus, strategy and extra.
void DecideConsensus(const Job& job, TriangleAnswer& answer);

}  // namespace byok
