#pragma once

#include <cstddef>
#include <optional>

#include <curl/curl.h>

#include "http/message.hpp"

namespace byok::http {

/// A failure before the start. `why` is a text of ours.
Failure Refused(std::string why);

/// Why a request is refused without a connection: its URL, scheme, method, header or key bytes, or
/// a deadline that has passed. Nothing when it may start.
std::optional<Failure> Refusal(const Request& request, TimePoint now);

/// What is known about a transfer that libcurl gave up.
struct Breakdown {
  CURLcode code = CURLE_OK;
  bool answer_began = false;         ///< at least one header line or body byte arrived
  bool headers_too_large = false;    ///< stopped by our cap on headers
  bool body_too_large = false;       ///< stopped by the request's cap on the body
  bool address_refused = false;      ///< a private address of the host was refused
  bool resend_refused = false;       ///< libcurl wanted to send a body again that had begun
  std::size_t given_body_bytes = 0;  ///< of the request's body, to libcurl
  std::size_t request_body_bytes = 0;
  std::size_t max_body_bytes = 0;
};

/// How far the transfer came and what to say about it; the rest of the facts come from the handle.
/// When in doubt whether the request was sent, it was.
Failure Explain(const Breakdown& breakdown, CURL* easy);

inline constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;

}  // namespace byok::http
