#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace byok {

constexpr std::size_t kMinApiKeySize = 8;
constexpr std::size_t kMaxApiKeySize = 4096;

/// Whether the bytes may be stored and sent as a provider's key: 8 to 4096 bytes of 0x21…0x7E (CR
/// or LF in a header value would inject headers), no administrator's key (sk-ant-admin…,
/// sk-admin-…), not our own mask ("…AbCd" pasted back from a list). 22023 names the reason and the
/// position, never a byte.
Status CheckApiKey(std::string_view key);

/// The usual look of that provider's keys, when this one looks different; a warning, never a
/// refusal: formats change. E.g. `keys of "anthropic" usually begin with "sk-ant-"`.
std::optional<std::string> UnusualShape(std::string_view provider, std::string_view key);

/// What lists may show: "…" and the last 4 characters of a key of at least 24, else "…".
std::string KeyHint(std::string_view key);

}  // namespace byok
