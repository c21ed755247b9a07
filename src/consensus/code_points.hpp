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

/// The character whose first byte is text[at]; at < text.size(). A byte that does not begin a
/// well-formed sequence (RFC 3629) is a U+FFFD of size 1.
CodePoint DecodeAt(std::string_view text, std::size_t at);
/// The character that ends right before text[at]; nothing useful (U+FFFD) when at is 0.
CodePoint DecodeBefore(std::string_view text, std::size_t at);
void AppendUtf8(char32_t character, std::string& out);

constexpr bool IsAsciiDigit(char c) {
  return '0' <= c && c <= '9';
}
constexpr bool IsAsciiLetter(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
}
constexpr char ToAsciiLower(char c) {
  return 'A' <= c && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Whether the character is part of words. A fixed rule, no locale and no Unicode tables: all that
/// is not punctuation, a symbol or an emoji.
bool IsLetter(char32_t character);
/// Lower case of ASCII, Greek and Cyrillic capitals, the only ones left after folding.
char32_t ToLower(char32_t character);
/// Scripts written without blanks between words: kana, Han, Thai, Lao, Hangul.
bool IsOfUnspacedScript(char32_t character);

}  // namespace byok
