#include "pg/money_arguments.hpp"

#include "base/usd.hpp"

#include "pg/entry.hpp"
#include "pg/raise.hpp"

namespace byok::pg {

const char* OneOf(const char* value, const char* name, const char* first, const char* second) {
  if (strcmp(value, first) == 0 || strcmp(value, second) == 0) return value;
  Raise(StatusCode::kInvalidArgument, psprintf("%s \"%s\" is not known", name, value), nullptr,
        psprintf("It is \"%s\" or \"%s\".", first, second));
}

Owner OwnerArgument(FunctionCallInfo fcinfo, int id, int kind) {
  const char* owner_id = OptionalId(fcinfo, id, "owner_id");
  if (owner_id == nullptr) Raise(StatusCode::kNullArgument, "owner_id must not be null");
  return {OneOf(RequiredText(fcinfo, kind, "owner_kind"), "owner_kind", "user", "tenant"),
          owner_id};
}

const char* AmountArgument(FunctionCallInfo fcinfo, int index, const char* name) {
  if (PG_ARGISNULL(index)) return nullptr;
  const char* text = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(index)));
  RunCore([=] {
    const auto amount = Usd::Parse(text);
    return amount && *amount >= Usd()
               ? Status()
               : Status::InvalidArgument(std::string(name) + " must be an amount in US dollars")
                     .WithDetail("Not negative, at most 12 decimals, below 100,000,000.");
  });
  return text;
}

const char* RequiredAmount(FunctionCallInfo fcinfo, int index, const char* name) {
  const char* text = AmountArgument(fcinfo, index, name);
  if (text == nullptr) Raise(StatusCode::kNullArgument, psprintf("%s must not be null", name));
  return text;
}

}  // namespace byok::pg
