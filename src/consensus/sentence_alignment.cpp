#include "consensus/sentence_alignment.hpp"

#include <algorithm>
#include <cmath>

namespace byok {
namespace {

constexpr std::size_t kMaxFrom = 8;  // sentences of the shorter answer
constexpr std::size_t kMaxTo = 30;   // sentences of the longer one
constexpr double kMinScore = 0.4;

using Ids = std::vector<TokenId>;  // sorted

std::size_t CountCommon(const Ids& a, const Ids& b) {
  std::size_t count = 0;
  for (auto left = a.begin(), right = b.begin(); left != a.end() && right != b.end();) {
    if (*left == *right) ++count;
    const bool advance_right = *right <= *left;
    if (*left <= *right) ++left;
    if (advance_right) ++right;
  }
  return count;
}

/// The share of the numbers of the one with fewer that the other lacks; 0 when one has none.
double NumberConflict(const Ids& a, const Ids& b) {
  const std::size_t fewer = std::min(a.size(), b.size());
  if (fewer == 0) return 0;
  return 1 - static_cast<double>(CountCommon(a, b)) / static_cast<double>(fewer);
}

bool IsSmallerKey(const Key& a, const Key& b, const Lexicon& lexicon) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [&lexicon](TokenId left, TokenId right) { return lexicon.Less(left, right); });
}

bool IsShorter(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  if (a.sentences.size() != b.sentences.size()) return a.sentences.size() < b.sentences.size();
  return IsSmallerKey(a.key, b.key, lexicon);
}

/// The sentence that says most of what `sentence` says, and how well it fits.
struct Counterpart {
  const Sentence* sentence = nullptr;
  double score = 0;  // cosine of the word sets
};

Counterpart FindCounterpart(const Sentence& sentence, const std::vector<Sentence>& others) {
  Counterpart best;
  const auto from = static_cast<double>(sentence.content.size());
  for (std::size_t i = 0; i < std::min(others.size(), kMaxTo); ++i) {
    if (others[i].content.empty()) continue;
    const auto common = static_cast<double>(CountCommon(sentence.content, others[i].content));
    const double score = common / std::sqrt(from * static_cast<double>(others[i].content.size()));
    if (score > best.score) best = {&others[i], score};
  }
  return best;
}

/// Conflicts by the weight of the sentences that have a counterpart.
Conflicts AlignSentences(const std::vector<Sentence>& sentences,
                         const std::vector<Sentence>& others) {
  double aligned = 0;
  Conflicts conflicts;
  for (std::size_t i = 0; i < std::min(sentences.size(), kMaxFrom); ++i) {
    const Sentence& sentence = sentences[i];
    if (sentence.content.empty()) continue;
    const auto [other, score] = FindCounterpart(sentence, others);
    if (score < kMinScore) continue;
    const double weight = score * static_cast<double>(sentence.content.size());
    aligned += weight;
    if (sentence.negators % 2 != other->negators % 2) conflicts.negation += weight;
    conflicts.number += weight * NumberConflict(sentence.novel_numbers, other->novel_numbers);
  }
  if (aligned > 0) {
    conflicts.negation /= aligned;
    conflicts.number /= aligned;
  }
  return conflicts;
}

}  // namespace

Conflicts FindConflicts(const AnswerProfile& a, const AnswerProfile& b, const Lexicon& lexicon) {
  const bool is_a_shorter = IsShorter(a, b, lexicon);
  const std::vector<Sentence>& sentences = (is_a_shorter ? a : b).sentences;
  const std::vector<Sentence>& others = (is_a_shorter ? b : a).sentences;
  Conflicts conflicts = AlignSentences(sentences, others);
  constexpr double kWholeText = 0.5;
  if (NumberConflict(a.novel_numbers, b.novel_numbers) == 1) {
    conflicts.number = std::max(conflicts.number, kWholeText);
  }
  return conflicts;
}

}  // namespace byok
