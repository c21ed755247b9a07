#include "consensus/answer_profile.hpp"

#include <algorithm>
#include <cmath>

#include "consensus/stance.hpp"

namespace byok {
namespace {

constexpr std::size_t kMaxQuestionWords = 2'000;

constexpr double kSalience = 1.5;      // of numbers and names
constexpr double kShortWord = 0.5;     // "go", "pi", "x"
constexpr double kQuestionWord = 0.1;  // repeated from the question: says next to nothing

bool IsContent(const WordFacts& facts) {
  return !facts.is_stop && !facts.is_negator;
}

/// At most two characters, the first one ASCII: a script of whole words, not of syllables.
bool IsShortWord(std::string_view word) {
  constexpr std::size_t kMaxCharacters = 2;
  if (static_cast<unsigned char>(word.front()) >= 0x80) return false;
  const auto characters = std::count_if(word.begin(), word.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return static_cast<std::size_t>(characters) <= kMaxCharacters;
}

double WeightOf(const Token& token, const Lexicon::Entry& entry, const QuestionProfile& question) {
  double weight = entry.is_number() || token.is_capital ? kSalience : 1;
  if (!entry.is_number() && IsShortWord(entry.text)) weight *= kShortWord;
  return question.Has(token.id) ? weight * kQuestionWord : weight;
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Fills a profile token by token.
class Profiler {
 public:
  Profiler(const QuestionProfile& question, const Lexicon& lexicon, AnswerProfile& profile)
      : question_(question), lexicon_(lexicon), profile_(profile), weights_(lexicon.size(), 0.0) {}

  void Read(const std::vector<Token>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0 && tokens[i].sentence != tokens[i - 1].sentence) CloseSentence();
      Add(tokens[i]);
    }
    CloseSentence();
    SortUnique(profile_.novel_numbers);
    SumContent();
  }

 private:
  void Add(const Token& token) {
    const Lexicon::Entry& entry = lexicon_[token.id];
    if (entry.is_number()) AddNumber(token.id);
    if (is_begin_) begins_with_no_ = entry.facts.is_no;
    is_begin_ = false;
    if (entry.facts.is_negator) ++sentence_.negators;
    if (!IsContent(entry.facts)) return;
    sentence_.content.push_back(token.id);
    double& weight = weights_[token.id];
    if (weight == 0) profile_.content.push_back({token.id, 0});
    weight = std::max(weight, WeightOf(token, entry, question_));
  }

  void AddNumber(TokenId id) {
    profile_.last_number = id;
    if (question_.Has(id)) return;
    profile_.novel_numbers.push_back(id);
    sentence_.novel_numbers.push_back(id);
  }

  void CloseSentence() {
    // "No, it is not safe" denies once.
    if (begins_with_no_ && sentence_.negators > 1) --sentence_.negators;
    begins_with_no_ = false;
    is_begin_ = true;
    profile_.negators += sentence_.negators;
    if (!sentence_.content.empty() || sentence_.negators > 0) {
      SortUnique(sentence_.content);
      SortUnique(sentence_.novel_numbers);
      profile_.sentences.push_back(std::move(sentence_));
    }
    sentence_ = Sentence();
  }

  void SumContent() {
    std::sort(
        profile_.content.begin(), profile_.content.end(),
        [this](const ContentToken& a, const ContentToken& b) { return lexicon_.Less(a.id, b.id); });
    double squares = 0;
    for (ContentToken& token : profile_.content) {
      token.weight = weights_[token.id];
      profile_.weight += token.weight;
      squares += token.weight * token.weight;
    }
    profile_.norm = std::sqrt(squares);
  }

  const QuestionProfile& question_;
  const Lexicon& lexicon_;
  AnswerProfile& profile_;
  std::vector<double> weights_;  // by TokenId, the greatest of its occurrences
  Sentence sentence_;
  bool is_begin_ = true;  // of a sentence
  bool begins_with_no_ = false;
};

}  // namespace

QuestionProfile ProfileQuestion(std::string_view folded, Lexicon& lexicon) {
  QuestionProfile question;
  std::size_t count = 0;
  for (const Token& token : Tokenize(folded, lexicon)) {
    if (question.Has(token.id)) continue;
    if (++count > kMaxQuestionWords) break;
    question.words.resize(std::max<std::size_t>(question.words.size(), token.id + 1), false);
    question.words[token.id] = true;
  }
  question.options = ReadOptions(folded, lexicon);
  return question;
}

AnswerProfile ProfileAnswer(std::string_view folded, std::string_view low,
                            const std::vector<Token>& tokens, const QuestionProfile& question,
                            Lexicon& lexicon) {
  AnswerProfile profile;
  profile.key = KeyOf(tokens);
  profile.final = ReadFinalAnswer(folded, low, profile.key, question.options, lexicon);
  profile.leading_yes_no = LeadingYesNo(low);
  Profiler(question, lexicon, profile).Read(tokens);
  return profile;
}

}  // namespace byok
