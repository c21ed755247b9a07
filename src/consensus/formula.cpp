#include "consensus/formula.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "consensus/code_points.hpp"
#include "consensus/expression_reader.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMostParts = 16;

// --- reading -------------------------------------------------------------------------------------

/// The relation that comes next; empty without one. Turned ones are marked by `is_turned`.
std::string_view TakeSign(ExpressionReader& reader, bool& is_turned) {
  struct Sign {
    std::string_view written, sign;
    bool is_turned;
  };
  constexpr Sign kSigns[] = {{"<=", "<=", false}, {"≤", "<=", false},  {">=", "<=", true},
                             {"≥", "<=", true},   {"!=", "!=", false}, {"≠", "!=", false},
                             {"==", "=", false},  {"<", "<", false},   {">", "<", true},
                             {"=", "=", false}};
  for (const auto& [written, sign, turns] : kSigns) {
    if (!reader.Take(written)) continue;
    is_turned = turns;
    return sign;
  }
  return {};
}

/// "x > 3" is read as "3 < x"; "1 < x > 0" is none.
std::optional<Relations> ReadRelations(ExpressionReader& reader) {
  Relations relations;
  bool is_turned = false;
  while (true) {
    const auto side = reader.Read();
    if (!side) return {};
    relations.sides.push_back(*side);
    reader.SkipBlanks();
    bool turns = false;
    const std::string_view sign = TakeSign(reader, turns);
    if (sign.empty()) break;
    if (!relations.signs.empty() && sign != "=" && turns != is_turned) return {};
    is_turned = is_turned || turns;
    relations.signs.push_back(sign);
  }
  if (is_turned) {
    std::reverse(relations.sides.begin(), relations.sides.end());
    std::reverse(relations.signs.begin(), relations.signs.end());
  }
  return relations;
}

/// "," or ";", once or twice: "2, and 3".
bool TakeSeparator(ExpressionReader& reader) {
  bool has_mark = false;
  for (reader.SkipBlanks(); reader.Take(",") || reader.Take(";"); reader.SkipBlanks()) {
    has_mark = true;
  }
  return has_mark;
}

std::string WithCommas(std::string_view text) {
  std::string plain(text);
  for (const std::string_view word : {" and ", " or ", " & "}) {
    for (std::size_t at = plain.find(word); at != kNone; at = plain.find(word, at + 1)) {
      plain.replace(at, word.size(), ", ");
    }
  }
  return plain;
}

std::optional<Formula> ReadParts(std::string_view text, bool& is_solid) {
  const bool takes_products = text.find_first_of("=^") != kNone;
  ExpressionReader reader(text, takes_products);
  Formula formula;
  bool has_sign = false;
  do {
    auto part = ReadRelations(reader);
    if (!part || formula.parts.size() == kMostParts) return {};
    has_sign = has_sign || !part->signs.empty();
    formula.parts.push_back(*std::move(part));
  } while (TakeSeparator(reader));
  if (!reader.IsAtEnd()) return {};
  formula.has_letter = reader.has_letter();
  formula.has_function = reader.has_function();
  is_solid = reader.has_operator() || has_sign || formula.IsList();
  return formula;
}

/// "2x", written together: a number and letters of a formula, not "5 A" and not "3D".
bool IsTerm(std::string_view text) {
  const std::size_t letter = text.find_first_not_of("0123456789.");
  return letter != kNone && letter > 0 && text.find_first_not_of("abcnpqrtuwxyz", letter) == kNone;
}

/// "10-12", "555-0199", "3/4", "A-12": ranges, numbers and names, not differences.
bool IsRangeOrName(std::string_view text) {
  if (text.find_first_not_of("0123456789-/:. ") == kNone) return true;
  const bool is_capital = 'A' <= text.front() && text.front() <= 'Z';
  return is_capital && text.size() > 2 && text[1] == '-' &&
         text.find_first_not_of("0123456789", 2) == kNone;
}

/// Whether a comma stands between the groups of one number, as in "12,000".
bool HasThousands(std::string_view text) {
  constexpr std::size_t kGroup = 3;
  for (std::size_t at = text.find(','); at != kNone; at = text.find(',', at + 1)) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    if (at > 0 && IsAsciiDigit(text[at - 1]) && end - at - 1 == kGroup) return true;
  }
  return false;
}

/// The text between brackets around all of it, if there is a comma outside of inner ones.
std::optional<std::string_view> InsideOfBrackets(std::string_view text) {
  constexpr std::string_view kOpening = "([{", kClosing = ")]}";
  if (text.size() < 3 || kOpening.find(text.front()) == kNone ||
      kClosing.find(text.back()) == kNone) {
    return {};
  }
  const std::string_view inside = text.substr(1, text.size() - 2);
  int depth = 0;
  bool has_comma = false;
  for (const char c : inside) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return {};
    has_comma = has_comma || (depth == 0 && (c == ',' || c == ';'));
  }
  return depth == 0 && has_comma ? std::optional(inside) : std::nullopt;
}

std::string_view Trim(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" .") + 1);
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

/// Behind "(x, y) =".
std::string_view WithoutNames(std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == kNone || !text.starts_with('(')) return text;
  const std::string_view value = Trim(text.substr(sign + 1));
  const bool has_names =
      text.substr(0, sign).find_first_not_of("(), abcdfghijklmnpqrstuvwxyz") == kNone;
  return has_names && value.starts_with('(') && value.ends_with(')') ? value : text;
}

// --- comparing -----------------------------------------------------------------------------------

bool IsSameValue(double a, double b) {
  constexpr double kRounding = 1e-9;
  return std::abs(a - b) <= kRounding * std::max({1.0, std::abs(a), std::abs(b)});
}

bool IsSameWorth(const Worth& a, const Worth& b) {
  return std::equal(a.begin(), a.end(), b.begin(), IsSameValue);
}

Likening SameIf(bool is_same) {
  return is_same ? Likening::kSame : Likening::kDifferent;
}

bool AreSidesSame(const Relations& a, const Relations& b) {
  return std::equal(
      a.sides.begin(), a.sides.end(), b.sides.begin(), b.sides.end(),
      [](const auto& left, const auto& right) { return IsSameWorth(left.worth, right.worth); });
}

/// Whether the difference of the sides of one is a multiple of the other's, as of "y = 2x + 3" and
/// "2x - y + 3 = 0"; for "<" a positive one.
bool AreDifferencesProportional(const Relations& a, const Relations& b) {
  const auto difference = [](const Relations& r, std::size_t i) {
    return r.sides[0].worth[i] - r.sides[1].worth[i];
  };
  const double ratio = difference(a, 0) / difference(b, 0);
  const bool may_turn = a.signs[0] == "=" || a.signs[0] == "!=";
  if (!std::isfinite(ratio) || ratio == 0 || (ratio < 0 && !may_turn)) return false;
  for (std::size_t i = 1; i < Worth().size(); ++i) {
    if (!IsSameValue(difference(a, i), ratio * difference(b, i))) return false;
  }
  return true;
}

bool IsNamed(const Relations& relations) {
  return relations.signs.size() == 1 && relations.signs[0] == "=" && relations.sides[0].is_name;
}

/// Without "y =" before it.
const Worth& ValueOf(const Relations& relations) {
  return relations.sides.back().worth;
}

Likening CompareRelations(const Relations& a, const Relations& b) {
  const bool is_bare_a = a.signs.empty(), is_bare_b = b.signs.empty();
  const bool may_drop_name = (is_bare_a || IsNamed(a)) && (is_bare_b || IsNamed(b));
  if (is_bare_a != is_bare_b) {
    return may_drop_name ? SameIf(IsSameWorth(ValueOf(a), ValueOf(b))) : Likening::kUnknown;
  }
  if (a.signs.size() != b.signs.size()) return Likening::kUnknown;
  if (a.signs != b.signs) return Likening::kDifferent;
  if (AreSidesSame(a, b)) return Likening::kSame;
  if (a.signs.size() == 1 && AreDifferencesProportional(a, b)) return Likening::kSame;
  const bool are_functions = a.sides[0].is_function && b.sides[0].is_function && may_drop_name;
  return SameIf(are_functions && IsSameWorth(ValueOf(a), ValueOf(b)));
}

bool IsSamePart(const Relations& a, const Relations& b) {
  return CompareRelations(a, b) == Likening::kSame;
}

/// "(0, 1]" and "[0, 1)" are intervals; "(1, 2)" and "[1, 2]" may be ways to write a list.
bool IsInterval(const Formula& formula) {
  return (formula.opening == '(' && formula.closing == ']') ||
         (formula.opening == '[' && formula.closing == ')');
}

Likening CompareBrackets(const Formula& a, const Formula& b) {
  if (a.opening == b.opening && a.closing == b.closing) return Likening::kSame;
  if (a.opening == '\0' || b.opening == '\0') return Likening::kSame;
  return IsInterval(a) || IsInterval(b) ? Likening::kDifferent : Likening::kUnknown;
}

Likening CompareLists(const Formula& a, const Formula& b) {
  if (a.parts.size() != b.parts.size()) return Likening::kDifferent;
  const auto is_ordered = [](const Formula& f) { return f.opening == '(' || f.opening == '['; };
  const bool are_same =
      is_ordered(a) && is_ordered(b)
          ? std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), IsSamePart)
          : std::is_permutation(a.parts.begin(), a.parts.end(), b.parts.begin(), IsSamePart);
  return are_same ? CompareBrackets(a, b) : Likening::kDifferent;
}

}  // namespace

std::optional<Formula> ReadFormula(std::string_view plain) {
  constexpr std::size_t kLongest = 80;  // bytes
  if (plain.size() > kLongest) return {};
  const std::string commas = WithCommas(plain);
  const std::string_view text = WithoutNames(Trim(commas));
  if (text.empty() || IsRangeOrName(text) || HasThousands(text)) return {};
  bool is_solid = false;
  auto formula = ReadParts(text, is_solid);
  if (!formula) {
    const auto inside = InsideOfBrackets(text);
    if (inside) formula = ReadParts(*inside, is_solid);
    if (!formula || !formula->IsList()) return {};
    formula->opening = text.front();
    formula->closing = text.back();
  }
  return is_solid || IsTerm(text) ? formula : std::nullopt;
}

std::optional<double> ConstantOf(const Formula& formula) {
  if (formula.IsList()) return {};
  const Relations& only = formula.parts.front();
  const bool is_constant = std::all_of(only.sides.begin(), only.sides.end(),
                                       [](const auto& side) { return side.is_constant; });
  const bool is_equation =
      std::all_of(only.signs.begin(), only.signs.end(), [](auto sign) { return sign == "="; });
  return is_constant && is_equation ? std::optional(only.sides.back().worth[0]) : std::nullopt;
}

Likening CompareFormulas(const Formula& a, const Formula& b) {
  if (a.IsList() != b.IsList()) return Likening::kUnknown;
  return a.IsList() ? CompareLists(a, b) : CompareRelations(a.parts.front(), b.parts.front());
}

}  // namespace byok
