#pragma once

#include <vector>

#include "consensus/agreement.hpp"

#include "figures.hpp"

namespace byok::eval {

std::vector<PanelAnswer> PanelOf(const Triad& triad);

/// What the engine says.
Agreement AgreementOf(const Triad& triad);
Outcome OutcomeOf(const Agreement& agreement);

/// What the reference said.
Outcome OutcomeOf(const ReferenceResult& reference);

}  // namespace byok::eval
