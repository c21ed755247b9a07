#pragma once

#include "pg/pg.hpp"

namespace byok::pg {

/// Declares a SQL-callable function and begins its definition. Its C symbol is exported; all else
/// is hidden. The body is the server's world: no object with a destructor on its stack, core calls
/// inside RunCore.
#define BYOK_SQL_FUNCTION(name)                    \
  extern "C" {                                     \
  extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
  PG_FUNCTION_INFO_V1(name);                       \
  }                                                \
  extern "C" Datum name(PG_FUNCTION_ARGS)

/// The argument in UTF-8, palloc'd; nullptr for NULL.
const char* TextArgument(FunctionCallInfo fcinfo, int index);
/// The same, refusing NULL with 22004 `<name> must not be null`.
const char* RequiredText(FunctionCallInfo fcinfo, int index, const char* name);
/// RequiredText for a secret: the copy is overwritten when its memory context goes.
const char* RequiredSecret(FunctionCallInfo fcinfo, int index, const char* name);
/// An id: '' and more than 255 bytes are refused with 22023; NULL stays nullptr.
const char* OptionalId(FunctionCallInfo fcinfo, int index, const char* name);
/// A jsonb argument as UTF-8 JSON text; nullptr for NULL.
const char* JsonArgument(FunctionCallInfo fcinfo, int index);
/// A uuid argument printed; refuses NULL with 22004.
const char* RequiredUuid(FunctionCallInfo fcinfo, int index, const char* name);

/// UTF-8 to a text datum in the server's encoding.
Datum TextResult(const char* utf8);
/// UTF-8 JSON text to a jsonb datum.
Datum JsonbResult(const char* utf8);

}  // namespace byok::pg
