#include "consensus/final_marks.hpp"

#include <algorithm>
#include <cstddef>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool IsOperandAt(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  return IsAsciiDigit(text[at]) || IsLetter(DecodeAt(text, at).value);
}

std::size_t EndOfOperand(std::string_view text, std::size_t at) {
  while (IsOperandAt(text, at)) at += DecodeAt(text, at).size;
  return at;
}

bool IsNumber(std::string_view operand) {
  return !operand.empty() && std::all_of(operand.begin(), operand.end(), IsAsciiDigit);
}

/// "x", "12", "3x": what a formula is made of, other than a word.
bool IsTerm(std::string_view operand) {
  if (operand.empty()) return false;
  const auto digits = std::count_if(operand.begin(), operand.end(), IsAsciiDigit);
  return DecodeAt(operand, 0).size == operand.size() ||
         digits + 1 >= static_cast<std::ptrdiff_t>(operand.size());
}

std::string_view WithoutQuotes(std::string_view text) {
  constexpr std::string_view kQuotes = " `*\"'";
  text.remove_prefix(std::min(text.find_first_not_of(kQuotes), text.size()));
  text = text.substr(0, text.find_last_not_of(" `*\"'.") + 1);
  return text.ends_with("()") ? text.substr(0, text.size() - 2) : text;
}

/// "CO", "SO": what a formula as "CO2" is without its numbers.
bool IsSymbol(std::string_view text) {
  constexpr std::size_t kLongest = 3;
  return !text.empty() && text.size() <= kLongest && 'A' <= text.front() && text.front() <= 'Z' &&
         std::all_of(text.begin(), text.end(), IsAsciiLetter);
}

/// The letters and digits of a text that is one word with a digit or joints inside, "H2O",
/// "192.168.0.1", "2:3", "get_name", "os.path", "a@b.org", or a symbol; empty for others, as
/// "US$5". What it is made of says less than how it is written.
std::string CodeOf(std::string_view text) {
  constexpr std::string_view kJoints = ".:-_/@", kOfNames = "._:@";
  text = WithoutQuotes(text);
  const bool is_code = text.find_first_of("0123456789") != kNone ||
                       text.find_first_of(kOfNames) != kNone || IsSymbol(text);
  if (!is_code || text.find(' ') != kNone) return {};
  std::string code;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint character = DecodeAt(text, at);
    if (IsOperandAt(text, at)) {
      AppendUtf8(ToLower(character.value), code);
    } else if (kJoints.find(text[at]) == kNone) {
      return {};
    }
    at += character.size;
  }
  return code;
}

/// Whether two codes may be the same: without digits, one may leave out where the other stands, as
/// "path.join" and "os.path.join", and symbols are left to their words, as "US" and "USA".
bool AreCodesAlike(std::string_view a, std::string_view b) {
  constexpr std::size_t kSymbol = 3;
  if (a == b) return true;
  const bool has_digit =
      a.find_first_of("0123456789") != kNone || b.find_first_of("0123456789") != kNone;
  if (has_digit) return false;
  return (a.size() <= kSymbol && b.size() <= kSymbol) || a.ends_with(b) || b.ends_with(a);
}

bool AreSignsAlike(const Mark& a, const Mark& b) {
  return a.word == " " ? AreCodesAlike(a.sign, b.sign) : a.sign == b.sign;
}

constexpr std::string_view kComparisons[] = {"<=", ">=", "<", ">", "=", "≤", "≥", "≠", "±"};
constexpr std::string_view kCurrencies[] = {"$", "€", "£", "¥", "₹", "₩", "₽", "¢"};

template <std::size_t kSize>
std::string_view OneOfAt(std::string_view text, std::size_t at,
                         const std::string_view (&signs)[kSize]) {
  const auto* const found =
      std::find_if(std::begin(signs), std::end(signs),
                   [&](std::string_view sign) { return text.substr(at).starts_with(sign); });
  return found == std::end(signs) ? std::string_view() : *found;
}

/// Reads one text from its beginning to its end.
class MarkReader {
 public:
  explicit MarkReader(std::string_view text) : text_(text) {}

  std::vector<Mark> Run() && {
    while (at_ < text_.size()) Step();
    return std::move(marks_);
  }

 private:
  void Step() {
    if (IsOperandAt(text_, at_)) return ReadOperand();
    if (TakeComparison() || TakeCurrency() || TakeRoot() || TakeRatio() || TakeJoined()) return;
    if (text_[at_] != ' ') operand_ = {};
    at_ += DecodeAt(text_, at_).size;
  }

  void ReadOperand() {
    const std::size_t end = EndOfOperand(text_, at_);
    const std::string_view read = text_.substr(at_, end - at_);
    if (IsLabel(read, end)) return Add(read, true);
    operand_ = read;
    at_ = end;
  }

  /// "Vitamin C", "Plan B": a capital alone behind a word, that is no initial of a name.
  [[nodiscard]] bool IsLabel(std::string_view read, std::size_t end) const {
    const bool is_capital = read.size() == 1 && 'A' <= read.front() && read.front() <= 'Z';
    const bool follows_word = !operand_.empty() && !IsTerm(operand_) && text_[at_ - 1] == ' ';
    return is_capital && follows_word &&
           (end == text_.size() || text_[end] != '.' || end + 1 == text_.size());
  }

  /// "x<2", "x = 2", "> 5", but no arrow, no quotation mark of mails and no heading.
  bool TakeComparison() {
    const std::string_view sign = OneOfAt(text_, at_, kComparisons);
    if (sign.empty()) return false;
    const bool is_arrow = at_ > 0 && (text_[at_ - 1] == '-' || text_[at_ - 1] == '=');
    const std::size_t next =
        std::min(text_.find_first_not_of(" -.", at_ + sign.size()), text_.size());
    const bool compares = !operand_.empty() || (next < text_.size() && IsAsciiDigit(text_[next]));
    if (is_arrow || !compares || next == text_.size() || text_[next] == '>') return false;
    Add(sign, false);
    return true;
  }

  bool TakeCurrency() {
    const std::string_view sign = OneOfAt(text_, at_, kCurrencies);
    if (sign.empty()) return false;
    operand_ = {};
    Add(sign, true);
    return true;
  }

  bool TakeRoot() {
    constexpr std::string_view kRoot = "√";
    if (!text_.substr(at_).starts_with(kRoot)) return false;
    operand_ = {};
    Add(kRoot, false);
    return true;
  }

  /// "3:2", "1:1"; two digits behind the colon may be a time.
  bool TakeRatio() {
    const std::size_t end = EndOfOperand(text_, at_ + 1);
    const bool is_glued = text_[at_] == ':' && IsNumber(operand_) && text_[at_ - 1] != ' ';
    if (!is_glued || end != at_ + 2 || !IsAsciiDigit(text_[at_ + 1])) return false;
    std::string ratio = std::string(operand_) + ":" + text_[at_ + 1];
    operand_ = text_.substr(at_, 1);  // what all ratios are compared by
    Add(std::move(ratio), true, 2);
    return true;
  }

  /// Signs that touch a word: behind it, or between the terms of a formula, or before a term.
  bool TakeJoined() {
    std::size_t end = std::min(text_.find_first_not_of("+-#*/^", at_), text_.size());
    if (end == at_) return false;
    end = std::min(end, text_.find('*', at_ + 1));  // "**C++**"
    const std::string_view sign = text_.substr(at_, end - at_);
    const bool is_glued = !operand_.empty() && text_[at_ - 1] != ' ';
    const std::string_view next = text_.substr(end, EndOfOperand(text_, end) - end);
    if (!is_glued) return TakePrefix(sign, next);
    return next.empty() ? TakePostfix(sign) : TakeInfix(sign, next);
  }

  bool TakePrefix(std::string_view sign, std::string_view next) {
    if (sign != "-" || !IsTerm(next)) return false;
    operand_ = {};
    Add(sign, false);
    return true;
  }

  /// "C++", "C#", "O-", but neither "**" nor "pre-".
  bool TakePostfix(std::string_view sign) {
    constexpr std::size_t kLongest = 2;
    const bool is_plus = sign.find_first_not_of("+#") == kNone;
    if (!is_plus && (sign != "-" || operand_.size() > kLongest)) return false;
    Add(sign, false);
    return true;
  }

  bool TakeInfix(std::string_view sign, std::string_view next) {
    if (sign.front() == '^') {
      Add(std::string(sign).append(next), false, sign.size() + next.size());
      return true;
    }
    if (sign.size() > 1 || !IsTerm(operand_) || !IsTerm(next)) return false;
    Add(sign, sign == "-" || sign == "/");
    return true;
  }

  void Add(std::string_view sign, bool is_soft) { Add(std::string(sign), is_soft, sign.size()); }
  void Add(std::string sign, bool is_soft, std::size_t size) {
    Mark mark;
    mark.sign = std::move(sign);
    mark.is_soft = is_soft;
    for (std::size_t i = 0; i < operand_.size();) {
      const CodePoint letter = DecodeAt(operand_, i);
      AppendUtf8(ToLower(letter.value), mark.word);
      i += letter.size;
    }
    marks_.push_back(std::move(mark));
    operand_ = {};
    at_ += size;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view operand_;  // the word or number before, when only blanks are between
  std::vector<Mark> marks_;
};

/// Whether a mark of `marks` meets another sign, or none where that counts, in `others`.
bool HasConflict(const std::vector<Mark>& marks, const std::vector<Mark>& others,
                 bool are_same_words) {
  return std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) {
    const auto other = std::find_if(others.begin(), others.end(),
                                    [&](const Mark& o) { return o.word == mark.word; });
    if (other == others.end()) return are_same_words && !mark.is_soft;
    return std::none_of(others.begin(), others.end(), [&](const Mark& o) {
      return o.word == mark.word && AreSignsAlike(o, mark);
    });
  });
}

}  // namespace

std::vector<Mark> ReadMarks(std::string_view text) {
  std::vector<Mark> marks = MarkReader(text).Run();
  if (std::string code = CodeOf(text); !code.empty()) marks.push_back({" ", std::move(code), true});
  return marks;
}

bool AreMarksInConflict(const std::vector<Mark>& a, const std::vector<Mark>& b,
                        bool are_same_words) {
  return HasConflict(a, b, are_same_words) || HasConflict(b, a, are_same_words);
}

}  // namespace byok
