#pragma once

#include <new>
#include <type_traits>

#include "base/status.hpp"

namespace byok::pg {

/// A Status in palloc'd memory: what survives until the C++ frames are gone and ereport may jump.
struct Raised {
  bool set = false;
  StatusCode code = StatusCode::kOk;
  const char* message = nullptr;
  const char* detail = nullptr;
  const char* hint = nullptr;
};

Raised Capture(const Status& status) noexcept;
Raised CaptureOutOfMemory() noexcept;
Raised CaptureUnexpected() noexcept;

/// ereport(ERROR) with the SQLSTATE of the code. The statement's text is hidden from the log: it
/// may hold a key or a prompt.
[[noreturn]] void Raise(const Raised& raised);
/// For errors found outside the core; the texts are literals or palloc'd.
[[noreturn]] void Raise(StatusCode code, const char* message, const char* detail = nullptr,
                        const char* hint = nullptr);

/// Runs one step of the core: `step` returns Status, may throw, and calls nothing of the server. An
/// error is raised after the step's objects are destroyed. The step captures by reference only, so
/// the lambda itself has nothing to destroy.
template <typename Step>
void RunCore(Step&& step) {
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<Step>>);
  Raised raised;
  try {
    const Status status = step();
    if (!status.ok()) raised = Capture(status);
  } catch (const std::bad_alloc&) {
    raised = CaptureOutOfMemory();
  } catch (...) {
    raised = CaptureUnexpected();
  }
  if (raised.set) Raise(raised);
}

}  // namespace byok::pg
