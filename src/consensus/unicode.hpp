#pragma once

#include <optional>
#include <string>

namespace byok::unicode {

/// Letters of every script, and the marks that belong to them (vowel signs, tone marks).
bool IsLetter(char32_t character);

/// Lower case, one character for one; ς is σ.
char32_t ToLower(char32_t character);

/// Adds what is left of `text` when spelling variants are taken from it, in UTF-8: presentation and
/// width forms are plain letters, accents and vowel points are gone, decomposed syllables are
/// composed, digits of every script are 0 to 9.
void AppendPlain(const std::u16string& text, std::string& out);

}  // namespace byok::unicode
