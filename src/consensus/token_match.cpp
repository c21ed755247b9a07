#include "consensus/token_match.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <utility>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

constexpr std::ptrdiff_t kMaxCandidates = 200;  // of one first byte; bounds hostile vocabularies
constexpr std::ptrdiff_t kMaxTries = 60'000;    // of a pair; 32 KiB of prose take a third of it
constexpr std::size_t kMinSize = 4;             // of words that may match nearly
constexpr std::size_t kMinSizeForEdit = 5;
constexpr std::size_t kMinCommon = 5;

std::size_t CommonPrefix(const Lexicon::Entry& a, const Lexicon::Entry& b) {
  const std::size_t shorter = std::min(a.text.size(), b.text.size());
  const auto in_head = static_cast<std::size_t>(std::countl_zero(a.head ^ b.head)) / 8;
  if (in_head < sizeof a.head) return std::min(in_head, shorter);
  const auto* const end = a.text.begin() + shorter;
  const auto* const differ = std::mismatch(a.text.begin(), end, b.text.begin()).first;
  return static_cast<std::size_t>(differ - a.text.begin());
}

/// One byte replaced or inserted; `common`: bytes the two begin with, fewer than both have.
bool IsOneEditApart(std::string_view longer, std::string_view shorter, std::size_t common) {
  const std::size_t more = longer.size() - shorter.size();
  return more <= 1 && longer.substr(common + 1) == shorter.substr(common + 1 - more);
}

bool IsNear(std::string_view longer, std::string_view shorter, std::size_t common) {
  if (common == shorter.size()) return true;
  if (common >= kMinCommon && 10 * common >= 6 * longer.size()) return true;
  return shorter.size() >= kMinSizeForEdit && IsOneEditApart(longer, shorter, common);
}

/// Of words that are near otherwise. What may be added to a name in Latin letters: "Nigerian" is
/// near "Nigeria", "Nigeria" is not near "Niger".
bool IsNearName(std::string_view longer, std::string_view shorter, std::size_t common,
                bool are_bare) {
  static constexpr std::string_view kEndings[] = {"s", "es", "n", "an", "ian", "ish", "ese", "ns"};
  constexpr std::size_t kMinForEdit = 7;
  if (common == shorter.size()) {
    return std::find(std::begin(kEndings), std::end(kEndings), longer.substr(common)) !=
           std::end(kEndings);
  }
  return !are_bare || (shorter.size() >= kMinForEdit && IsOneEditApart(longer, shorter, common));
}

bool SplitsCharacter(std::string_view text, std::size_t at) {
  return at < text.size() && IsInsideCharacter(text[at]);
}

std::string_view WithoutFirst(std::string_view text) {
  return text.substr(DecodeAt(text, 0).size);
}

/// As IsNear, by characters: other scripts take several bytes for a letter, of which most are
/// alike.
bool AreCharactersNear(std::string_view longer, std::string_view shorter, std::size_t common) {
  while (SplitsCharacter(longer, common) || SplitsCharacter(shorter, common)) --common;
  std::size_t size = CountCharacters(longer), other_size = CountCharacters(shorter);
  if (size < other_size) {
    std::swap(size, other_size);
    std::swap(longer, shorter);
  }
  if (other_size < kMinSize) return false;
  if (common == shorter.size()) return true;
  const std::size_t common_size = CountCharacters(shorter.substr(0, common));
  if (common_size >= kMinCommon && 10 * common_size >= 6 * size) return true;
  if (other_size < kMinSizeForEdit || size > other_size + 1) return false;
  const std::string_view rest = shorter.substr(common);
  return WithoutFirst(longer.substr(common)) == (size > other_size ? rest : WithoutFirst(rest));
}

/// A word that only one of two contents has.
struct Lone {
  const Lexicon::Entry* word = nullptr;
  double weight = 0;
  bool is_name = false;
};
using Rest = std::vector<Lone>;  // in byte order

/// Pairs of ideographs are too short to be nearly the same, and very many.
void AddTo(Rest& rest, const ContentToken& token, const Lexicon& lexicon) {
  const Lexicon::Entry& word = lexicon[token.id];
  if (word.is_number() || word.characters < kMinSize) return;
  rest.push_back({&word, token.weight, token.is_name});
}

/// Two contents, compared word by word.
struct Split {
  double products = 0;  // Σ of weight × weight over the words in common
  double weight_a = 0, weight_b = 0;
  Rest rest_a, rest_b;  // the words only one has that may be nearly the same as others
};

Split SplitContents(const std::vector<ContentToken>& a, const std::vector<ContentToken>& b,
                    const Lexicon& lexicon) {
  Split split;
  split.rest_a.reserve(a.size());
  split.rest_b.reserve(b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->id == right->id) {
      split.products += left->weight * right->weight;
      split.weight_a += left++->weight;
      split.weight_b += right++->weight;
    } else if (lexicon.Less(left->id, right->id)) {
      AddTo(split.rest_a, *left++, lexicon);
    } else {
      AddTo(split.rest_b, *right++, lexicon);
    }
  }
  for (; left != a.end(); ++left) AddTo(split.rest_a, *left, lexicon);
  for (; right != b.end(); ++right) AddTo(split.rest_b, *right, lexicon);
  return split;
}

/// What the words of one answer that the other lacks found nearly there.
struct Gain {
  double products = 0;  // Σ of own weight × weight of the word found
  double weight = 0;    // Σ of own weight

  void Add(const Lone& own, const Lone& other) {
    products += own.weight * other.weight;
    weight += own.weight;
  }
};

/// What most pairs fail: a beginning in common, or sizes of which one is an edit of the other.
bool MayBeNear(const Lexicon::Entry& a, const Lexicon::Entry& b) {
  static_assert(kMinSize == 4 && kMinCommon >= kMinSize);
  constexpr std::uint64_t kBeginning = 0xFFFFFFFF00000000;
  const std::size_t size = a.text.size(), other_size = b.text.size();
  const bool is_edit = size <= other_size + 1 && other_size <= size + 1;
  return is_edit || ((a.head ^ b.head) & kBeginning) == 0;
}

/// Finds to each word of either side the first of the other that begins alike and is nearly the
/// same. After kMaxTries the rest stays without.
class NearMatcher {
 public:
  /// `names`: what two names are.
  NearMatcher(const Rest& a, const Rest& b, Naming names)
      : a_(a),
        b_(b),
        names_(names),
        group_(b.begin()),
        group_end_(b.begin()),
        has_match_(b.size()) {}

  /// What the words of a and those of b gain.
  std::pair<Gain, Gain> Match() && {
    for (const Lone& lone : a_) {
      SeekGroup(lone.word->first_byte());
      MatchWithGroup(lone);
    }
    return {gain_a_, gain_b_};
  }

 private:
  /// The bytes come in order.
  void SeekGroup(unsigned char byte) {
    const auto begins_before = [&](const Lone& o) { return o.word->first_byte() < byte; };
    const auto begins_alike = [&](const Lone& o) { return o.word->first_byte() == byte; };
    if (group_ != group_end_ && begins_alike(*group_)) return;
    group_ = std::find_if_not(group_end_, b_.end(), begins_before);
    group_end_ = std::find_if_not(group_, b_.end(), begins_alike);
  }

  void MatchWithGroup(const Lone& lone) {
    const auto tries = std::min({group_end_ - group_, kMaxCandidates, tries_left_});
    bool is_matched = false;
    for (auto other = group_; other != group_ + tries; ++other) {
      if (!MayBeNear(*lone.word, *other->word) || !IsNear(lone, *other)) continue;
      if (!is_matched) gain_a_.Add(lone, *other);
      is_matched = true;
      const auto index = static_cast<std::size_t>(other - b_.begin());
      if (!has_match_[index]) gain_b_.Add(*other, lone);
      has_match_[index] = true;
    }
    tries_left_ -= tries;
  }

  [[nodiscard]] bool IsNear(const Lone& a, const Lone& b) const {
    return IsNearlySame(*a.word, *b.word, a.is_name && b.is_name ? names_ : Naming::kWords);
  }

  const Rest& a_;
  const Rest& b_;
  Naming names_;
  Rest::const_iterator group_, group_end_;  // the words of b that begin as the last one of a
  std::vector<bool> has_match_;             // by index in b
  std::ptrdiff_t tries_left_ = kMaxTries;
  Gain gain_a_, gain_b_;
};

double Share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/// Over the numbers of a content, which stand at its beginning: "#" comes before letters.
double SquaresOfNumbers(const AnswerProfile& profile, const Lexicon& lexicon) {
  double squares = 0;
  for (const ContentToken& token : profile.content) {
    if (!lexicon[token.id].is_number()) break;
    squares += token.weight * token.weight;
  }
  return squares;
}

/// The weights of the numbers that both have.
double ProductsOfNumbers(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  double products = 0;
  auto other = b.content.begin();
  for (const ContentToken& token : a.content) {
    if (!lexicon[token.id].is_number()) break;
    while (other != b.content.end() && lexicon.Less(other->id, token.id)) ++other;
    if (other != b.content.end() && other->id == token.id) products += token.weight * other->weight;
  }
  return products;
}

/// The cosine without numbers; 1 where there is nothing else.
double CosineOfRest(const AnswerProfile& a, const AnswerProfile& b, double products,
                    const Lexicon& lexicon) {
  constexpr double kNothing = 1e-9;
  const double rest_a = a.norm * a.norm - SquaresOfNumbers(a, lexicon);
  const double rest_b = b.norm * b.norm - SquaresOfNumbers(b, lexicon);
  if (rest_a < kNothing && rest_b < kNothing) return 1;
  if (rest_a < kNothing || rest_b < kNothing) return 0;
  const double rest = products - ProductsOfNumbers(a, b, lexicon);
  return std::clamp(rest / std::sqrt(rest_a * rest_b), 0.0, 1.0);
}

}  // namespace

bool IsNearlySame(const Lexicon::Entry& a, const Lexicon::Entry& b, Naming naming) {
  const auto [shorter, longer] =
      std::minmax(a.text, b.text, [](auto left, auto right) { return left.size() < right.size(); });
  if (shorter.size() < kMinSize || a.is_number() || b.is_number()) return false;
  const std::size_t common = CommonPrefix(a, b);
  if (!IsNear(longer, shorter, common)) return false;  // most pairs end here
  const bool is_latin = std::all_of(longer.begin(), longer.end(), IsAscii) &&
                        std::all_of(shorter.begin(), shorter.end(), IsAscii);
  if (!is_latin) return AreCharactersNear(longer, shorter, common);
  return naming == Naming::kWords ||
         IsNearName(longer, shorter, common, naming == Naming::kBareNames);
}

namespace {

/// Where there is little else to compare, a name is all that counts.
Naming NamingOf(std::size_t words) {
  constexpr std::size_t kBare = 2, kFew = 6;
  if (words > kFew) return Naming::kWords;
  return words > kBare ? Naming::kNames : Naming::kBareNames;
}

}  // namespace

TokenMatch MatchTokens(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  const Split same = SplitContents(a.content, b.content, lexicon);
  const Naming names = NamingOf(std::max(a.content.size(), b.content.size()));
  const auto [nearly_a, nearly_b] = NearMatcher(same.rest_a, same.rest_b, names).Match();
  const double products = same.products + (nearly_a.products + nearly_b.products) / 2;
  TokenMatch match;
  match.cosine = std::min(1.0, Share(products, a.norm * b.norm));
  match.rest_cosine = CosineOfRest(a, b, products, lexicon);
  match.containment = std::max(Share(same.weight_a + nearly_a.weight, a.weight),
                               Share(same.weight_b + nearly_b.weight, b.weight));
  return match;
}

}  // namespace byok
