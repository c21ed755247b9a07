#include "consensus/final_span.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "consensus/code_points.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMaxSpan = 80;
constexpr std::size_t kMaxWhole = 24;  // characters

/// A place that announces a result, and where the result begins.
struct Announcement {
  std::size_t at = 0;
  std::size_t result = 0;
};
using Found = std::optional<Announcement>;

std::size_t SkipAny(std::string_view text, std::size_t at, std::string_view characters) {
  return std::min(text.find_first_not_of(characters, at), text.size());
}

// --- \boxed{…} -----------------------------------------------------------------------------------

/// Where the brace that was opened before `at` closes.
std::size_t FindClosingBrace(std::string_view text, std::size_t at) {
  int depth = 1;
  for (; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at;
  }
  return kNone;
}

std::optional<std::string> FindBoxed(std::string_view text) {
  constexpr std::string_view kBoxed = "\\boxed{";
  constexpr std::size_t kMaxBoxed = 400;    // bytes; no result is longer
  if (text.find('\\') == kNone) return {};  // much faster than the next line, and enough mostly
  const std::size_t at = text.rfind(kBoxed);
  if (at == kNone) return {};
  const std::size_t begin = at + kBoxed.size();
  const std::size_t end = FindClosingBrace(text, begin);
  if (end == kNone) return {};
  return std::string(text.substr(begin, std::min(end - begin, kMaxBoxed)));
}

// --- "####" and "A:" at the beginning of a line
// -----------------------------------------------------

/// What the line that begins at `begin` announces.
Found ReadLine(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view line = text.substr(0, end);
  const std::size_t at = SkipAny(line, begin, " *");
  for (const std::string_view mark : {"####", "A:"}) {
    if (!line.substr(at).starts_with(mark) || (mark == "A:" && begin == 0)) continue;
    const std::size_t result = at + mark.size();
    if (SkipAny(line, result, " ") < end) return Announcement{at, result};
  }
  return {};
}

Found FindLastLine(std::string_view text) {
  Found last;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (const Found line = ReadLine(text, begin, end)) last = line;
    begin = end + 1;
  }
  return last;
}

// --- "the answer is …"
// ------------------------------------------------------------------------------

/// A bit for each letter that a cue begins with.
constexpr std::uint32_t InitialsOfCues() {
  std::uint32_t initials = 0;
  for (const std::string_view cue : words::kCues) initials |= 1U << (cue.front() - 'a');
  return initials;
}

/// `word`: small ASCII letters.
bool IsCue(std::string_view word) {
  constexpr std::uint32_t kInitials = InitialsOfCues();
  if ((kInitials >> (word.front() - 'a') & 1) == 0) return false;  // most words
  return std::find(std::begin(words::kCues), std::end(words::kCues), word) !=
         std::end(words::kCues);
}

/// One step behind a cue.
struct Link {
  std::size_t end = 0;  // where the step began when it is none
  bool links = false;
};

/// ":" or "=", or a verb before a space, ":" or newline, or one joined to what follows.
Link ReadLink(std::string_view low, std::size_t at) {
  if (at < low.size() && (low[at] == ':' || low[at] == '=')) return {at + 1, true};
  for (const std::string_view joined : words::kJoinedLinks) {
    if (low.substr(at).starts_with(joined)) return {at + joined.size(), true};
  }
  constexpr std::size_t kLongest = 10;  // bytes: "therefore", "ειναι"
  const std::string_view head = low.substr(at, kLongest + 1);
  const std::size_t size = head.find_first_of(" :\n");
  if (size == kNone) return {at, false};
  const std::string_view verb = head.substr(0, size);
  const std::size_t end = at + size;
  if (verb == words::kPassedVerb) return {end, false};
  const bool links = std::find(std::begin(words::kLinkVerbs), std::end(words::kLinkVerbs), verb) !=
                     std::end(words::kLinkVerbs);
  return links ? Link{end, true} : Link{at, false};
}

/// What the cue at `cue` announces, whose word ends at `at`.
Found FollowLinks(std::string_view low, std::size_t cue, std::size_t at) {
  constexpr int kMaxLinks = 6;
  bool is_linked = false;
  for (int i = 0; i < kMaxLinks; ++i) {
    const std::size_t begin = SkipAny(low, at, " *_");
    const Link link = ReadLink(low, begin);
    at = link.end;
    if (link.end == begin) break;
    is_linked = is_linked || link.links;
  }
  const std::size_t result = SkipAny(low, at, " \n*");
  return is_linked && result < low.size() ? Found(Announcement{cue, result}) : std::nullopt;
}

/// Looks at the words, runs of ASCII letters, from the last one to the first.
Found FindLastCue(std::string_view low) {
  constexpr std::size_t kShortest = 5, kLongest = 9;
  std::size_t end = low.size();
  while (end > 0) {
    while (end > 0 && !IsAsciiLetter(low[end - 1])) --end;
    std::size_t begin = end;
    while (begin > 0 && IsAsciiLetter(low[begin - 1])) --begin;
    const std::size_t size = end - begin;
    if (kShortest <= size && size <= kLongest && IsCue(low.substr(begin, size))) {
      if (const Found cue = FollowLinks(low, begin, end)) return cue;
    }
    end = begin;
  }
  return {};
}

/// The last one in another script.
Found FindLastOtherCue(std::string_view low) {
  Found last;
  if (std::all_of(low.begin(), low.end(), IsAscii)) return last;
  for (const std::string_view cue : words::kOtherCues) {
    const std::size_t at = low.rfind(cue);
    if (at == kNone || (last && at < last->at)) continue;
    if (const Found found = FollowLinks(low, at, at + cue.size())) last = found;
  }
  return last;
}

/// From `begin` to the end of the line, of a sentence or of what a result takes.
std::string_view CutResult(std::string_view text, std::size_t begin) {
  std::string_view result = text.substr(begin, kMaxSpan);
  result = result.substr(0, result.find('\n'));
  const std::size_t stop = result.find(". ");
  return stop != kNone && stop >= 2 ? result.substr(0, stop) : result;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = SkipAny(text, 0, kSpace);
  const std::size_t last = text.find_last_not_of(kSpace);
  return last == kNone ? std::string_view() : text.substr(begin, last + 1 - begin);
}

/// Reads no more of a long text than decides.
bool IsShort(std::string_view text) {
  constexpr std::size_t kMostBytes = 4;  // of a character
  return text.size() <= kMaxWhole * kMostBytes && CountCharacters(text) <= kMaxWhole;
}

}  // namespace

std::optional<FinalSpan> FindFinalSpan(std::string_view folded, std::string_view low) {
  if (auto boxed = FindBoxed(folded)) return FinalSpan{std::move(*boxed), false};
  Found last = FindLastCue(low);
  for (const Found& found : {FindLastLine(folded), FindLastOtherCue(low)}) {
    if (found && (!last || found->at > last->at)) last = found;
  }
  if (last) return FinalSpan{std::string(CutResult(folded, last->result)), false};
  const std::string_view whole = Trim(folded);
  if (!IsShort(whole)) return {};
  return FinalSpan{std::string(whole), true};
}

}  // namespace byok
