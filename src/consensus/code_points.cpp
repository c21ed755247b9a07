#include "consensus/code_points.hpp"

namespace byok {
namespace {

/// Closed ranges of characters.
struct Range {
  char32_t first, last;
};

/// From U+00C0 on, what is no letter.
constexpr Range kNoLetters[] = {
    {0x00D7, 0x00D7}, {0x00F7, 0x00F7}, {0x2000, 0x20FF}, {0x2103, 0x2103},    {0x2109, 0x2109},
    {0x2150, 0x2BFF}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0x30FB, 0x30FB},    {0xFE00, 0xFE6F},
    {0xFF00, 0xFF20}, {0xFF5B, 0xFF65}, {0xFFFD, 0xFFFD}, {0x1F000, 0x10FFFF},
};

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

bool IsLetter(char32_t character) {
  if (character < 0xC0) return character == 0xAA || character == 0xB5 || character == 0xBA;
  for (const Range& range : kNoLetters) {
    if (range.first <= character && character <= range.last) return false;
  }
  return true;
}

char32_t ToLower(char32_t character) {
  if (0x0391 <= character && character <= 0x03A9) return character + 32;
  if (0x0410 <= character && character <= 0x042F) return character + 32;
  if (0x0400 <= character && character <= 0x040F) return character + 80;
  return character;
}

}  // namespace wide

}  // namespace byok
