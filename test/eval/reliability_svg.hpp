#pragma once

#include <string>
#include <vector>

#include "figures.hpp"

namespace byok::eval {

/// Draws how often claims came true (up) against their confidence (right), a circle a bin, its area
/// the number of claims. False when the file cannot be written.
bool WriteReliability(const std::string& path, const std::vector<Claim>& claims);

}  // namespace byok::eval
