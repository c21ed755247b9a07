#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

struct sockaddr;

namespace byok::http {

/// The origin of a provider's base URL as keys are bound to it: `scheme://host:port`, lower case,
/// the port always written, no trailing dot, IPv6 in brackets. `HTTPS://API.OpenAI.com/v1` is
/// `https://api.openai.com:443`. Refuses (22023) user info, fragments, queries, other schemes than
/// http and https, control or non-ASCII characters, port 0.
Result<std::string> OriginOf(std::string_view url);

/// Whether a key may travel there: https always, http only for an origin with `allow_private`.
bool SchemeAllowed(std::string_view origin, bool allow_private);

/// Whether an address is one of the private, loopback, link-local, multicast or reserved ranges
/// that requests go to only with `allow_private` (RFC 6890 and successors; v4-mapped, NAT64 and
/// 6to4 forms too). Judged on the socket address, never on the URL's text: `2130706433` is
/// 127.0.0.1.
bool IsPrivateAddress(const sockaddr* address);

}  // namespace byok::http
