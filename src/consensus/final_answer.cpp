#include "consensus/final_answer.hpp"

#include <algorithm>

#include "consensus/code_points.hpp"
#include "consensus/final_choice.hpp"
#include "consensus/final_date.hpp"
#include "consensus/final_formula.hpp"
#include "consensus/final_marks.hpp"
#include "consensus/final_number.hpp"
#include "consensus/final_span.hpp"
#include "consensus/final_time.hpp"
#include "consensus/final_yes_no.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/plain_result.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

void SkipAny(std::string_view characters, std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

bool SkipOneOf(std::string_view characters, std::string_view& text) {
  if (text.empty() || characters.find(text.front()) == kNone) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<ChoiceOption> ReadOption(std::string_view line, Lexicon& lexicon) {
  SkipAny(" *-", line);
  const bool is_bracketed = SkipOneOf("(", line);
  if (line.empty() || !IsChoiceLetter(line.front())) return {};
  const char letter = line.front();
  line.remove_prefix(1);
  if (!SkipOneOf(is_bracketed ? ")" : ").:", line) || !SkipOneOf(" ", line)) return {};
  Key key = KeyOf(Tokenize(line, lexicon));
  if (key.empty()) return {};
  return ChoiceOption{letter, std::move(key)};
}

// --- the types of a span -----------------------------------------------------------------------

std::string_view Strip(std::string_view span) {
  SkipAny(" \t*_`\"'", span);
  return span.substr(0, span.find_last_not_of(" \t*_`\"'.") + 1);
}

/// A span's type, and its words when they are compared with the options.
struct TypedSpan {
  FinalAnswer answer;
  Key key;
};

/// The result itself. Dates go before numbers: a year is one.
FinalAnswer TypeOf(std::string_view plain, bool is_whole, Lexicon& lexicon) {
  const std::string_view text = Strip(plain);
  if (text.empty()) return {};
  if (auto choice = AsChoice(text)) return *std::move(choice);
  if (auto yes_no = AsYesNo(text, is_whole)) return *std::move(yes_no);
  if (auto time = AsTime(text)) return *std::move(time);
  if (auto date = AsDate(text, lexicon)) return *std::move(date);
  if (auto number = AsNumber(text, lexicon)) return *std::move(number);
  return {FinalType::kText, "", ""};
}

TypedSpan ReadSpan(const FinalSpan& span, Lexicon& lexicon) {
  constexpr std::size_t kMostForMarks = 80;
  const std::string plain = PlainResult(span.text);
  TypedSpan read = {TypeOf(plain, span.is_whole, lexicon), {}};
  if (read.answer.type == FinalType::kNone) return {};
  TakeAsFormula(Strip(PlainFormula(span.text)), read.answer);
  if (plain.size() <= kMostForMarks) read.answer.marks = ReadMarks(plain);
  // A formula may be what an option says; a plain number is compared as one.
  Key key = KeyOf(Tokenize(Strip(span.text), lexicon));
  const auto numbers =
      std::count_if(key.begin(), key.end(), [&](TokenId id) { return lexicon[id].is_number(); });
  const bool is_plain = IsComparable(read.answer.type) && read.answer.type != FinalType::kFormula;
  if (!is_plain || numbers != 1) read.key = std::move(key);
  return read;
}

/// Of an answer without an announcement that is too long to be a result as a whole, but is nothing
/// but an amount, a date or a time: "10 km, 8 metres and 6 centimetres".
TypedSpan ReadBareAmount(std::string_view folded, Lexicon& lexicon) {
  constexpr std::size_t kLongest = 60;  // bytes
  if (folded.size() > kLongest || folded.find('\n') != kNone) return {};
  const std::string plain = PlainResult(folded);
  FinalAnswer answer = TypeOf(plain, true, lexicon);
  if (answer.type == FinalType::kText) TakeAsFormula(Strip(PlainFormula(folded)), answer);
  const bool is_amount =
      answer.type == FinalType::kNumber && (answer.unit.empty() || FindMeasureUnit(answer.unit));
  const bool is_bare = answer.type == FinalType::kFormula || is_amount ||
                       answer.type == FinalType::kDate || answer.type == FinalType::kTime;
  return is_bare ? TypedSpan{std::move(answer), {}} : TypedSpan{};
}

// --- the letter of an answer that states no letter
// -------------------------------------------------

std::string LettersOf(const std::vector<ChoiceOption>& options) {
  std::string letters;
  for (const ChoiceOption& option : options) letters += option.letter;
  return letters;
}

std::optional<char> ChosenOption(const std::vector<ChoiceOption>& options, const Key& answer,
                                 const Key& span, std::string_view folded) {
  // Of options that read alike (128 and -128 do), version 1 takes the last.
  const auto option = std::find_if(options.rbegin(), options.rend(), [&](const ChoiceOption& o) {
    return o.key == answer || o.key == span;
  });
  return option != options.rend() ? std::optional(option->letter) : OnlyBracketedLetter(folded);
}

}  // namespace

std::vector<ChoiceOption> ReadOptions(std::string_view question, Lexicon& lexicon) {
  std::vector<ChoiceOption> options;
  while (!question.empty()) {
    const std::string_view line = question.substr(0, question.find('\n'));
    if (auto option = ReadOption(line, lexicon)) options.push_back(*std::move(option));
    question.remove_prefix(std::min(line.size() + 1, question.size()));
  }
  if (options.size() < 2) options.clear();
  return options;
}

FinalAnswer ReadFinalAnswer(std::string_view folded, std::string_view low, const Key& key,
                            const std::vector<ChoiceOption>& options, Lexicon& lexicon) {
  const std::optional<FinalSpan> span = FindFinalSpan(folded, low);
  TypedSpan read = span ? ReadSpan(*span, lexicon) : ReadBareAmount(folded, lexicon);
  if (!IsComparable(read.answer.type)) {
    if (auto letter = LeadingChoice(folded, LettersOf(options))) return *std::move(letter);
  }
  if (!options.empty()) read.answer.option.clear();
  if (options.empty() || read.answer.type == FinalType::kChoice) return std::move(read.answer);
  if (const auto letter = ChosenOption(options, key, read.key, folded)) {
    return {FinalType::kChoice, std::string(1, *letter), ""};
  }
  return std::move(read.answer);
}

}  // namespace byok
