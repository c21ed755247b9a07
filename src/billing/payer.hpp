#pragma once

#include <compare>
#include <string>

namespace byok {

/// Whom the platform charges: the owner of an account.
struct Payer {
  std::string kind;  ///< "user" or "tenant"
  std::string id;
  auto operator<=>(const Payer&) const = default;
};

}  // namespace byok
