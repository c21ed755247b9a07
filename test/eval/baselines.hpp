#pragma once

#include <string_view>
#include <vector>

#include "figures.hpp"

namespace byok::eval {

/// A plain measure of likeness, as others use it: the three pair scores of a triad in [0, 1].
struct Baseline {
  std::string_view name;
  std::vector<double> (*pairs)(const std::vector<std::string>& answers);
};
/// Exact match, word Jaccard, trigram Jaccard (as pg_trgm), ROUGE-L, TF-IDF cosine.
const std::vector<Baseline>& Baselines();

/// The medoid of the answers that are there, by the baseline's scores; confidence is its mean
/// support.
Outcome OutcomeOf(const Baseline& baseline, const Triad& triad);

}  // namespace byok::eval
