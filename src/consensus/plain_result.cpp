#include "consensus/plain_result.hpp"

#include <algorithm>
#include <utility>

#include "consensus/code_points.hpp"
#include "consensus/latex_text.hpp"

namespace byok {
namespace {

bool IsLetterAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsLetter(DecodeAt(text, at).value);
}

bool IsDigitAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsAsciiDigit(text[at]);
}

/// Dollars around a formula, as in "$x^2$", not before amounts.
std::string WithoutMathMarks(std::string text) {
  const auto count = std::count(text.begin(), text.end(), '$');
  if (count == 0 || count % 2 != 0 || IsDigitAt(text, text.rfind('$') + 1)) return text;
  text.erase(std::remove(text.begin(), text.end(), '$'), text.end());
  return text;
}

/// The character of ASCII that a superscript is; 0 for others.
char BaseOfSuperscript(char32_t c) {
  switch (c) {
    case 0xB9:
      return '1';
    case 0xB2:
      return '2';
    case 0xB3:
      return '3';
    case 0x2070:
      return '0';
    case 0x207A:
      return '+';
    case 0x207B:
      return '-';
    default:
      return 0x2074 <= c && c <= 0x2079 ? static_cast<char>('4' + (c - 0x2074)) : '\0';
  }
}

/// What stands at a place, in plain characters, and how much of the text that is.
struct Piece {
  std::string plain;
  std::size_t size = 0;  // 0: nothing to replace
};

Piece ReadSuperscript(std::string_view text, std::size_t at) {
  Piece piece{"^", 0};
  while (at + piece.size < text.size()) {
    const CodePoint c = DecodeAt(text, at + piece.size);
    const char base = BaseOfSuperscript(c.value);
    if (base == '\0') break;
    piece.plain += base;
    piece.size += c.size;
  }
  // "Na⁺" is typed without a sign of powers.
  const bool is_charge = piece.plain == "^+" || piece.plain == "^-";
  return is_charge ? Piece{piece.plain.substr(1), piece.size} : piece;
}

/// "°C", "ºF", "°", and "°N" as "° N".
Piece ReadDegree(std::string_view text, std::size_t at) {
  for (const std::string_view sign : {"°", "º"}) {
    if (!text.substr(at).starts_with(sign)) continue;
    std::size_t end = at + sign.size();
    if (end < text.size() && text[end] == ' ') ++end;
    const bool ends = end < text.size() && !IsLetterAt(text, end + 1);
    if (ends && text[end] == 'C') return {" degree celsius", end + 1 - at};
    if (ends && text[end] == 'F') return {" degree fahrenheit", end + 1 - at};
    return {IsLetterAt(text, at + sign.size()) ? " degree " : " degree", sign.size()};
  }
  return {};
}

/// 5'10" and 5'': feet and inches behind digits.
Piece ReadFeet(std::string_view text, std::size_t at) {
  if (at == 0 || !IsAsciiDigit(text[at - 1]) || IsLetterAt(text, at + 1)) return {};
  if (text.substr(at).starts_with("''")) return {" inch", 2};
  if (text[at] == '"') return {" inch", 1};
  return text[at] == '\'' ? Piece{" foot ", 1} : Piece{};
}

/// "km/h": a slash between words.
Piece ReadPer(std::string_view text, std::size_t at) {
  const bool is_between = text[at] == '/' && at > 0 && IsLetter(DecodeBefore(text, at).value) &&
                          IsLetterAt(text, at + 1);
  return is_between ? Piece{" per ", 1} : Piece{};
}

/// "mph", "kph": speeds in words.
Piece ReadSpeed(std::string_view text, std::size_t at) {
  if (at > 0 && IsLetter(DecodeBefore(text, at).value)) return {};
  for (const auto& [name, words] :
       {std::pair<std::string_view, std::string_view>{"mph", " mile per hour"},
        {"kph", " kilometer per hour"},
        {"kmh", " kilometer per hour"}}) {
    if (text.substr(at).starts_with(name) && !IsLetterAt(text, at + name.size())) {
      return {std::string(words), name.size()};
    }
  }
  return {};
}

/// "Na^+", but not "2^-3".
Piece ReadCharge(std::string_view text, std::size_t at) {
  const bool is_sign = text.substr(at).starts_with("^+") || text.substr(at).starts_with("^-");
  if (!is_sign || IsLetterAt(text, at + 2) || IsDigitAt(text, at + 2)) return {};
  return at + 2 < text.size() && text[at + 2] == '(' ? Piece()
                                                     : Piece{std::string(1, text[at + 1]), 2};
}

/// "1960s", which are no seconds.
Piece ReadDecade(std::string_view text, std::size_t at) {
  constexpr std::size_t kDigits = 4;
  if (text[at] != 's' || at < kDigits || text[at - 1] != '0' || IsLetterAt(text, at + 1)) return {};
  const std::string_view before = text.substr(at - kDigits, kDigits);
  const bool is_year = std::all_of(before.begin(), before.end(), IsAsciiDigit) &&
                       (at == kDigits || text[at - kDigits - 1] == ' ');
  return is_year ? Piece{" decade", 1} : Piece();
}

/// "per second", whose second word would be the number 2.
Piece ReadPerSecond(std::string_view text, std::size_t at) {
  constexpr std::string_view kWords = "per second";
  const bool is_word = at == 0 || !IsLetter(DecodeBefore(text, at).value);
  if (!is_word || !text.substr(at).starts_with(kWords)) return {};
  return IsLetterAt(text, at + kWords.size()) ? Piece() : Piece{"per s", kWords.size()};
}

/// "a.m.", "B.C": single letters and their points.
Piece ReadAbbreviation(std::string_view text, std::size_t at) {
  Piece piece;
  if (at > 0 && (text[at - 1] == '.' || IsLetter(DecodeBefore(text, at).value))) return {};
  while (at + piece.size < text.size() && IsAsciiLetter(text[at + piece.size])) {
    piece.plain += text[at + piece.size++];
    if (at + piece.size == text.size() || text[at + piece.size] != '.') break;
    ++piece.size;
  }
  return piece.plain.size() > 1 && !IsLetterAt(text, at + piece.size) ? piece : Piece{};
}

Piece ReadPiece(std::string_view text, std::size_t at) {
  for (const auto read : {ReadSuperscript, ReadCharge, ReadDegree, ReadFeet, ReadDecade, ReadPer,
                          ReadPerSecond, ReadSpeed, ReadAbbreviation}) {
    if (Piece piece = read(text, at); piece.size > 0) return piece;
  }
  return {};
}

}  // namespace

namespace {

std::string Replace(std::string_view text, Piece (*read)(std::string_view, std::size_t)) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const Piece piece = read(text, at);
    const std::size_t size = piece.size > 0 ? piece.size : DecodeAt(text, at).size;
    plain += piece.size > 0 ? piece.plain : text.substr(at, size);
    at += size;
  }
  return plain;
}

}  // namespace

std::string PlainResult(std::string_view span) {
  return Replace(WithoutMathMarks(PlainLatex(span)), ReadPiece);
}

std::string PlainFormula(std::string_view span) {
  return Replace(WithoutMathMarks(PlainLatex(span, LatexGroups::kBracketed)), ReadSuperscript);
}

}  // namespace byok
