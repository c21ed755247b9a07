#include "consensus/stated_amount.hpp"

#include <algorithm>
#include <string>

#include "consensus/calendar_date.hpp"
#include "consensus/code_points.hpp"
#include "consensus/final_date.hpp"
#include "consensus/final_number.hpp"
#include "consensus/final_time.hpp"
#include "consensus/measure_unit.hpp"
#include "consensus/plain_result.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kDigits = "0123456789";

/// Where the words of a text begin and end.
struct Span {
  std::size_t begin = 0, end = 0;
  bool may_begin = false;  ///< an amount
};

std::vector<Span> SplitWords(std::string_view text) {
  std::vector<Span> words;
  for (std::size_t begin = text.find_first_not_of(" \n"); begin != kNone;) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    words.push_back({begin, end, false});
    begin = text.find_first_not_of(" \n", end);
  }
  return words;
}

std::string_view StripMarks(std::string_view text) {
  constexpr std::string_view kMarks = " *_`\"'()[].,;:!?";
  const std::size_t begin = std::min(text.find_first_not_of(kMarks), text.size());
  const std::size_t last = text.find_last_not_of(kMarks);
  return last == kNone ? std::string_view() : text.substr(begin, last + 1 - begin);
}

/// What the words are alone: a time, a date with its year or day, or a number, whose other words
/// may only be a unit.
std::optional<FinalAnswer> ReadAmount(std::string_view words, Lexicon& lexicon) {
  if (auto time = AsTime(words)) return time;
  if (auto date = AsDate(words, lexicon)) return date;
  auto number = AsNumber(words, lexicon);
  if (!number) return {};
  return number->unit.empty() || FindMeasureUnit(number->unit) ? number : std::nullopt;
}

/// Whether an amount may begin here: digits, or the month of a date.
bool BeginsAmount(std::string_view word, Lexicon& lexicon) {
  constexpr std::size_t kShortest = 3, kLongest = 9;  // "May", "September"
  if (word.find_first_of(kDigits) != kNone) return true;
  if (word.size() < kShortest || word.size() > kLongest || word.front() > 'Z') return false;
  const Key key = KeyOf(Tokenize(word, lexicon));
  return key.size() == 1 && IsMonth(lexicon[lexicon[key.front()].alias].text);
}

std::vector<Span> WordsOf(std::string_view text, Lexicon& lexicon) {
  std::vector<Span> words = SplitWords(text);
  for (Span& word : words) {
    word.may_begin =
        BeginsAmount(StripMarks(text.substr(word.begin, word.end - word.begin)), lexicon);
  }
  return words;
}

bool HasAll(const std::vector<TokenId>& numbers, std::string_view words, Lexicon& lexicon) {
  const Key key = KeyOf(Tokenize(words, lexicon));
  return std::all_of(numbers.begin(), numbers.end(), [&](TokenId number) {
    return std::find(key.begin(), key.end(), number) != key.end();
  });
}

}  // namespace

std::optional<FinalAnswer> StatedAmount(std::string_view folded,
                                        const std::vector<TokenId>& novel_numbers,
                                        Lexicon& lexicon) {
  constexpr std::size_t kLongest = 200, kMostWords = 4, kMostNumbers = 3;
  if (folded.size() > kLongest || novel_numbers.empty() || novel_numbers.size() > kMostNumbers) {
    return {};
  }
  const std::string plain = PlainResult(folded);
  const std::vector<Span> words = WordsOf(plain, lexicon);
  for (std::size_t count = std::min(kMostWords, words.size()); count > 0; --count) {
    for (std::size_t i = 0; i + count <= words.size(); ++i) {
      const std::string_view window = StripMarks(std::string_view(plain).substr(
          words[i].begin, words[i + count - 1].end - words[i].begin));
      if (window.find_first_of(kDigits) == kNone || !words[i].may_begin) continue;
      if (!HasAll(novel_numbers, window, lexicon)) continue;
      if (auto amount = ReadAmount(window, lexicon)) return amount;
    }
  }
  return {};
}

}  // namespace byok
