#include "consensus/final_yes_no.hpp"

#include <algorithm>
#include <iterator>

#include "consensus/code_points.hpp"
#include "consensus/fold.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

bool BeginsWith(std::string_view text, std::string_view low_word) {
  return text.size() >= low_word.size() &&
         std::equal(low_word.begin(), low_word.end(), text.begin(),
                    [](char a, char b) { return a == ToAsciiLower(b); });
}

/// A word for yes or no in any language, and at most a mark behind it: not "six" for "sí".
template <std::size_t kSize>
bool IsOneOf(std::string_view text, const std::string_view (&list)[kSize]) {
  static constexpr std::string_view kMarks = ".,!?;:)";
  return std::any_of(std::begin(list), std::end(list), [text](std::string_view word) {
    if (!BeginsWith(text, word)) return false;
    const std::string_view rest = text.substr(word.size());
    return rest.empty() ||
           (rest.size() == 1 && kMarks.find(rest.front()) != std::string_view::npos);
  });
}

FinalAnswer YesNo(std::string_view value) {
  return FinalAnswer{FinalType::kYesNo, std::string(value), ""};
}

/// Whether the word stands alone, or before a dash, or before what begins a sentence: "yes it is".
bool LeadsBare(std::string_view low, std::string_view word) {
  static constexpr std::string_view kSubjects[] = {
      "it", "he", "she", "they", "there", "this", "that", "these", "those", "you", "we", "i"};
  if (!low.starts_with(word)) return false;
  std::string_view rest = low.substr(word.size());
  if (rest.empty() || std::string_view(".,;:!\n").find(rest.front()) != std::string_view::npos) {
    return true;
  }
  if (rest.front() != ' ') return false;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.starts_with("- ")) return true;
  std::size_t end = 0;
  while (end < rest.size() && IsAsciiLetter(rest[end])) ++end;
  return std::find(std::begin(kSubjects), std::end(kSubjects), rest.substr(0, end)) !=
         std::end(kSubjects);
}

void SkipAny(std::string_view characters, std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

/// Whether nothing of the claim follows: the end, a mark, or a reason.
bool EndsClaim(std::string_view rest) {
  SkipAny("*_\"", rest);
  return rest.empty() || std::string_view(".,;:!\n").find(rest.front()) != std::string_view::npos ||
         rest.starts_with(" because") || rest.starts_with(" since");
}

/// +1 or -1 for what begins with "the statement is false", "this is not correct"; 0 for others.
int ReadClaim(std::string_view low) {
  static constexpr std::string_view kSubjects[] = {"the statement is ",
                                                   "this statement is ",
                                                   "that statement is ",
                                                   "the claim is ",
                                                   "this claim is ",
                                                   "that claim is ",
                                                   "this is ",
                                                   "that is ",
                                                   "it is ",
                                                   "that's ",
                                                   "it's "};
  struct Word {
    std::string_view word;
    int value;
  };
  constexpr Word kWords[] = {{"true", 1}, {"correct", 1}, {"false", -1}, {"incorrect", -1}};
  const auto* const subject = std::find_if(std::begin(kSubjects), std::end(kSubjects),
                                           [low](auto s) { return low.starts_with(s); });
  if (subject == std::end(kSubjects)) return 0;
  low.remove_prefix(subject->size());
  SkipAny("*_\"", low);
  const bool is_negated = low.starts_with("not ");
  if (is_negated) low.remove_prefix(std::string_view("not ").size());
  for (const auto& [word, value] : kWords) {
    if (low.starts_with(word) && EndsClaim(low.substr(word.size())))
      return is_negated ? -value : value;
  }
  return 0;
}

}  // namespace

std::optional<FinalAnswer> AsYesNo(std::string_view span, bool is_whole) {
  struct Word {
    std::string_view word, value;
  };
  constexpr Word kWords[] = {{"yes", "yes"}, {"true", "yes"}, {"correct", "yes"},
                             {"no", "no"},   {"false", "no"}, {"incorrect", "no"}};
  for (const auto& [word, value] : kWords) {
    if (!BeginsWith(span, word)) continue;
    const std::string_view rest = span.substr(word.size());
    if (!rest.empty() && (IsAsciiLetter(rest.front()) || IsAsciiDigit(rest.front()))) continue;
    if (is_whole && rest.size() > 1) continue;
    return YesNo(value);
  }
  if (IsOneOf(span, words::kYes)) return YesNo("yes");
  if (IsOneOf(span, words::kNo)) return YesNo("no");
  const int claim = ReadClaim(ToAsciiLower(std::string(span)));
  if (claim != 0) return YesNo(claim > 0 ? "yes" : "no");
  return {};
}

int BareYesNo(std::string_view low) {
  const std::size_t begin = low.find_first_not_of(" \t\r\n*_");
  if (begin == std::string_view::npos) return 0;
  low.remove_prefix(begin);
  for (const std::string_view word : {"yes", "true", "correct"}) {
    if (LeadsBare(low, word)) return 1;
  }
  for (const std::string_view word : {"no", "false", "incorrect"}) {
    if (LeadsBare(low, word)) return -1;
  }
  return ReadClaim(low);
}

}  // namespace byok
