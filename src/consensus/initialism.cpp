#include "consensus/initialism.hpp"

#include <algorithm>
#include <vector>

#include "consensus/code_points.hpp"
#include "consensus/fold.hpp"
#include "consensus/plain_result.hpp"
#include "consensus/roman_numeral.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool IsCapital(char c) {
  return 'A' <= c && c <= 'Z';
}

/// The words, without the marks around them.
std::vector<std::string_view> WordsIn(std::string_view text) {
  constexpr std::string_view kBetween = " -";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kBetween); begin != kNone;) {
    const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBetween, end);
  }
  return words;
}

std::string Low(std::string_view word) {
  return ToAsciiLower(std::string(word));
}

/// "II" and "2" as "ii"; empty for other words.
std::string NumeralOf(std::string_view word) {
  constexpr int kMost = 3;
  const bool is_roman = std::all_of(word.begin(), word.end(), IsCapital);
  int value = is_roman ? ReadRomanNumeral(Low(word)) : 0;
  if (word.size() == 1 && IsAsciiDigit(word.front())) value = word.front() - '0';
  return 1 <= value && value <= kMost ? std::string(static_cast<std::size_t>(value), 'i') : "";
}

/// "WHO", "WWII", "WW2".
std::string AbbreviationIn(std::string_view word) {
  constexpr std::size_t kShortest = 2, kLongest = 6;
  const std::size_t letters =
      std::min(word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), word.size());
  if (letters < kShortest || word.size() > kLongest) return "";
  const std::string_view rest = word.substr(letters);
  const std::string numeral = rest.empty() ? "" : NumeralOf(rest);
  return rest.empty() || !numeral.empty() ? Low(word.substr(0, letters)) + numeral : "";
}

/// The first letters of words with capitals; stop words do not count. Empty when one has none.
std::string InitialsOf(const std::vector<std::string_view>& words, Lexicon& lexicon) {
  std::string letters;
  for (const std::string_view word : words) {
    const std::string numeral = letters.empty() ? "" : NumeralOf(word);
    if (!numeral.empty()) {
      letters += numeral;
    } else if (IsCapital(word.front())) {
      letters += ToAsciiLower(word.front());
    } else if (!lexicon[lexicon.Intern(word)].facts.is_stop) {
      return "";
    }
  }
  return letters;
}

/// "us" is read as "usa", as everywhere.
std::string Unalias(std::string letters) {
  const auto* const found = std::find_if(std::begin(words::kAcronyms), std::end(words::kAcronyms),
                                         [&](const auto& a) { return a.stop == letters; });
  return found == std::end(words::kAcronyms) ? letters : Low(found->name);
}

}  // namespace

Initials ReadInitials(std::string_view folded, Lexicon& lexicon) {
  constexpr std::size_t kLongest = 80;  // bytes
  constexpr std::string_view kMarks = " *_`\"'.,!\n";
  if (folded.size() > kLongest) return {};
  const std::string plain = PlainResult(folded);
  const std::size_t begin = plain.find_first_not_of(kMarks);
  if (begin == kNone) return {};
  auto words =
      WordsIn(std::string_view(plain).substr(begin, plain.find_last_not_of(kMarks) + 1 - begin));
  if (words.size() > 1 && Low(words.front()) == "the") words.erase(words.begin());
  if (words.size() == 1) {
    std::string letters = Unalias(AbbreviationIn(words.front()));
    return {std::move(letters), true};
  }
  return {Unalias(InitialsOf(words, lexicon)), false};
}

bool IsInitialismOf(const Initials& a, const Initials& b) {
  return (a.is_abbreviated || b.is_abbreviated) && !a.letters.empty() && a.letters == b.letters;
}

}  // namespace byok
