#include "consensus/final_time.hpp"

#include <algorithm>
#include <iterator>

#include "consensus/code_points.hpp"
#include "consensus/number_text.hpp"

namespace byok {
namespace {

/// Takes a time apart from its beginning.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  /// The next word, in lower case, of at most so many letters as "midnight" has.
  std::string Word() {
    constexpr std::size_t kLongest = 8;
    SkipBlanks();
    std::string word;
    while (word.size() <= kLongest && at_ < text_.size() &&
           (IsAsciiLetter(text_[at_]) || text_[at_] == '\'')) {
      word += ToAsciiLower(text_[at_++]);
    }
    return word;
  }

  /// One or two digits; -1 for anything else.
  int Number() {
    const std::size_t begin = at_;
    int value = 0;
    while (at_ < text_.size() && IsAsciiDigit(text_[at_]) && at_ - begin < 3) {
      value = value * 10 + (text_[at_++] - '0');
    }
    return at_ == begin || at_ - begin > 2 ? -1 : value;
  }

  /// Two digits behind a colon or a point; -1 without.
  int Sixtieths() {
    const bool is_next = at_ + 2 < text_.size() && (text_[at_] == ':' || text_[at_] == '.') &&
                         IsAsciiDigit(text_[at_ + 1]) && IsAsciiDigit(text_[at_ + 2]);
    if (!is_next) return -1;
    has_point_ = has_point_ || text_[at_] == '.';
    ++at_;
    const int value = Number();
    return value < 60 ? value : -1;
  }

  void SkipBlanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  /// Whether no more than the name of a time zone follows.
  bool IsAtEnd() {
    constexpr std::size_t kLongestZone = 4;
    SkipBlanks();
    const std::string_view rest = text_.substr(at_);
    return rest.size() <= kLongestZone &&
           std::all_of(rest.begin(), rest.end(), [](char c) { return 'A' <= c && c <= 'Z'; });
  }
  [[nodiscard]] bool has_point() const { return has_point_; }
  void Return(std::size_t at) { at_ = at; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool has_point_ = false;
};

struct Clock {
  int hour = -1, minute = -1, second = -1;
  std::string half;  // "am", "pm", "o'clock", or nothing
};

bool IsLeadWord(const std::string& word) {
  static constexpr std::string_view kWords[] = {"at",   "about", "around", "by",
                                                "from", "until", "before", "after"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

/// "22:30" from the hours and minutes, "?10:30" where only the half of the day is open.
std::string ShowClock(Clock clock) {
  const bool is_open =
      (clock.half.empty() || clock.half == "o'clock") && clock.hour >= 1 && clock.hour <= 12;
  if (clock.half == "pm" && clock.hour < 12) clock.hour += 12;
  if (clock.half == "am" && clock.hour == 12) clock.hour = 0;
  std::string shown =
      (is_open ? "?" : "") + TwoDigits(clock.hour) + ":" + TwoDigits(std::max(clock.minute, 0));
  if (clock.second >= 0) shown += ":" + TwoDigits(clock.second);
  return shown;
}

bool IsClock(const Clock& clock, bool has_point) {
  const bool has_half = clock.half == "am" || clock.half == "pm";
  if (clock.hour < 0 || clock.hour > (has_half ? 12 : 24)) return false;
  if (has_half && clock.hour == 0) return false;
  if (has_half || clock.half == "o'clock") return true;
  return clock.minute >= 0 && !has_point;  // "10.30" is a number
}

std::optional<std::string> ReadClock(TimeReader& reader) {
  std::size_t begin = reader.at();
  std::string word = reader.Word();
  if (IsLeadWord(word)) {
    begin = reader.at();
    word = reader.Word();
  }
  if (word == "noon" || word == "midday") return "12:00";
  if (word == "midnight") return "00:00";
  reader.Return(begin);
  reader.SkipBlanks();
  Clock clock;
  clock.hour = reader.Number();
  clock.minute = reader.Sixtieths();
  if (clock.minute >= 0) clock.second = reader.Sixtieths();
  const std::size_t behind = reader.at();
  clock.half = reader.Word();
  if (clock.half != "am" && clock.half != "pm" && clock.half != "o'clock") {
    clock.half.clear();
    reader.Return(behind);
  }
  return IsClock(clock, reader.has_point()) ? std::optional(ShowClock(clock)) : std::nullopt;
}

}  // namespace

std::optional<FinalAnswer> AsTime(std::string_view plain) {
  TimeReader reader(plain);
  auto time = ReadClock(reader);
  if (!time || !reader.IsAtEnd()) return {};
  return FinalAnswer{FinalType::kTime, *std::move(time), ""};
}

}  // namespace byok
