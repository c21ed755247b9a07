#include "pg/raise.hpp"

#include <cstring>

#include "pg/pg.hpp"

namespace byok::pg {
namespace {

int PackedSqlState(StatusCode code) {
  const std::string_view state = SqlState(code);
  return MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
}

/// A palloc'd copy in the server's encoding; nullptr for an empty text or when memory is out.
const char* CopyText(const std::string& text) noexcept {
  if (text.empty()) return nullptr;
  auto* copy = static_cast<char*>(palloc_extended(text.size() + 1, MCXT_ALLOC_NO_OOM));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

Raised Capture(const Status& status) noexcept {
  Raised raised{true, status.code(), CopyText(status.message()), CopyText(status.detail()),
                CopyText(status.hint())};
  return raised.message == nullptr ? CaptureOutOfMemory() : raised;
}

Raised CaptureOutOfMemory() noexcept {
  return {true, StatusCode::kUnavailable, "out of memory"};
}

Raised CaptureUnexpected() noexcept {
  return {true, StatusCode::kInternal, "unexpected error in pg_byok"};
}

void Raise(const Raised& raised) {
  const auto local = [](const char* text) {
    return text == nullptr ? nullptr
                           : pg_any_to_server(text, static_cast<int>(strlen(text)), PG_UTF8);
  };
  const char* message = local(raised.message);
  const char* detail = local(raised.detail);
  const char* hint = local(raised.hint);
  ereport(ERROR, (errcode(PackedSqlState(raised.code)), errmsg("%s", message),
                  detail == nullptr ? 0 : errdetail("%s", detail),
                  hint == nullptr ? 0 : errhint("%s", hint), errhidestmt(true)));
  pg_unreachable();
}

void Raise(StatusCode code, const char* message, const char* detail, const char* hint) {
  Raise(Raised{true, code, message, detail, hint});
}

}  // namespace byok::pg
