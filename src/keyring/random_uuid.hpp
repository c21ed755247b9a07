#pragma once

#include "base/encoding.hpp"
#include "base/result.hpp"

namespace byok {

/// A version 4 UUID (RFC 9562 §5.4) from the private random generator; kInternal without
/// randomness.
Result<Uuid> RandomUuid();

}  // namespace byok
