#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace byok::http {

/// The parts of an http or https URL that decide where a request goes, as libcurl reads them: the
/// same parser judges the URL and later follows it.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case, no trailing dot, IPv6 in brackets, numeric forms spelt out
  std::uint16_t port = 0;
  bool has_query = false;

  [[nodiscard]] std::string Origin() const;  ///< scheme://host:port
};

/// Refuses (22023) what no provider needs and what hides a destination: user info, fragments, zone
/// ids, other schemes, blanks, control and non-ASCII characters, port 0, more than 2,048 bytes.
/// The error never quotes the URL.
Result<Url> ParseUrl(std::string_view text);

}  // namespace byok::http
