#include "pg/entry.hpp"

#include <cstring>

#include "base/secret.hpp"

#include "pg/raise.hpp"

namespace byok::pg {
namespace {

/// Ids stand in indexes, whose rows are bounded.
constexpr int kMaxIdBytes = 255;

const char* ToUtf8(char* text) {
  return pg_server_to_any(text, static_cast<int>(strlen(text)), PG_UTF8);
}

char* ToServer(const char* utf8) {
  return pg_any_to_server(utf8, static_cast<int>(strlen(utf8)), PG_UTF8);
}

[[noreturn]] void RaiseNull(const char* name) {
  Raise(StatusCode::kNullArgument, psprintf("%s must not be null", name));
}

}  // namespace

const char* TextArgument(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return nullptr;
  return ToUtf8(text_to_cstring(PG_GETARG_TEXT_PP(index)));
}

const char* RequiredText(FunctionCallInfo fcinfo, int index, const char* name) {
  const char* text = TextArgument(fcinfo, index);
  if (text == nullptr) RaiseNull(name);
  return text;
}

const char* RequiredSecret(FunctionCallInfo fcinfo, int index, const char* name) {
  auto* secret = const_cast<char*>(RequiredText(fcinfo, index, name));
  auto* callback = static_cast<MemoryContextCallback*>(palloc0(sizeof(MemoryContextCallback)));
  callback->func = [](void* text) { Wipe(text, strlen(static_cast<char*>(text))); };
  callback->arg = secret;
  MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
  return secret;
}

const char* OptionalId(FunctionCallInfo fcinfo, int index, const char* name) {
  const char* id = TextArgument(fcinfo, index);
  if (id != nullptr && *id == '\0') {
    Raise(StatusCode::kInvalidArgument, psprintf("%s must not be empty", name));
  }
  if (id != nullptr && strlen(id) > kMaxIdBytes) {
    Raise(StatusCode::kInvalidArgument, psprintf("%s is longer than %d bytes", name, kMaxIdBytes));
  }
  return id;
}

const char* JsonArgument(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return nullptr;
  Jsonb* json = PG_GETARG_JSONB_P(index);
  return ToUtf8(JsonbToCString(nullptr, &json->root, VARSIZE(json)));
}

const char* RequiredUuid(FunctionCallInfo fcinfo, int index, const char* name) {
  if (PG_ARGISNULL(index)) RaiseNull(name);
  return DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(index)));
}

Datum TextResult(const char* utf8) {
  return CStringGetTextDatum(ToServer(utf8));
}

Datum JsonbResult(const char* utf8) {
  return DirectFunctionCall1(jsonb_in, CStringGetDatum(ToServer(utf8)));
}

}  // namespace byok::pg
