#include "consensus/final_number.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "consensus/arithmetic_text.hpp"
#include "consensus/code_points.hpp"
#include "consensus/final_relation.hpp"
#include "consensus/fraction_words.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/number_text.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kDigits = "0123456789";

/// Whether a minus stands right before the first digit: "-5", "-$5", but not "3-5".
bool HasMinusSign(std::string_view span) {
  const std::size_t digit = span.find_first_of(kDigits);
  if (digit == kNone) return false;
  const std::size_t sign = span.substr(0, digit).find_last_not_of(" .$");
  if (sign == kNone || span[sign] != '-') return false;
  return sign == 0 || !(IsAsciiDigit(span[sign - 1]) || IsAsciiLetter(span[sign - 1]) ||
                        !IsAscii(span[sign - 1]));
}

/// The word for the currency whose sign the text has; empty without one.
std::string_view CurrencyOf(std::string_view text) {
  struct Sign {
    std::string_view sign, word;
  };
  constexpr Sign kSigns[] = {{"$", "dollar "}, {"€", "euro "}, {"£", "pound "},  {"¥", "yen "},
                             {"₹", "rupee "},  {"₩", "won "},  {"₽", "ruble "}};
  const auto* const found = std::find_if(std::begin(kSigns), std::end(kSigns),
                                         [&](const Sign& s) { return text.find(s.sign) != kNone; });
  return found == std::end(kSigns) ? std::string_view() : found->word;
}

/// Words that change nothing about the amount: "about 5 full miles", "6 feet tall".
bool IsFiller(std::string_view word) {
  static constexpr std::string_view kFillers[] = {
      "about", "around",  "nearly",    "almost", "roughly", "approximately", "approx",     "circa",
      "ca",    "exactly", "precisely", "full",   "whole",   "entire",        "total",      "long",
      "tall",  "high",    "wide",      "deep",   "old",     "away",          "altogether", "us"};
  return std::find(std::begin(kFillers), std::end(kFillers), word) != std::end(kFillers);
}

/// Abbreviations of units that are stop words elsewhere.
bool IsStopUnit(std::string_view word) {
  return word == "s" || word == "m" || word == "in";
}

/// A number and the words of its unit, each with a blank behind.
struct Amount {
  std::string_view token;
  std::string unit;
};

/// Takes the words of a result one by one.
class NumberReader {
 public:
  explicit NumberReader(const Lexicon& lexicon) : lexicon_(lexicon) {}

  /// False when the words are no number.
  bool Read(const Key& key) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      const bool is_last = i + 1 == key.size() || EndsUnit(lexicon_[key[i + 1]]);
      if (!Take(lexicon_[key[i]], is_last)) return false;
    }
    return true;
  }

  /// `is_last`: of the words of its number.
  bool Take(const Lexicon::Entry& word, bool is_last) {
    if (word.is_number()) return TakeNumber(word.text);
    if (word.text == "minus" || word.text == "negative") {
      is_negative_ = true;
    } else if (word.text == "per" || TakesAsUnit(word, is_last)) {
      Unit().append(word.text).append(" ");
    }
    return true;
  }

  [[nodiscard]] bool is_negative() const { return is_negative_; }

  /// The one amount, or the sum in the smallest unit of several ones.
  std::optional<FinalAnswer> Sum() const {
    if (amounts_.empty()) return {};
    const Amount& first = amounts_.front();
    if (amounts_.size() == 1) {
      return FinalAnswer{FinalType::kNumber, std::string(first.token), lead_ + first.unit};
    }
    auto last_unit = FindMeasureUnit(first.unit);
    double sum = 0;
    for (const Amount& amount : amounts_) {
      const auto unit = FindMeasureUnit(amount.unit);
      if (!unit || unit->quantity != last_unit->quantity || unit->offset != 0) return {};
      const bool falls = &amount == &first || unit->factor < last_unit->factor;
      if (!falls) return {};
      last_unit = unit;
      sum += ValueOfNumber(amount.token) * unit->factor;
    }
    return FinalAnswer{FinalType::kNumber, NumberToken(sum / last_unit->factor),
                       amounts_.back().unit};
  }

 private:
  /// Whether the word before it is the last that names a unit: "5 m squared", "25 m per s".
  static bool EndsUnit(const Lexicon::Entry& word) {
    return word.is_number() || word.text == "per" || word.text == "squared" || word.text == "cubed";
  }

  bool TakeNumber(std::string_view token) {
    // A second number needs the unit of the first: "5 ft 10".
    if (!amounts_.empty() && !FindMeasureUnit(amounts_.back().unit)) return false;
    amounts_.push_back({token, ""});
    return true;
  }

  bool TakesAsUnit(const Lexicon::Entry& word, bool is_last) {
    if (word.facts.is_negator || IsFiller(word.text) || IsRelationWord(word.text)) return false;
    if (IsStopUnit(word.text)) {
      const bool follows_number = !amounts_.empty() && amounts_.back().unit.empty();
      const bool is_south = word.text == "s" && Unit().starts_with("degree") && is_last;
      return (follows_number && is_last) || Unit().ends_with("per ") || is_south;
    }
    return !word.facts.is_stop;
  }

  std::string& Unit() { return amounts_.empty() ? lead_ : amounts_.back().unit; }

  const Lexicon& lexicon_;
  std::vector<Amount> amounts_;
  std::string lead_;  // the words before the first number
  bool is_negative_ = false;
};

/// "a litre", "one hour", "one": one of the unit.
std::optional<FinalAnswer> AsOne(const Key& key, const Lexicon& lexicon) {
  if (key.empty() || key.size() > 2) return {};
  if (key.size() == 2 && lexicon[key[0]].text == "only" && lexicon[key[1]].text == "one") {
    return FinalAnswer{FinalType::kNumber, "#1", ""};
  }
  const std::string_view article = lexicon[key[0]].text;
  if (key.size() == 1 && article == "one") return FinalAnswer{FinalType::kNumber, "#1", ""};
  if (key.size() == 1 || !FindMeasureUnit(lexicon[key[1]].text)) return {};
  if (article != "a" && article != "an" && article != "one") return {};
  return FinalAnswer{FinalType::kNumber, "#1", std::string(lexicon[key[1]].text) + " "};
}

/// The last place that is said of a number with a scale: 10^5 for "3.1 million", 0 for others.
double GrainOf(std::string_view text, double value) {
  const std::size_t digit = text.find_first_of(kDigits);
  if (digit == kNone) return 0;
  const std::size_t end = EndOfDigitRun(text, digit);
  const auto written = ReadDigitRun(text.substr(digit, end - digit));
  const std::string token = NumberToken(written.front());
  const std::size_t point = token.find('.');
  if (written.size() != 1 || point == kNone || token.find('e') != kNone) return 0;
  const double scale = std::abs(value) / written.front();
  constexpr double kLeast = 10;
  if (!(scale >= kLeast)) return 0;
  return scale * std::pow(10, -static_cast<double>(token.size() - point - 1));
}

/// "m^2", "km^3": powers of units in words.
std::string WithNamedPowers(std::string_view text) {
  std::string named;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const bool is_power = at > 0 && IsAsciiLetter(text[at - 1]) &&
                          (rest.starts_with("^2") || rest.starts_with("^3")) &&
                          (rest.size() == 2 || !IsAsciiDigit(rest[2]));
    if (!is_power) {
      named += text[at];
      continue;
    }
    named += rest[1] == '2' ? " squared" : " cubed";
    ++at;
  }
  return named;
}

/// "GPT-4", "H2O", "F16": a name with a number in it; "x-5" is none.
bool IsCode(std::string_view text) {
  if (text.find(' ') != kNone) return false;
  std::size_t digit = 0;
  while (digit < text.size() && IsAsciiLetter(text[digit])) ++digit;
  if (digit == 0) return false;
  const bool is_capital = 'A' <= text.front() && text.front() <= 'Z';
  if (is_capital && digit < text.size() && text[digit] == '-') ++digit;
  return digit < text.size() && IsAsciiDigit(text[digit]);
}

/// Behind "x =", "v = ": the name of what is asked for.
std::string_view WithoutName(std::string_view plain) {
  if (plain.size() < 3 || !IsAsciiLetter(plain.front())) return plain;
  const std::size_t sign = plain.find_first_not_of(' ', 1);
  if (sign == kNone || plain[sign] != '=') return plain;
  const std::size_t begin = plain.find_first_not_of(' ', sign + 1);
  return begin == kNone || plain[begin] == '=' || plain[begin] == '>' ? plain : plain.substr(begin);
}

std::optional<FinalAnswer> ReadNumber(std::string_view plain, Lexicon& lexicon) {
  constexpr std::size_t kMaxWords = 8;
  const std::string text = WithDecimals(WithNamedPowers(WithFractions(plain)));
  const Key key = KeyOf(Tokenize(text, lexicon));
  if (key.size() > kMaxWords) return {};
  NumberReader reader(lexicon);
  if (!reader.Read(key)) return {};
  auto number = reader.Sum();
  if (!number) number = AsOne(key, lexicon);
  if (!number) return {};
  if (reader.is_negative() || HasMinusSign(text)) number->value.insert(1, "-");
  if (number->unit.empty()) number->unit = CurrencyOf(plain);
  number->relation = ReadRelation(plain, key, lexicon);
  number->grain = GrainOf(plain, ValueOfNumber(number->value));
  return number;
}

/// Whether a remark in brackets behind a number says nothing that another answer without it would
/// not: "8,849 m (29,032 ft)", "404 (Not Found)", but not "5 (or 6)".
bool IsMereRemark(std::string_view remark, Lexicon& lexicon) {
  if (remark.find_first_of(kDigits) != kNone) {
    const auto number = ReadNumber(remark, lexicon);
    return number && FindMeasureUnit(number->unit);
  }
  const std::vector<Token> words = Tokenize(remark, lexicon);
  return std::none_of(words.begin(), words.end(), [&](const Token& word) {
    const std::string_view text = lexicon[word.id].text;
    return text == "or" || IsRelationWord(text);
  });
}

std::string_view WithoutRemark(std::string_view plain, Lexicon& lexicon) {
  const std::size_t open = plain.find('(');
  if (open == kNone || !plain.ends_with(')') || plain.find(')') + 1 != plain.size()) return plain;
  const std::string_view before = plain.substr(0, plain.find_last_not_of(' ', open - 1) + 1);
  const bool is_behind =
      open > 0 && plain[open - 1] == ' ' && before.find_first_of(kDigits) != kNone;
  const std::string_view remark = plain.substr(open + 1, plain.size() - open - 2);
  return is_behind && IsMereRemark(remark, lexicon) ? before : plain;
}

}  // namespace

std::optional<FinalAnswer> AsNumber(std::string_view plain, Lexicon& lexicon) {
  if (IsCode(plain)) return {};
  const std::string_view value = WithoutName(plain);
  auto number = ReadNumber(WithoutRemark(value, lexicon), lexicon);
  const bool is_named = value.size() < plain.size();
  if (number && is_named && number->relation == Relation::kPlain)
    number->relation = Relation::kEqual;
  return number;
}

}  // namespace byok
