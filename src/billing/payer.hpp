#pragma once

#include <string>

namespace byok {

/// The account that is charged for a request.
struct Payer {
  std::string kind;  ///< "user" or "tenant"
  std::string id;
  bool operator==(const Payer&) const = default;
};

}  // namespace byok
