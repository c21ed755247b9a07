#include "baselines.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace byok::eval {
namespace {

using Words = std::vector<std::string>;
using Texts = std::vector<std::string>;

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || ('0' <= c && c <= '9') || ('a' <= c && c <= 'z');
}

Words WordsOf(const std::string& text) {
  Words words;
  std::string word;
  for (const char c : text + ' ') {
    const char low = 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (IsWordByte(low)) {
      word += low;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

template <typename T, typename Score>
std::vector<double> ForEachPair(const std::vector<T>& answers, Score score) {
  std::vector<double> pairs;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t j = i + 1; j < answers.size(); ++j) {
      pairs.push_back(score(answers[i], answers[j]));
    }
  }
  return pairs;
}

std::vector<Words> AllWords(const Texts& answers) {
  std::vector<Words> all(answers.size());
  std::transform(answers.begin(), answers.end(), all.begin(), WordsOf);
  return all;
}

// --- exact match, with SQuAD's normalisation -----------------------------------------------------

std::vector<double> ExactMatch(const Texts& answers) {
  auto all = AllWords(answers);
  for (Words& words : all) {
    std::erase_if(words, [](const auto& w) { return w == "a" || w == "an" || w == "the"; });
  }
  return ForEachPair(
      all, [](const Words& a, const Words& b) { return a == b && !a.empty() ? 1.0 : 0.0; });
}

// --- Jaccard of sets
// -------------------------------------------------------------------------------

using Set = std::set<std::string>;

double Jaccard(const Set& a, const Set& b) {
  const auto common = static_cast<double>(
      std::count_if(a.begin(), a.end(), [&](const auto& element) { return b.contains(element); }));
  const double all = static_cast<double>(a.size() + b.size()) - common;
  return all > 0 ? common / all : 0;
}

std::vector<double> WordJaccard(const Texts& answers) {
  std::vector<Set> sets;
  for (const Words& words : AllWords(answers)) sets.emplace_back(words.begin(), words.end());
  return ForEachPair(sets, Jaccard);
}

std::vector<double> TrigramJaccard(const Texts& answers) {
  std::vector<Set> sets(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (const std::string& word : WordsOf(answers[i])) {
      const std::string padded = "  " + word + " ";
      for (std::size_t at = 0; at + 3 <= padded.size(); ++at) sets[i].insert(padded.substr(at, 3));
    }
  }
  return ForEachPair(sets, Jaccard);
}

// --- ROUGE-L: the longest common subsequence of words
// ------------------------------------------------

double RougeL(const Words& a, const Words& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::string& word : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  const auto size = static_cast<double>(a.size() + b.size());
  return size > 0 ? 2 * static_cast<double>(row.back()) / size : 0;
}

std::vector<double> RougeLOfAll(const Texts& answers) {
  return ForEachPair(AllWords(answers), RougeL);
}

// --- TF-IDF cosine, the three answers as the collection
// ----------------------------------------------

using Vector = std::map<std::string, double>;

double Dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (const auto& [word, weight] : a) {
    if (const auto found = b.find(word); found != b.end()) sum += weight * found->second;
  }
  return sum;
}

double Cosine(const Vector& a, const Vector& b) {
  const double norms = std::sqrt(Dot(a, a) * Dot(b, b));
  return norms > 0 ? std::min(1.0, Dot(a, b) / norms) : 0;
}

std::vector<double> TfIdfCosine(const Texts& answers) {
  std::vector<Vector> vectors(answers.size());
  std::map<std::string, double> documents;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (const std::string& word : WordsOf(answers[i])) {
      if (++vectors[i][word] == 1) ++documents[word];
    }
  }
  const auto count = static_cast<double>(answers.size());
  for (Vector& vector : vectors) {
    for (auto& [word, weight] : vector) {
      weight *= std::log((1 + count) / (1 + documents[word])) + 1;
    }
  }
  return ForEachPair(vectors, Cosine);
}

}  // namespace

const std::vector<Baseline>& Baselines() {
  static const std::vector<Baseline> kBaselines = {{"exact match", ExactMatch},
                                                   {"word Jaccard", WordJaccard},
                                                   {"trigram Jaccard", TrigramJaccard},
                                                   {"ROUGE-L", RougeLOfAll},
                                                   {"TF-IDF cosine", TfIdfCosine}};
  return kBaselines;
}

Outcome OutcomeOf(const Baseline& baseline, const Triad& triad) {
  Texts texts;
  for (const auto& answer : triad.answers) texts.push_back(answer.value_or(""));
  const std::vector<double> pairs = baseline.pairs(texts);
  const double support[] = {pairs[0] + pairs[1], pairs[0] + pairs[2], pairs[1] + pairs[2]};
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool is_there = !WordsOf(texts[i]).empty();
    if (is_there && (!best || support[i] > support[*best])) best = i;
  }
  return {best, best ? support[*best] / 2 : 0, Closeness(pairs), 0, {}};
}

}  // namespace byok::eval
