#include "consensus/synthesis_check.hpp"

#include <algorithm>

#include "consensus/agreement.hpp"
#include "consensus/fold.hpp"
#include "consensus/lexicon.hpp"
#include "consensus/tokens.hpp"

namespace byok {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// The pair score with the pick, as answers are compared; nothing for a blank or a refusal.
std::optional<double> ScoreWithPick(const Synthesis& synthesis) {
  const Agreement agreement = MeasureAgreement(
      synthesis.prompt,
      {{"pick", std::string(synthesis.pick), false}, {"text", std::string(synthesis.text), false}});
  if (!IsUsable(agreement.status.back())) return {};
  return agreement.pairs.empty() ? 0 : agreement.pairs.front().score;
}

// --- numbers -----------------------------------------------------------------------------------

/// The numbers of some texts, however they are spelled.
class KnownNumbers {
 public:
  explicit KnownNumbers(Lexicon& lexicon) : lexicon_(lexicon) {}

  void Learn(const std::vector<Token>& tokens) {
    is_known_.resize(lexicon_.size());
    for (const Token& token : tokens) is_known_[token.id] = true;
  }
  [[nodiscard]] bool Have(const Token& token) const {
    if (!lexicon_[token.id].is_number()) return true;
    return token.id < is_known_.size() && is_known_[token.id];
  }

 private:
  const Lexicon& lexicon_;
  std::vector<bool> is_known_;  // by TokenId
};

// --- links -------------------------------------------------------------------------------------

using Links = std::vector<std::string_view>;

/// From the beginning of a host to the next mark that ends a link, without what may stand behind
/// it in a sentence.
std::string_view LinkAt(std::string_view text) {
  const std::string_view link = text.substr(0, text.find_first_of(" \t\r\n\"'<>()[]{}|`*"));
  return link.substr(0, link.find_last_not_of(".,;:!?/_") + 1);
}

/// What follows "//" or "www." and has a dot: hosts with their paths. `low` is a folded text in
/// lower case.
Links LinksOf(std::string_view low) {
  Links links;
  for (std::size_t at = 0; at < low.size(); ++at) {
    const bool is_slashes = low.substr(at, 2) == "//";
    if (!is_slashes && low.substr(at, 4) != "www.") continue;
    std::string_view rest = low.substr(at + (is_slashes ? 2 : 4));
    if (is_slashes && rest.starts_with("www.")) rest.remove_prefix(4);
    const std::string_view link = LinkAt(rest);
    if (link.find('.') != kNone) links.push_back(link);
    at += static_cast<std::size_t>(rest.data() - low.data()) - at + link.size() - 1;
  }
  return links;
}

// --- what the writer was shown -----------------------------------------------------------------

/// Numbers and links of all texts that the writer was shown.
struct Sources {
  KnownNumbers numbers;
  std::vector<std::string> texts;  // folded, in lower case: links are views into them
  Links links;
};

Sources ReadSources(const std::vector<std::string>& seen, Lexicon& lexicon) {
  Sources sources{KnownNumbers(lexicon), {}, {}};
  sources.texts.reserve(seen.size());
  for (const std::string& text : seen) {
    const std::string folded = Fold(text);
    sources.numbers.Learn(Tokenize(folded, lexicon));
    const std::string& low = sources.texts.emplace_back(ToAsciiLower(folded));
    const Links links = LinksOf(low);
    sources.links.insert(sources.links.end(), links.begin(), links.end());
  }
  std::sort(sources.links.begin(), sources.links.end());
  return sources;
}

std::string_view NewIn(std::string_view text, const std::vector<std::string>& seen) {
  Lexicon lexicon;
  const Sources sources = ReadSources(seen, lexicon);
  const std::string folded = Fold(text);
  const std::vector<Token> tokens = Tokenize(folded, lexicon);
  if (tokens.size() >= kMaxTokensOfText) return "too_long";
  const auto is_known_number = [&](const Token& token) { return sources.numbers.Have(token); };
  if (!std::all_of(tokens.begin(), tokens.end(), is_known_number)) return "new_number";
  const std::string low = ToAsciiLower(folded);
  const Links links = LinksOf(low);
  const auto is_known_link = [&](std::string_view link) {
    return std::binary_search(sources.links.begin(), sources.links.end(), link);
  };
  return std::all_of(links.begin(), links.end(), is_known_link) ? "" : "new_link";
}

}  // namespace

std::string_view FaultOf(const Synthesis& synthesis) {
  constexpr double kLeastScore = 0.35;
  if (synthesis.text.size() > kClipAbove) return "too_long";
  const std::optional<double> score = ScoreWithPick(synthesis);
  if (!score) return "unusable_answer";
  if (*score < kLeastScore) return "differs_from_pick";
  return NewIn(synthesis.text, synthesis.seen);
}

}  // namespace byok
