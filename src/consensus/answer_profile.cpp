#include "consensus/answer_profile.hpp"

#include <algorithm>
#include <cmath>

#include "consensus/final_yes_no.hpp"
#include "consensus/stance.hpp"
#include "consensus/stated_amount.hpp"

namespace byok {
namespace {

constexpr std::size_t kMaxQuestionWords = 2'000;

constexpr double kSalience = 1.5;      // of numbers and names
constexpr double kShortWord = 0.5;     // "go", "pi", "x"
constexpr double kQuestionWord = 0.1;  // repeated from the question: says next to nothing

/// "May" is a month when it is written like a name.
bool IsContent(const Token& token, const Lexicon::Entry& entry) {
  if (entry.facts.is_negator) return false;
  return !entry.facts.is_stop || (token.is_capital && entry.text == "may");
}

/// At most two characters, the first one ASCII: a script of whole words, not of syllables.
bool IsShortWord(const Lexicon::Entry& word) {
  constexpr std::size_t kMaxCharacters = 2;
  return word.characters <= kMaxCharacters && word.first_byte() < 0x80;
}

/// How an answer uses a word of its content.
struct WordUse {
  bool is_there = false;
  bool is_capital = false;  // somewhere
  bool is_common = false;   // written without a capital somewhere
};

double WeightOf(const WordUse& use, const Lexicon::Entry& entry, bool is_in_question) {
  double weight = entry.is_number() || use.is_capital ? kSalience : 1;
  if (!entry.is_number() && IsShortWord(entry)) weight *= kShortWord;
  return is_in_question ? weight * kQuestionWord : weight;
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
      : question_(question), lexicon_(lexicon), profile_(profile), uses_(lexicon.size()) {}

  void Read(const std::vector<Token>& tokens) {
    says_nothing_ = std::none_of(tokens.begin(), tokens.end(), [this](const Token& token) {
      return IsContent(token, lexicon_[token.id]) || lexicon_[token.id].facts.is_negator;
    });
    BeginSentence();
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
    if (!says_nothing_ && !IsContent(token, entry)) return;
    sentence_.content.push_back(token.id);
    WordUse& use = uses_[token.id];
    if (!use.is_there) profile_.content.push_back({token.id, 0});
    use.is_there = true;
    use.is_capital = use.is_capital || token.is_capital;
    use.is_common = use.is_common || !token.is_upper;
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
    BeginSentence();
  }

  void BeginSentence() {
    constexpr std::size_t kUsual = 16;  // words that say something
    sentence_ = Sentence();
    sentence_.content.reserve(kUsual);
  }

  void SumContent() {
    std::sort(
        profile_.content.begin(), profile_.content.end(),
        [this](const ContentToken& a, const ContentToken& b) { return lexicon_.Less(a.id, b.id); });
    double squares = 0;
    for (ContentToken& token : profile_.content) {
      const WordUse& use = uses_[token.id];
      token.weight = WeightOf(use, lexicon_[token.id], question_.Has(token.id));
      token.is_name = !use.is_common;
      profile_.weight += token.weight;
      squares += token.weight * token.weight;
    }
    profile_.norm = std::sqrt(squares);
  }

  const QuestionProfile& question_;
  const Lexicon& lexicon_;
  AnswerProfile& profile_;
  std::vector<WordUse> uses_;  // by TokenId
  bool says_nothing_ = false;  // nothing but stop words: then they are all there is to compare
  Sentence sentence_;
  bool is_begin_ = true;  // of a sentence
  bool begins_with_no_ = false;
};

/// "71" says "71 %" where a percentage is asked for; "0.71" may say either.
void ReadAsPercentage(FinalAnswer& answer) {
  if (answer.type != FinalType::kNumber || !answer.unit.empty()) return;
  if (std::abs(ValueOfNumber(answer.value)) > 1) answer.unit = "% ";
}

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
  question.asks_percent = question.Has(lexicon.Intern("%"));
  return question;
}

AnswerProfile ProfileAnswer(std::string_view folded, std::string_view low,
                            const std::vector<Token>& tokens, const QuestionProfile& question,
                            Lexicon& lexicon) {
  AnswerProfile profile;
  profile.key = KeyOf(tokens);
  profile.final = ReadFinalAnswer(folded, low, profile.key, question.options, lexicon);
  if (question.asks_percent) ReadAsPercentage(profile.final);
  profile.initials = ReadInitials(folded, lexicon);
  profile.leading_yes_no = LeadingYesNo(low);
  if (profile.leading_yes_no == 0) profile.leading_yes_no = BareYesNo(low);
  Profiler(question, lexicon, profile).Read(tokens);
  if (!IsComparable(profile.final.type) && profile.negators == 0) {
    profile.stated = StatedAmount(folded, profile.novel_numbers, lexicon);
  }
  return profile;
}

}  // namespace byok
