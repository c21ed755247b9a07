#include "consensus/latex_text.hpp"

#include <algorithm>
#include <vector>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

struct Command {
  std::string_view name, text;
};
/// What is not listed here or below stays as its name.
constexpr Command kCommands[] = {
    {"times", "x"},  {"cdot", "*"},    {"div", "/"},   {"le", "≤"},          {"leq", "≤"},
    {"ge", "≥"},     {"geq", "≥"},     {"lt", "<"},    {"gt", ">"},          {"ne", "≠"},
    {"neq", "≠"},    {"pm", "±"},      {"circ", "°"},  {"deg", "°"},         {"pi", " pi"},
    {"degree", "°"}, {"quad", " "},    {"qquad", " "}, {"euro", "€"},        {"pounds", "£"},
    {"infty", "∞"},  {"percent", "%"}, {"to", "->"},   {"rightarrow", "->"},
};
/// How something looks. They go, their arguments stay.
constexpr std::string_view kLooks[] = {
    "text",   "textbf", "textit", "textrm", "mathrm",     "mathbf",       "mathit",       "mathsf",
    "mathbb", "boxed",  "left",   "right",  "big",        "bigl",         "bigr",         "bf",
    "rm",     "it",     "mbox",   "hbox",   "boldsymbol", "operatorname", "displaystyle", "Big"};

bool IsLook(std::string_view command) {
  return std::find(std::begin(kLooks), std::end(kLooks), command) != std::end(kLooks);
}

std::string TextOf(std::string_view command) {
  const auto* const found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [&](const Command& c) { return c.name == command; });
  if (found != std::end(kCommands)) return std::string(found->text);
  return IsLook(command) ? std::string() : " " + std::string(command);
}

bool IsFraction(std::string_view command) {
  return command == "frac" || command == "dfrac" || command == "tfrac" || command == "cfrac";
}

/// Reads one text from its beginning to its end.
class LatexReader {
 public:
  LatexReader(std::string_view text, LatexGroups groups)
      : text_(text), is_bracketed_(groups == LatexGroups::kBracketed) {
    plain_.reserve(text.size());
  }

  std::string Run() && {
    while (at_ < text_.size()) Step();
    return std::move(plain_);
  }

 private:
  void Step() {
    const char c = text_[at_];
    if (c == '\\') return ReadCommand();
    ++at_;
    if (c == '{') return Open();
    if (c == '}') return Close();
    plain_ += c;
  }

  /// The braces of a power, a root or a denominator hold it together.
  void Open() {
    const bool holds =
        is_bracketed_ && (plain_.ends_with('^') || plain_.ends_with("√") || plain_.ends_with('/'));
    if (holds) plain_ += '(';
    closers_.push_back(holds ? ")" : "");
  }

  void Close() {
    if (closers_.empty()) return;
    plain_ += closers_.back();
    closers_.pop_back();
  }

  void ReadCommand() {
    std::size_t end = ++at_;
    while (end < text_.size() && IsAsciiLetter(text_[end])) ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    if (name.empty()) return ReadSymbol();
    if (IsFraction(name)) return BeginFraction();
    if (name == "sqrt") {
      plain_ += "√";
      return;
    }
    const std::string text = TextOf(name);
    if (text == "°" && plain_.ends_with('^')) plain_.pop_back();  // "90^\circ"
    plain_ += text;
  }

  /// "\," and "\!" between digits are nothing; "\%" is "%", "\(" and "\[" are nothing.
  void ReadSymbol() {
    if (at_ == text_.size()) return;
    const char c = text_[at_++];
    if (std::string_view("()[]!").find(c) != std::string_view::npos) return;
    if (std::string_view(",;: ").find(c) == std::string_view::npos) {
      plain_ += c;
      return;
    }
    const bool is_inside_number = !plain_.empty() && IsAsciiDigit(plain_.back()) &&
                                  at_ < text_.size() && IsAsciiDigit(text_[at_]);
    if (!is_inside_number) plain_ += ' ';
  }

  /// "1\frac{1}{2}" and "\frac12".
  void BeginFraction() {
    if (!plain_.empty() && IsAsciiDigit(plain_.back())) plain_ += ' ';
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ == text_.size()) return;
    if (text_[at_] == '{') {
      ++at_;
      if (is_bracketed_) plain_ += '(';
      return closers_.push_back(is_bracketed_ ? ")/" : "/");
    }
    if (!IsAsciiDigit(text_[at_])) return;
    plain_ += text_[at_++];
    plain_ += '/';
  }

  std::string_view text_;
  bool is_bracketed_;
  std::size_t at_ = 0;
  std::string plain_;
  std::vector<std::string_view> closers_;  // what the open braces become when they close
};

}  // namespace

std::string PlainLatex(std::string_view text, LatexGroups groups) {
  if (text.find_first_of("\\{}") == std::string_view::npos) return std::string(text);
  return LatexReader(text, groups).Run();
}

}  // namespace byok
