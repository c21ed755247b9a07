#pragma once

#include <string_view>

namespace byok::http {

/// Whether a header can be written without breaking out of its line: the name is an RFC 9110 token,
/// every byte of the value is in 0x20…0x7E.
bool IsSafeHeader(std::string_view name, std::string_view value);

/// Whether a header is the transport's own or steers it (framing, routing, connection): never taken
/// from settings.
bool IsReservedHeader(std::string_view name);

/// Header names compare without case (RFC 9110 §5.1).
bool SameHeaderName(std::string_view one, std::string_view other);

}  // namespace byok::http
