#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace byok {

/// Why an operation failed. One code is one SQLSTATE for the SQL user (status.cpp). A provider that
/// fails is not a Status but data: see router/leg.hpp.
enum class StatusCode {
  kOk,
  /// The caller's argument is wrong whatever the state of the database (22023).
  kInvalidArgument,
  /// A NULL where a value is required (22004). Prefer this to kInvalidArgument for NULLs only.
  kNullArgument,
  /// No key in any tier, or a key id nobody stored (42704).
  kKeyNotFound,
  /// The caller may not do this, or not for that identity (42501).
  kPermissionDenied,
  /// A sealed record does not open: wrong master key, moved or altered (39000).
  kUnauthentic,
  /// The server is not set up for this yet, e.g. no master key is loaded (55000).
  kMisconfigured,
  /// A resource of the server is used up (53000).
  kUnavailable,
  /// Fewer answers than the caller asked for (08006).
  kNoAnswer,
  /// Credit, `max_charge_usd` or an unknown price forbids the call (P0402).
  kPaymentRequired,
  /// The option is part of the contract but not of this release (0A000).
  kNotSupported,
  /// Another transaction holds a lock that is needed now (55P03).
  kLocked,
  /// The caller cancelled it before it was asked (57014).
  kCancelled,
  /// Cannot happen (XX000).
  kInternal,
  /// Two rows of a price list would hold at the same moment (23P01). Last: the numbers before it
  /// cross between processes.
  kOverlap,
};

/// The five characters of a code's SQLSTATE.
std::string_view SqlState(StatusCode code);
/// The reverse; kInternal for any other text.
StatusCode CodeOfSqlState(std::string_view sqlstate);

/// A failure with the three texts PostgreSQL shows: what and why, the facts, the cure.
/// Never holds a secret: whatever is put here may be logged and sent to the client.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status InvalidArgument(std::string message) {
    return {StatusCode::kInvalidArgument, std::move(message)};
  }
  static Status Internal(std::string message) {
    return {StatusCode::kInternal, std::move(message)};
  }

  /// Full sentences with the facts.
  Status&& WithDetail(std::string detail) && {
    detail_ = std::move(detail);
    return std::move(*this);
  }
  /// A full sentence with the cure.
  Status&& WithHint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }

  [[nodiscard]] bool ok() const { return code_ == StatusCode::kOk; }
  [[nodiscard]] StatusCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::string detail_;
  std::string hint_;
};

}  // namespace byok
