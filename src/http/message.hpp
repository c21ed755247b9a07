#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.hpp"

namespace byok::http {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Milliseconds = std::chrono::milliseconds;

using Header = std::pair<std::string, std::string>;

struct Request {
  std::string method = "POST";  ///< GET or POST
  std::string url;
  std::vector<Header> headers;  ///< nothing secret
  std::string secret_header;    ///< name of the header that carries the key, e.g. "Authorization"
  Secret secret_value;          ///< its whole value, e.g. "Bearer sk-…"; sent only when not empty
  std::string body;
  TimePoint deadline;                    ///< of the whole transfer, queueing included
  Milliseconds connect_timeout{10'000};  ///< within the deadline
  bool allow_private = false;            ///< plain http and private addresses, for this origin only
  std::size_t max_body_bytes = std::size_t{4} << 20;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;  ///< names in lower case, at most 64 KiB in all
  std::string body;

  /// The first header of that lower-case name; empty when there is none.
  [[nodiscard]] std::string_view HeaderValue(std::string_view name) const;
};

/// How far a transfer came that brought no complete response.
enum class Phase {
  kRefused,  ///< never started: bad URL, scheme or address not allowed, key bytes not allowed
  kResolve,  ///< name resolution
  kConnect,  ///< TCP
  kTls,      ///< handshake or certificate
  kSend,     ///< connected; the request was not written completely
  kWait,     ///< the request was sent, no byte of an answer came
  kReceive,  ///< the answer broke off, was too large or malformed
};
std::string_view PhaseName(
    Phase phase);  ///< "connecting", "waiting for the answer", … for messages

struct Failure {
  Phase phase = Phase::kRefused;
  bool timed_out = false;
  bool too_large = false;
  std::string message;  ///< ours, from a fixed table: never libcurl's, which may quote the URL

  /// Whether the provider may have seen the whole request, and so may bill it.
  [[nodiscard]] bool MayHaveBeenProcessed() const {
    return phase == Phase::kWait || phase == Phase::kReceive;
  }
};

using TransferId = std::uint64_t;

struct Completion {
  TransferId id = 0;
  std::variant<Response, Failure> outcome;
};

}  // namespace byok::http
