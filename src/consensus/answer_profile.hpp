#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "consensus/final_answer.hpp"
#include "consensus/initialism.hpp"
#include "consensus/lexicon.hpp"
#include "consensus/tokens.hpp"

namespace byok {

/// The question, as far as answers are measured against it.
struct QuestionProfile {
  std::vector<bool> words;  ///< by TokenId, false behind its end
  std::vector<ChoiceOption> options;
  bool asks_percent = false;  ///< it speaks of per cent

  [[nodiscard]] bool Has(TokenId id) const { return id < words.size() && words[id]; }
};
/// `folded`: the clipped and folded question.
QuestionProfile ProfileQuestion(std::string_view folded, Lexicon& lexicon);

/// A word or number that says something, and how much.
struct ContentToken {
  TokenId id = 0;
  double weight = 0;
  bool is_name = false;  ///< always written with a capital
};

struct Sentence {
  std::vector<TokenId> content;        ///< distinct, sorted by id
  std::vector<TokenId> novel_numbers;  ///< distinct, sorted by id
  std::size_t negators = 0;
};

/// All that pair scores need of one answer.
struct AnswerProfile {
  Key key;
  FinalAnswer final;
  /// Of a text without a result that is compared: the one amount it states in a sentence.
  std::optional<FinalAnswer> stated;
  Initials initials;
  bool is_code = false;               ///< mostly
  int leading_yes_no = 0;             ///< +1, -1, 0
  std::vector<ContentToken> content;  ///< distinct, in byte order
  double weight = 0;                  ///< sum over content
  double norm = 0;                    ///< Euclidean, over content
  std::size_t negators = 0;
  std::vector<TokenId> novel_numbers;  ///< not in the question; distinct, sorted by id
  std::optional<TokenId> last_number;
  std::vector<Sentence> sentences;  ///< those with content or a negator
};

/// `folded` is the clipped and folded answer, `low` the same with ASCII lowered, `tokens` its
/// tokens.
AnswerProfile ProfileAnswer(std::string_view folded, std::string_view low,
                            const std::vector<Token>& tokens, const QuestionProfile& question,
                            Lexicon& lexicon);

}  // namespace byok
