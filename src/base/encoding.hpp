#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace byok {

/// Lower-case hexadecimal.
std::string ToHex(ByteView bytes);
/// Either case; nothing on an odd length or any other character.
std::optional<Bytes> FromHex(std::string_view text);

/// RFC 4648 §4 base64 with or without its padding; nothing on blanks, line breaks, other characters
/// or non-zero trailing bits, so every byte string has exactly one spelling per padding.
std::optional<Bytes> FromBase64(std::string_view text);
std::string ToBase64(ByteView bytes);

/// Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsValidUtf8(std::string_view text);
/// Every byte that is not part of well-formed UTF-8, and every NUL, replaced by U+FFFD:
/// what PostgreSQL's text can hold.
std::string ToPrintableUtf8(std::string_view text);

/// 128 bits printed as 8-4-4-4-12 hexadecimal digits (RFC 9562).
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<Uuid> Parse(std::string_view text);
  [[nodiscard]] std::string ToString() const;
  auto operator<=>(const Uuid&) const = default;
};

}  // namespace byok
