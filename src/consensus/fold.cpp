#include "consensus/fold.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "consensus/code_points.hpp"
#include "consensus/unicode.hpp"

namespace byok {
namespace {

/// U+00C0–017F: the base letter of the decomposed form, or what a reader takes for one. `_`: not a
/// single letter (Æ æ Œ œ ß) or none (÷).
constexpr char32_t kLatinFirst = 0xC0;
constexpr std::string_view kLatinLetters =
    "AAAAAA_CEEEEIIIIDNOOOOOxOUUUUYT_"
    "aaaaaa_ceeeeiiiidnooooo_ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"
    "GgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlL"
    "lLlNnNnNnnNnOoOoOo__RrRrRrSsSsSs"
    "SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

constexpr std::string_view kDigits = "0123456789";

using Replacement = std::optional<std::string_view>;

Replacement ReplaceLatin(char32_t character) {
  switch (character) {
    case 0xC6:
      return "AE";
    case 0xE6:
      return "ae";
    case 0x152:
      return "OE";
    case 0x153:
      return "oe";
    case 0xDF:
      return "ss";
    case 0xF7:
      return {};
    default:
      return kLatinLetters.substr(character - kLatinFirst, 1);
  }
}

Replacement ReplaceLatin1Symbol(char32_t character) {
  switch (character) {
    case 0xA0:
      return " ";
    case 0xAB:
    case 0xBB:
      return "\"";
    case 0xAD:  // soft hyphen
      return "";
    case 0xB4:
      return "'";
    case 0xBC:
      return " 1/4";
    case 0xBD:
      return " 1/2";
    case 0xBE:
      return " 3/4";
    default:
      return {};
  }
}

Replacement ReplaceGeneralPunctuation(char32_t character) {
  if (character <= 0x200A) return " ";
  if (character <= 0x200F) return "";  // zero width, direction
  if (0x202A <= character && character <= 0x202E) return "";
  if (0x2060 <= character) return "";
  if (0x2010 <= character && character <= 0x2013) return "-";
  switch (character) {
    case 0x2014:
    case 0x2015:
      return " - ";
    case 0x2018:
    case 0x2019:
      return "'";
    case 0x201C:
    case 0x201D:
      return "\"";
    case 0x2026:
      return "...";
    case 0x2044:
      return "/";
    case 0x202F:
    case 0x205F:
      return " ";
    default:
      return {};
  }
}

/// "⅓" … "⅞"; nothing for its neighbours.
Replacement ReplaceNumberForm(char32_t character) {
  static constexpr std::string_view kFractions[] = {" 1/7", " 1/9", " 1/10", " 1/3", " 2/3",
                                                    " 1/5", " 2/5", " 3/5",  " 4/5", " 1/6",
                                                    " 5/6", " 1/8", " 3/8",  " 5/8", " 7/8"};
  constexpr char32_t kFirst = 0x2150;
  const bool is_fraction = kFirst <= character && character < kFirst + std::size(kFractions);
  return is_fraction ? Replacement(kFractions[character - kFirst]) : std::nullopt;
}

Replacement ReplaceOther(char32_t character) {
  if (0x0300 <= character && character <= 0x036F) return "";  // combining marks
  if (0xFE00 <= character && character <= 0xFE0F) return "";  // how an emoji looks
  if (0xFF10 <= character && character <= 0xFF19) return kDigits.substr(character - 0xFF10, 1);
  if (0x2150 <= character && character <= 0x218F) return ReplaceNumberForm(character);
  if (0x2080 <= character && character <= 0x2089) return kDigits.substr(character - 0x2080, 1);
  switch (character) {
    case 0x02BC:
      return "'";
    case 0x2212:
      return "-";
    case 0x3000:
      return " ";
    case 0x0589:  // full stops and question marks
    case 0x061F:
    case 0x06D4:
    case 0x0964:
    case 0x0965:
    case 0x1362:
    case 0x3002:
    case 0xFF01:
    case 0xFF1F:
    case 0xFF61:
      return ". ";
    case 0x066B:
      return ".";
    case 0x066C:
      return ",";
    case 0x061C:
    case 0xFEFF:
      return "";
    default:
      return {};
  }
}

/// What a character above ASCII becomes; nothing when it stays.
Replacement ReplacementOf(char32_t character) {
  if (character < kLatinFirst) return ReplaceLatin1Symbol(character);
  if (character < kLatinFirst + kLatinLetters.size()) return ReplaceLatin(character);
  if (0x2000 <= character && character <= 0x206F) return ReplaceGeneralPunctuation(character);
  return ReplaceOther(character);
}

/// Whether other spellings of the character exist. Not so for Han; superscripts, fractions and
/// other symbols would change their meaning. (Subscripts do not: "H₂O" is "H2O".)
bool HasVariants(char32_t character) {
  const bool is_symbol = 0x2000 <= character && character <= 0x2BFF;
  const bool is_han = 0x3400 <= character && character <= 0x9FFF;
  return character >= kLatinFirst + kLatinLetters.size() && !is_symbol && !is_han;
}

}  // namespace

std::string_view Clip(std::string_view text, std::string& storage) {
  if (text.size() <= kClipAbove) return text;
  std::size_t head = kClipPart;
  while (head > 0 && IsInsideCharacter(text[head])) --head;
  std::size_t tail = text.size() - kClipPart;
  while (tail < text.size() && IsInsideCharacter(text[tail])) ++tail;
  storage.assign(text.substr(0, head)).append("\n").append(text.substr(tail));
  return storage;
}

namespace {

/// Folds one text, piece by piece.
class Folder {
 public:
  explicit Folder(std::size_t size) { folded_.reserve(size + size / 8); }

  void AddAscii(std::string_view run) {
    Flush();
    folded_.append(run);
  }

  void Add(char32_t character) {
    const Replacement replacement = ReplacementOf(character);
    if (!replacement && HasVariants(character)) return AddVariant(character);
    Flush();
    if (replacement) {
      folded_.append(*replacement);
    } else {
      AppendUtf8(character, folded_);
    }
  }

  std::string Take() && {
    Flush();
    return std::move(folded_);
  }

 private:
  void AddVariant(char32_t character) {
    // Sorting a flood of marks on one letter takes time by the square of their number.
    constexpr std::size_t kMostTogether = 512;
    if (variants_.size() >= kMostTogether) Flush();
    AppendUtf16(character, variants_);
  }

  void Flush() {
    if (variants_.empty()) return;
    unicode::AppendPlain(variants_, folded_);
    variants_.clear();
  }

  std::string folded_;
  std::u16string variants_;  // neighbours that are made plain together
};

}  // namespace

std::string Fold(std::string_view text) {
  Folder folder(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto* const begin = text.begin() + at;
    const auto* const end = std::find_if_not(begin, text.end(), IsAscii);
    if (begin != end) {
      folder.AddAscii({begin, end});
      at += static_cast<std::size_t>(end - begin);
      continue;
    }
    const CodePoint character = DecodeAt(text, at);
    folder.Add(character.value);
    at += character.size;
  }
  return std::move(folder).Take();
}

std::string ToAsciiLower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = ToAsciiLower(c);
  return low;
}

}  // namespace byok
