#pragma once

#include "pg/ask_draft.hpp"
#include "pg/statement.hpp"

namespace byok::pg {

/// dispatch/estimate with the prices this transaction sees, as UTF-8 JSON text.
const char* EstimateJson(const Extension& extension, AskDraft* draft);

}  // namespace byok::pg
