#pragma once

#include "pg/pg.hpp"

namespace byok::pg {

/// Whose account or budget.
struct Owner {
  const char* kind;  ///< "user" or "tenant"
  const char* id;
};
/// The arguments of these places: 22004 for NULL, 22023 for another kind and for an id that is
/// none.
Owner OwnerArgument(FunctionCallInfo fcinfo, int id, int kind);

/// One of two words, 22023 for another.
const char* OneOf(const char* value, const char* name, const char* first, const char* second);

/// An amount in US dollars as decimal text; nullptr for NULL. 22023 for what is negative or
/// numeric(20,12) does not hold.
const char* AmountArgument(FunctionCallInfo fcinfo, int index, const char* name);
/// The same, refusing NULL with 22004.
const char* RequiredAmount(FunctionCallInfo fcinfo, int index, const char* name);

}  // namespace byok::pg
