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

using Rest = std::vector<ContentToken>;

/// Two contents, compared word by word.
struct Split {
  double products = 0;  // Σ of weight × weight over the words in common
  double weight_a = 0, weight_b = 0;
  Rest rest_a, rest_b;  // the words only one has, in byte order
};

Split SplitContents(const std::vector<ContentToken>& a, const std::vector<ContentToken>& b,
                    const Lexicon& lexicon) {
  Split split;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->id == right->id) {
      split.products += left->weight * right->weight;
      split.weight_a += left++->weight;
      split.weight_b += right++->weight;
    } else if (lexicon.Less(left->id, right->id)) {
      split.rest_a.push_back(*left++);
    } else {
      split.rest_b.push_back(*right++);
    }
  }
  split.rest_a.insert(split.rest_a.end(), left, a.end());
  split.rest_b.insert(split.rest_b.end(), right, b.end());
  return split;
}

/// What the words of one answer that the other lacks found nearly there.
struct Gain {
  double products = 0;  // Σ of own weight × weight of the word found
  double weight = 0;    // Σ of own weight
};

unsigned char FirstByte(const ContentToken& token, const Lexicon& lexicon) {
  return static_cast<unsigned char>(lexicon[token.id].text.front());
}

/// Pairs of ideographs are too short, and very many.
bool MayBeNear(const Lexicon::Entry& word) {
  return !word.is_number() && CountCharacters(word.text) >= kMinSize;
}

/// Each word of `words` with the first of `others` that begins alike and nearly matches it; after
/// kMaxTries the rest stays without. `names`: what two names are.
Gain MatchNearly(const Rest& words, const Rest& others, Naming names, const Lexicon& lexicon) {
  Gain gain;
  auto group = others.begin();  // the words that begin with the byte of the last one
  auto group_end = group;
  std::ptrdiff_t tries_left = kMaxTries;
  for (const ContentToken& word : words) {
    if (!MayBeNear(lexicon[word.id])) continue;
    const unsigned char byte = FirstByte(word, lexicon);
    const auto begins_before = [&](const ContentToken& o) { return FirstByte(o, lexicon) < byte; };
    const auto begins_alike = [&](const ContentToken& o) { return FirstByte(o, lexicon) == byte; };
    if (group == group_end || !begins_alike(*group)) {
      group = std::find_if_not(group_end, others.end(), begins_before);
      group_end = std::find_if_not(group, others.end(), begins_alike);
    }
    const auto last = group + std::min({group_end - group, kMaxCandidates, tries_left});
    const auto other = std::find_if(group, last, [&](const ContentToken& candidate) {
      const bool are_names = word.is_name && candidate.is_name;
      return IsNearlySame(lexicon[word.id], lexicon[candidate.id],
                          are_names ? names : Naming::kWords);
    });
    tries_left -= other - group;
    if (other == last) continue;
    gain.products += word.weight * other->weight;
    gain.weight += word.weight;
  }
  return gain;
}

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
  const Gain nearly_a = MatchNearly(same.rest_a, same.rest_b, names, lexicon);
  const Gain nearly_b = MatchNearly(same.rest_b, same.rest_a, names, lexicon);
  const double products = same.products + (nearly_a.products + nearly_b.products) / 2;
  TokenMatch match;
  match.cosine = std::min(1.0, Share(products, a.norm * b.norm));
  match.rest_cosine = CosineOfRest(a, b, products, lexicon);
  match.containment = std::max(Share(same.weight_a + nearly_a.weight, a.weight),
                               Share(same.weight_b + nearly_b.weight, b.weight));
  return match;
}

}  // namespace byok
