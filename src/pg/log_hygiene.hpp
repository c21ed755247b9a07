#pragma once

namespace byok::pg {

/// Keeps key-like texts out of the log and of errors: emit_log_hook masks them in every message of
/// a process that has loaded this library, and hides the text of statements that carry one. A
/// second wall: the first is not to put a key into SQL text (bind parameters). SECURITY.md
/// says what it cannot reach.
void InstallLogHygiene();

/// Called by functions that get a key: blanks the statement in pg_stat_activity and hides it from
/// the log.
void WithholdStatement();

}  // namespace byok::pg
