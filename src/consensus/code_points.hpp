#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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
constexpr bool IsAsciiLetter(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
}
constexpr char ToAsciiLower(char c) {
  return 'A' <= c && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// ASCII is answered here, inline: it is most of every text.
namespace wide {
CodePoint DecodeAt(std::string_view text, std::size_t at);
void AppendUtf8(char32_t character, std::string& out);
bool IsLetter(char32_t character);
char32_t ToLower(char32_t character);
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

/// Whether the character is part of words. A fixed rule, no locale and no Unicode tables: all that
/// is not punctuation, a symbol or an emoji.
inline bool IsLetter(char32_t character) {
  return character < 0x80 ? IsAsciiLetter(static_cast<char>(character)) : wide::IsLetter(character);
}
/// Lower case of ASCII, Greek and Cyrillic capitals, the only ones left after folding.
inline char32_t ToLower(char32_t character) {
  return character < 0x80 ? static_cast<char32_t>(ToAsciiLower(static_cast<char>(character)))
                          : wide::ToLower(character);
}
/// Scripts written without blanks between words: kana, Han, Thai, Hangul.
constexpr bool IsOfUnspacedScript(char32_t character) {
  return (0x3040 <= character && character <= 0x9FFF) ||
         (0x0E00 <= character && character <= 0x0E7F) ||
         (0xAC00 <= character && character <= 0xD7AF);
}

}  // namespace byok
