#include "consensus/expression_reader.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "consensus/code_points.hpp"
#include "consensus/number_text.hpp"

namespace byok {
namespace {

constexpr int kDeepest = 24;  // brackets and powers; bounds hostile texts

struct Function {
  std::string_view name;
  double (*value)(double);
};
constexpr Function kFunctions[] = {
    {"arcsin", [](double x) { return std::asin(x); }},
    {"arccos", [](double x) { return std::acos(x); }},
    {"arctan", [](double x) { return std::atan(x); }},
    {"sin", [](double x) { return std::sin(x); }},
    {"cos", [](double x) { return std::cos(x); }},
    {"tan", [](double x) { return std::tan(x); }},
    {"sec", [](double x) { return 1 / std::cos(x); }},
    {"csc", [](double x) { return 1 / std::sin(x); }},
    {"cot", [](double x) { return 1 / std::tan(x); }},
    {"ln", [](double x) { return std::log(x); }},
    {"log", [](double x) { return std::log10(x); }},
    {"exp", [](double x) { return std::exp(x); }},
    {"sqrt", [](double x) { return std::sqrt(x); }},
    {"√", [](double x) { return std::sqrt(x); }},
};

struct Constant {
  std::string_view name;
  double value;
};
/// Infinity is as good as a very large number, which can be compared.
constexpr Constant kConstants[] = {
    {"π", 3.14159265358979323846}, {"pi", 3.14159265358979323846}, {"∞", 1e300}};

/// No name goes on: "cost" and "tank" are words.
bool BeginsWithName(std::string_view text, std::string_view name) {
  if (!text.starts_with(name)) return false;
  return !IsAsciiLetter(name.back()) || text.size() == name.size() ||
         !IsAsciiLetter(text[name.size()]);
}

const Function* FunctionAt(std::string_view text) {
  const auto* const found =
      std::find_if(std::begin(kFunctions), std::end(kFunctions),
                   [text](const Function& f) { return BeginsWithName(text, f.name); });
  return found == std::end(kFunctions) ? nullptr : found;
}

std::size_t CountLetters(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && IsAsciiLetter(text[count])) ++count;
  return count;
}

Worth Always(double value) {
  Worth worth;
  worth.fill(value);
  return worth;
}

/// What a letter is worth: between 1 and 3, where roots and logarithms exist.
Worth WorthOf(std::size_t letter) {
  constexpr double kGolden = 0.61803398874989485, kSilver = 0.41421356237309505;
  Worth worth;
  for (std::size_t i = 0; i < worth.size(); ++i) {
    const double mixed =
        static_cast<double>(letter + 1) * kGolden + static_cast<double>(i) * kSilver;
    worth[i] = 1 + 2 * (mixed - std::floor(mixed));
  }
  return worth;
}

template <typename Operation>
Worth Combine(const Worth& a, const Worth& b, Operation operation) {
  Worth result;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = operation(a[i], b[i]);
  return result;
}

bool HasBothCases(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [text](char c) {
    return ToAsciiLower(c) != c && text.find(ToAsciiLower(c)) != std::string_view::npos;
  });
}

double Factorial(double n) {
  constexpr double kMost = 100;
  const bool is_defined = n >= 0 && n <= kMost && n == std::floor(n);
  return is_defined ? std::round(std::tgamma(n + 1)) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ExpressionReader::ExpressionReader(std::string_view text, bool takes_products)
    : text_(text), takes_products_(takes_products), mixes_cases_(HasBothCases(text)) {}

void ExpressionReader::SkipBlanks() {
  while (Next() == ' ') ++at_;
}

bool ExpressionReader::Take(std::string_view part) {
  if (!Rest().starts_with(part)) return false;
  at_ += part.size();
  return true;
}

std::optional<Relations::Side> ExpressionReader::Read() {
  SkipBlanks();
  const std::size_t begin = at_, letters = letters_;
  const Value worth = ReadSum();
  if (!worth) return {};
  const bool is_finite =
      std::all_of(worth->begin(), worth->end(), [](double v) { return std::isfinite(v); });
  if (!is_finite) return {};
  const std::string_view read = text_.substr(begin, at_ - begin);
  const std::size_t last = read.find_last_not_of(' ');
  const std::string_view name = read.substr(0, last + 1);
  const bool is_call = name.size() == 4 && name[1] == '(' && letters_ - letters == 2;
  const bool is_letter = letters_ - letters == 1 && DecodeAt(name, 0).size == name.size();
  return Relations::Side{*worth, is_call || is_letter, is_call || name == "y", letters_ == letters};
}

ExpressionReader::Value ExpressionReader::ReadSum() {
  SkipBlanks();
  const bool is_negative = Take("-");
  if (!is_negative) Take("+");
  Value sum = ReadProduct();
  if (sum && is_negative) sum = Combine(*sum, *sum, [](double a, double) { return -a; });
  while (sum) {
    SkipBlanks();
    const bool is_arrow = Rest().starts_with("->");
    const bool is_plus = Next() == '+', is_minus = Next() == '-' && !is_arrow;
    if (!is_plus && !is_minus) break;
    ++at_;
    has_operator_ = true;
    const Value next = ReadProduct();
    if (!next) return {};
    sum = Combine(*sum, *next, [is_plus](double a, double b) { return is_plus ? a + b : a - b; });
  }
  return sum;
}

ExpressionReader::Value ExpressionReader::ReadProduct() {
  Value product = ReadFactor();
  while (product) {
    const std::size_t before = at_;
    SkipBlanks();
    const bool divides = Take("/") || Take("÷");
    const bool multiplies = !divides && (Take("*") || Take("·") || Take("⋅") || TakeCross());
    if (divides || multiplies) has_operator_ = true;
    if (!divides && !multiplies && !BeginsFactor()) {
      at_ = before;
      break;
    }
    const Value next = ReadFactor();
    if (!next) return {};
    product =
        Combine(*product, *next, [divides](double a, double b) { return divides ? a / b : a * b; });
  }
  return product;
}

/// The "x" that is the sign of a product, as × is folded, with blanks around: "m x a", "2 x 3".
bool ExpressionReader::TakeCross() {
  if (at_ == 0 || text_[at_ - 1] != ' ' || !Rest().starts_with("x ")) return false;
  const std::size_t next = text_.find_first_not_of(' ', at_ + 1);
  const bool multiplies =
      next != std::string_view::npos && text_[next] != '-' &&
      (IsAsciiLetter(text_[next]) || IsAsciiDigit(text_[next]) || text_[next] == '(');
  if (multiplies) ++at_;
  return multiplies;
}

/// Whether a factor comes next that needs no sign before it: "2x", "(x+1)(x+2)", "n log n".
bool ExpressionReader::BeginsFactor() const {
  const char c = Next();
  if (c == '(') return true;
  if (c == '\0' || IsAsciiDigit(c)) return false;
  return IsLetter(DecodeAt(text_, at_).value) || Rest().starts_with("√") || Rest().starts_with("∞");
}

ExpressionReader::Value ExpressionReader::ReadFactor() {
  SkipBlanks();
  if (depth_ >= kDeepest) return {};
  ++depth_;
  Value base = ReadPower();
  --depth_;
  return base;
}

/// A primary with what stands behind it: "!", "^2", "**2".
ExpressionReader::Value ExpressionReader::ReadPower() {
  Value base = ReadPrimary();
  if (!base) return {};
  if (Next() == '!' && !Rest().starts_with("!=")) {
    ++at_;
    has_operator_ = has_function_ = true;
    base = Combine(*base, *base, [](double a, double) { return Factorial(a); });
  }
  if (!Take("^") && !Take("**")) return base;
  has_operator_ = true;
  SkipBlanks();
  const bool is_negative = Take("-");
  const Value exponent = ReadFactor();
  if (!exponent) return {};
  const double sign = is_negative ? -1 : 1;
  return Combine(*base, *exponent, [sign](double a, double b) { return std::pow(a, sign * b); });
}

ExpressionReader::Value ExpressionReader::ReadPrimary() {
  if (IsAtEnd()) return {};
  if (Next() == '(') return ReadBracketed();
  if (IsAsciiDigit(Next()) || Next() == '.') return ReadNumber();
  return ReadWord();
}

ExpressionReader::Value ExpressionReader::ReadBracketed() {
  Take("(");
  has_operator_ = true;
  const Value inner = ReadSum();
  SkipBlanks();
  return inner && Take(")") ? inner : Value();
}

/// Digits with a point. Thousands are not told from lists here.
ExpressionReader::Value ExpressionReader::ReadNumber() {
  std::size_t end = at_;
  while (end < text_.size() && IsAsciiDigit(text_[end])) ++end;
  if (end + 1 < text_.size() && text_[end] == '.' && IsAsciiDigit(text_[end + 1])) {
    ++end;
    while (end < text_.size() && IsAsciiDigit(text_[end])) ++end;
  }
  const auto values = ReadDigitRun(text_.substr(at_, end - at_));
  if (values.size() != 1) return {};
  at_ = end;
  return Always(values.front());
}

ExpressionReader::Value ExpressionReader::ReadWord() {
  if (const Function* function = FunctionAt(Rest())) {
    return ReadFunction(function->value, function->name.size());
  }
  for (const auto& [name, value] : kConstants) {
    if (!BeginsWithName(Rest(), name)) continue;
    at_ += name.size();
    has_function_ = has_operator_ = true;
    return Always(value);
  }
  return ReadLetter();
}

/// "sin(2x)", "sin 2x", "√3", "sin^2(x)".
ExpressionReader::Value ExpressionReader::ReadFunction(double (*function)(double),
                                                       std::size_t name_size) {
  at_ += name_size;
  has_function_ = has_operator_ = true;
  Value power;
  if (Take("^")) {
    power = ReadNumber();
    if (!power) return {};
  }
  SkipBlanks();
  const Value argument = ReadArgument();
  if (!argument) return {};
  Value value = Combine(*argument, *argument, [function](double a, double) { return function(a); });
  if (power) value = Combine(*value, *power, [](double a, double b) { return std::pow(a, b); });
  return value;
}

/// What a function takes without brackets: a number and the letters right behind it.
ExpressionReader::Value ExpressionReader::ReadArgument() {
  if (Next() == '(') return ReadBracketed();
  Value argument = ReadFactor();
  while (argument && BeginsFactor() && Next() != '(' && FunctionAt(Rest()) == nullptr) {
    const Value next = ReadFactor();
    if (!next) return {};
    argument = Combine(*argument, *next, [](double a, double b) { return a * b; });
  }
  return argument;
}

/// One letter. In a run of letters only where products of them are taken; a digit behind it, and
/// more letters than a formula has beside each other, make it a name.
ExpressionReader::Value ExpressionReader::ReadLetter() {
  constexpr std::size_t kMostTogether = 3;
  const CodePoint letter = DecodeAt(text_, at_);
  if (!IsLetter(letter.value)) return {};
  const std::size_t run = CountLetters(Rest());
  if (run > kMostTogether || (run > 1 && !takes_products_)) return {};
  at_ += letter.size;
  if (IsAsciiDigit(Next())) return {};
  if (letter.value == U'e') {
    has_function_ = true;
    return Always(2.71828182845904523536);
  }
  has_letter_ = true;
  ++letters_;
  const bool is_energy = letter.value == U'E';
  return WorthOf(mixes_cases_ || is_energy ? letter.value : ToLower(letter.value));
}

}  // namespace byok
