#pragma once

#include "pg/ask_draft.hpp"
#include "pg/entry.hpp"
#include "pg/gate.hpp"

namespace byok::pg {

/// LOAD, as all forms of asking share it.

/// Who asks for whom, checked: the caller's capability and the identity it may act for.
struct Asking {
  Extension extension;
  Caller caller;
  Identity who;
};
/// Gate before spend: read-only, recovery, parallel mode, restricted operations, capability,
/// identity. `function` is named in refusals.
Asking BeginAsking(const Extension& extension, const char* function, const char* user_id,
                   const char* tenant_id);

/// A draft of one question with its keys, in the current memory context.
AskDraft* DraftQuestion(const Asking& asking, const char* prompt, const char* options);

/// ASK and SETTLE by the router, and the result as UTF-8 JSON text in the draft.
void Ask(AskDraft* draft);

}  // namespace byok::pg
