#include "pg/log_hygiene.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "router/redact.hpp"

#include "pg/pg.hpp"

namespace byok::pg {
namespace {

emit_log_hook_type previous_hook = nullptr;

/// The statement that a function of ours asked to withhold: where its text lies and when it began.
/// The text itself is never looked at again.
const char* withheld_statement = nullptr;
TimestampTz withheld_since = 0;

bool IsWithheld(const char* statement) {
  return statement == withheld_statement && GetCurrentStatementStartTimestamp() == withheld_since;
}

/// A masked copy when there was something to mask, else nullptr. Never raises: it runs inside error
/// reporting.
char* MaskedCopy(const char* text) noexcept {
  if (text == nullptr) return nullptr;
  try {
    const std::string masked = MaskKeyPatterns(text);
    if (masked == text) return nullptr;
    auto* copy = static_cast<char*>(palloc_extended(masked.size() + 1, MCXT_ALLOC_NO_OOM));
    if (copy != nullptr) memcpy(copy, masked.c_str(), masked.size() + 1);
    return copy;
  } catch (...) {
    return nullptr;
  }
}

void Mask(char*& text) noexcept {
  if (char* masked = MaskedCopy(text)) text = masked;
}

bool HoldsKey(const char* statement) noexcept {
  if (statement == nullptr) return false;
  return IsWithheld(statement) || MaskedCopy(statement) != nullptr;
}

void MaskMessage(ErrorData* message) {
  Mask(message->message);
  Mask(message->detail);
  Mask(message->detail_log);
  Mask(message->hint);
  Mask(message->context);
  Mask(message->internalquery);
  if (HoldsKey(debug_query_string)) message->hide_stmt = true;
  if (debug_query_string != nullptr && IsWithheld(debug_query_string)) {
    // A key without a known pattern may stand in a statement inside the statement.
    message->context = nullptr;
    message->internalquery = nullptr;
  }
  if (previous_hook != nullptr) previous_hook(message);
}

}  // namespace

void InstallLogHygiene() {
  previous_hook = emit_log_hook;
  emit_log_hook = MaskMessage;
}

void WithholdStatement() {
  withheld_statement = debug_query_string;
  withheld_since = GetCurrentStatementStartTimestamp();
  pgstat_report_activity(STATE_RUNNING, "<withheld by pg_byok: the statement takes a key>");
}

}  // namespace byok::pg
