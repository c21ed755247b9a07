#include "consensus/code_points.hpp"

#include <algorithm>

namespace byok {
namespace {

/// RFC 3629, section 4: what the second byte of a sequence may be, by the first.
struct Lead {
  std::size_t size;  // 0: no first byte
  unsigned char second_from, second_to;
};

constexpr Lead LeadOf(unsigned char byte) {
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {4, 0x80, 0xBF};
}

constexpr bool IsContinuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

}  // namespace

CodePoint DecodeBefore(std::string_view text, std::size_t at) {
  for (std::size_t size = 1; size <= 4 && size <= at; ++size) {
    const CodePoint found = DecodeAt(text, at - size);
    if (found.size == size && found.value != kReplacementCharacter) return found;
  }
  return {};
}

namespace wide {

CodePoint DecodeAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const Lead lead = LeadOf(byte(0));
  if (lead.size == 0 || text.size() - at < lead.size) return {};
  if (byte(1) < lead.second_from || byte(1) > lead.second_to) return {};
  char32_t value = byte(0) & (0x7F >> lead.size);
  for (std::size_t i = 1; i < lead.size; ++i) {
    if (!IsContinuation(byte(i))) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  return {value, lead.size};
}

void AppendUtf8(char32_t character, std::string& out) {
  const auto trail = [character](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3F));
  };
  if (character < 0x800) {
    out += {static_cast<char>(0xC0 | character >> 6), trail(0)};
  } else if (character < 0x10000) {
    out += {static_cast<char>(0xE0 | character >> 12), trail(6), trail(0)};
  } else {
    out += {static_cast<char>(0xF0 | character >> 18), trail(12), trail(6), trail(0)};
  }
}

}  // namespace wide

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsInsideCharacter(c); }));
}

}  // namespace byok
