// The only file that knows ICU.
#include "consensus/unicode.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "consensus/code_points.hpp"

namespace byok::unicode {
namespace {

UChar32 ToIcu(char32_t character) {
  return static_cast<UChar32>(character);
}

/// The text as the normalizer has it; as it was where that fails.
std::u16string Normalize(const UNormalizer2* (*instance)(UErrorCode*), const std::u16string& text) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* const normalizer = instance(&error);
  std::u16string result(text.size() + text.size() / 2 + 8, u'\0');
  const auto size = static_cast<std::int32_t>(text.size());
  const auto run = [&] {
    return unorm2_normalize(normalizer, text.data(), size, result.data(),
                            static_cast<std::int32_t>(result.size()), &error);
  };
  std::int32_t length = U_SUCCESS(error) ? run() : 0;
  if (error == U_BUFFER_OVERFLOW_ERROR) {
    error = U_ZERO_ERROR;
    result.resize(static_cast<std::size_t>(length));
    length = run();
  }
  if (U_FAILURE(error)) return text;
  result.resize(static_cast<std::size_t>(length));
  return result;
}

/// Accents of Latin, Greek and Cyrillic, vowel points of Hebrew, vowel signs of Arabic and the
/// stroke that stretches its words: a text means the same without them.
bool IsDispensable(UChar32 c) {
  return (0x0300 <= c && c <= 0x036F) || (0x0591 <= c && c <= 0x05BD) || c == 0x05BF ||
         (0x05C1 <= c && c <= 0x05C7 && c != 0x05C3 && c != 0x05C6) ||
         (0x0610 <= c && c <= 0x061A) || c == 0x0640 || (0x064B <= c && c <= 0x065F) ||
         c == 0x0670 || (0x06D6 <= c && c <= 0x06ED && c != 0x06DD && c != 0x06DE && c != 0x06E9);
}

/// Letters that Arabic and Persian keyboards and habits write differently.
UChar32 UnifyArabic(UChar32 c) {
  switch (c) {
    case 0x0629:  // teh marbuta: heh
      return 0x0647;
    case 0x0649:  // alef maksura and Farsi yeh: yeh
    case 0x06CC:
      return 0x064A;
    case 0x06A9:  // keheh: kaf
      return 0x0643;
    default:
      return c;
  }
}

/// Calls `visit` with each character.
template <typename Visit>
void ForEachCharacter(const std::u16string& text, Visit visit) {
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U16_NEXT(text.data(), at, size, c);
    visit(c);
  }
}

std::u16string WithoutVariants(const std::u16string& decomposed) {
  std::u16string kept;
  kept.reserve(decomposed.size());
  ForEachCharacter(decomposed, [&kept](UChar32 c) {
    if (!IsDispensable(c)) AppendUtf16(static_cast<char32_t>(UnifyArabic(c)), kept);
  });
  return kept;
}

}  // namespace

bool IsLetter(char32_t character) {
  const UChar32 c = ToIcu(character);
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) != 0 ||
         (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_MC_MASK)) != 0;
}

char32_t ToLower(char32_t character) {
  return static_cast<char32_t>(u_foldCase(ToIcu(character), U_FOLD_CASE_DEFAULT));
}

void AppendPlain(const std::u16string& text, std::string& out) {
  const std::u16string kept = WithoutVariants(Normalize(unorm2_getNFKDInstance, text));
  ForEachCharacter(Normalize(unorm2_getNFCInstance, kept), [&out](UChar32 c) {
    const std::int32_t digit = c < 0x80 ? -1 : u_charDigitValue(c);
    AppendUtf8(static_cast<char32_t>(digit < 0 ? c : '0' + digit), out);
  });
}

}  // namespace byok::unicode
