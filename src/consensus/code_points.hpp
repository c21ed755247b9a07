#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "consensus/unicode.hpp"

namespace byok {

/// What stands for a byte that is not valid UTF-8.
constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  char32_t value = kReplacementCharacter;
  std::size_t size = 1;  ///< in bytes
};

constexpr bool IsAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
constexpr bool IsAsciiDigit(char c) {
  return '0' <= c && c <= '9';
}
/// What tells small ASCII letters from capital ones.
constexpr char kCaseBit = 'a' ^ 'A';

constexpr bool IsAsciiLetter(char c) {
  const char low = static_cast<char>(c | kCaseBit);
  return 'a' <= low && low <= 'z';
}
constexpr char ToAsciiLower(char c) {
  const bool is_capital = 'A' <= c && c <= 'Z';
  return static_cast<char>(c | (is_capital ? kCaseBit : 0));
}

/// Whether a byte goes on with a character that began before it.
constexpr bool IsInsideCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}
/// Of a well-formed text.
std::size_t CountCharacters(std::string_view text);

// ASCII is answered here, inline: it is most of every text.
namespace wide {
CodePoint DecodeAt(std::string_view text, std::size_t at);
void AppendUtf8(char32_t character, std::string& out);
}  // namespace wide

/// The character whose first byte is text[at]; at < text.size(). A byte that does not begin a
/// well-formed sequence (RFC 3629) is a U+FFFD of size 1.
inline CodePoint DecodeAt(std::string_view text, std::size_t at) {
  if (IsAscii(text[at])) return {static_cast<char32_t>(text[at]), 1};
  return wide::DecodeAt(text, at);
}
/// The character that ends right before text[at]; U+FFFD when there is none.
CodePoint DecodeBefore(std::string_view text, std::size_t at);

inline void AppendUtf8(char32_t character, std::string& out) {
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else {
    wide::AppendUtf8(character, out);
  }
}

inline void AppendUtf16(char32_t character, std::u16string& out) {
  if (character < 0x10000) {
    out += static_cast<char16_t>(character);
  } else {
    out += static_cast<char16_t>(0xD7C0 + (character >> 10));
    out += static_cast<char16_t>(0xDC00 | (character & 0x3FF));
  }
}

/// Whether the character is part of words. No locale is asked.
inline bool IsLetter(char32_t character) {
  return character < 0x80 ? IsAsciiLetter(static_cast<char>(character))
                          : unicode::IsLetter(character);
}
inline char32_t ToLower(char32_t character) {
  return character < 0x80 ? static_cast<char32_t>(ToAsciiLower(static_cast<char>(character)))
                          : unicode::ToLower(character);
}
/// Scripts written without blanks between words, or with endings joined to them: kana, Han, Thai,
/// Lao, Burmese, Khmer, Hangul.
constexpr bool IsOfUnspacedScript(char32_t character) {
  return (0x3040 <= character && character <= 0x9FFF) ||
         (0x0E00 <= character && character <= 0x0EFF) ||
         (0x1000 <= character && character <= 0x109F) ||
         (0x1780 <= character && character <= 0x17FF) ||
         (0xAC00 <= character && character <= 0xD7AF) ||
         (0x20000 <= character && character <= 0x3FFFF);
}

}  // namespace byok
