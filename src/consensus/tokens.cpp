#include "consensus/tokens.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "consensus/calendar_date.hpp"
#include "consensus/code_points.hpp"
#include "consensus/fold.hpp"
#include "consensus/number_text.hpp"
#include "consensus/numeric_date.hpp"
#include "consensus/pending_number.hpp"
#include "consensus/proper_name.hpp"
#include "consensus/roman_numeral.hpp"
#include "consensus/word.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

/// One pass over one text. Each Read… and Skip… handles what stands at at_ and moves behind it.
class Tokenizer {
 public:
  Tokenizer(std::string_view text, std::string_view low, Lexicon& lexicon)
      : text_(text), low_(low), lexicon_(lexicon) {
    constexpr std::size_t kUsualWord = 5;  // bytes, and what stands between words
    tokens_.reserve(text.size() / kUsualWord);
  }

  std::vector<Token> Run() && {
    while (at_ < text_.size() && tokens_.size() < kMaxTokensOfText) Step();
    Flush();
    return std::move(tokens_);
  }

 private:
  void Step();

  bool SkipCitation();
  [[nodiscard]] bool IsAtNumber() const;
  void ReadDigits();
  [[nodiscard]] bool IsListMarker(std::size_t end) const;
  void EmitDate(const NumericDate& date);
  void ReadPlainNumber(std::size_t end);

  [[nodiscard]] bool IsAtLetter() const { return IsLetter(DecodeAt(text_, at_).value); }
  void ReadWord();
  void EmitBigrams(std::string_view word);
  void EmitNegators(std::string_view word);
  [[nodiscard]] bool FollowsName(std::size_t begin, bool may_start) const;
  [[nodiscard]] bool FollowsNumbered(std::size_t begin) const;
  bool TakeAsNumeral(const Word& word, std::size_t begin);
  void EmitWord(const Word& word, std::size_t begin, TokenId id);
  bool TakeCountry(std::size_t begin);
  bool SkipNumero(const Word& word);
  bool TakeAsNumber(TokenId word);
  void TakeNumeral(double value, bool continues);
  bool TakeMultiplier(const WordFacts& facts);

  [[nodiscard]] bool IsAtSentenceEnd() const;
  void EndSentence();
  void EndLine();
  void SkipMark();

  [[nodiscard]] bool IsFirstOnLine() const;
  [[nodiscard]] char CharAt(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  void NextSentence();
  void Begin(double value, bool is_wordy);
  void Flush();
  void Emit(TokenId id, bool is_capital);
  void Emit(std::string_view text) { Emit(lexicon_.Intern(text), false); }

  std::string_view text_, low_;
  Lexicon& lexicon_;
  std::string storage_;  // of a word that is not in low_
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  PendingNumber pending_;
  std::uint32_t sentence_ = 0;
  std::size_t word_end_ = 0;  // of the last word
  std::size_t name_end_ = 0;  // of the last word with a capital
  bool is_start_ = true;      // no word of the sentence was seen: a capital here means nothing
};

void Tokenizer::Step() {
  const char c = text_[at_];
  if (IsAtLetter()) return ReadWord();
  if (IsAtNumber()) return ReadDigits();
  if (c == '[' && SkipCitation()) return;
  if (c == '\n') return EndLine();
  if (IsAtSentenceEnd()) return EndSentence();
  if (c == '-' && pending_.TakesUnit()) {
    ++at_;
  } else if (IsBlank(c) || c == '$') {
    ++at_;
  } else if (c == '%') {
    Flush();
    Emit("%");
    ++at_;
  } else {
    SkipMark();
  }
}

// --- what is written -----------------------------------------------------------------------------

void Tokenizer::NextSentence() {
  ++sentence_;
  is_start_ = true;
}

void Tokenizer::Begin(double value, bool is_wordy) {
  Flush();
  pending_ = PendingNumber(value, is_wordy);
}

void Tokenizer::Flush() {
  if (!pending_.is_active()) return;
  Emit(NumberToken(pending_.value()));
  pending_ = PendingNumber();
}

void Tokenizer::Emit(TokenId id, bool is_capital) {
  if (tokens_.size() < kMaxTokensOfText) tokens_.push_back({id, sentence_, is_capital, is_capital});
}

// --- digits --------------------------------------------------------------------------------------

bool Tokenizer::SkipCitation() {
  const std::size_t begin = at_;
  at_ = EndOfCitation(text_, at_);
  return at_ > begin;
}

bool Tokenizer::IsAtNumber() const {
  const char c = text_[at_];
  if (IsAsciiDigit(c)) return true;
  if (c != '.' || !IsAsciiDigit(CharAt(at_ + 1))) return false;
  if (at_ == 0) return true;
  return !IsAsciiDigit(text_[at_ - 1]) && !IsLetter(DecodeBefore(text_, at_).value);
}

void Tokenizer::ReadDigits() {
  const std::size_t end = EndOfDigitRun(text_, at_);
  if (IsListMarker(end)) {
    Flush();
    NextSentence();
    at_ = end + 2;
  } else if (const auto date = ReadIsoDate(text_, at_)) {
    Flush();
    EmitDate(*date);
    at_ = date->end;
  } else {
    ReadPlainNumber(end);
  }
}

/// "1. " or "12) " at the beginning of a line, but not "20. Juli".
bool Tokenizer::IsListMarker(std::size_t end) const {
  constexpr std::size_t kMaxDigits = 2;
  const char mark = CharAt(end);
  const bool is_marker = end - at_ <= kMaxDigits && (mark == '.' || mark == ')') &&
                         CharAt(end + 1) == ' ' && IsFirstOnLine();
  return is_marker && !BeginsWithMonth(text_.substr(end + 2));
}

void Tokenizer::EmitDate(const NumericDate& date) {
  Emit(lexicon_.Intern(words::kMonths[static_cast<std::size_t>(date.month) - 1]), true);
  Emit(NumberToken(date.day));
  Emit(NumberToken(ReadDigitRun(date.year).front()));
  is_start_ = false;
}

void Tokenizer::ReadPlainNumber(std::size_t end) {
  std::vector<double> values = ReadDigitRun(text_.substr(at_, end - at_));
  if (const auto fraction = ReadFraction(text_, at_, end)) {
    values.back() = fraction->value;
    end = fraction->end;
  }
  const Measured scaled = ReadScale(text_, {values.back(), end});
  values.back() = scaled.value;
  for (const double value : values) Begin(value, false);
  is_start_ = false;
  at_ = scaled.end;
}

// --- words ---------------------------------------------------------------------------------------

void Tokenizer::ReadWord() {
  constexpr std::size_t kBigram = 2;
  const std::size_t begin = at_;
  Word word = ScanWord(text_, low_, at_, storage_);
  at_ = word.end;
  if (SkipNumero(word) || TakeCountry(begin)) return;
  if (word.is_unspaced && word.letters > kBigram) {
    Flush();
    EmitBigrams(word.text);
    EmitNegators(word.text);
  } else if (word.IsNegatedVerb()) {
    Flush();
    Emit("not");
  } else {
    if (word.has_apostrophe) word.text = WithoutApostrophes(storage_);
    const TokenId id = lexicon_.Intern(word.text);
    if (TakeAsNumber(id)) return;
    if (TakeAsNumeral(word, begin)) return;
    Flush();
    EmitWord(word, begin, id);
  }
  is_start_ = false;
}

/// Whether the word stands one blank behind a word with a capital that begins no sentence (or does,
/// as `may_start` says).
bool Tokenizer::FollowsName(std::size_t begin, bool may_start) const {
  if (tokens_.empty() || begin == 0 || text_[begin - 1] != ' ' || name_end_ + 1 != begin)
    return false;
  return may_start || tokens_.back().is_capital;
}

/// "type", "phase": a numeral follows, and hardly a pronoun.
bool Tokenizer::FollowsNumbered(std::size_t begin) const {
  const bool is_next = !tokens_.empty() && begin == word_end_ + 1 && text_[word_end_] == ' ';
  return is_next && std::find(std::begin(words::kNumbered), std::end(words::kNumbered),
                              lexicon_[tokens_.back().id].text) != std::end(words::kNumbered);
}

/// "World War II", "Henry VIII", "type II": numbers. A lone "I" behind the first word of a sentence
/// is one only where nothing follows: "Elizabeth I", but not "Today I went".
bool Tokenizer::TakeAsNumeral(const Word& word, std::size_t begin) {
  if (!word.is_all_capital) return false;
  const int value = ReadRomanNumeral(word.text);
  if (value == 0) return false;
  const bool is_pronoun = value == 1 && at_ < text_.size() && text_[at_] == ' ';
  if (!FollowsName(begin, !is_pronoun) && !FollowsNumbered(begin)) return false;
  Begin(value, false);
  Flush();
  is_start_ = false;
  return true;
}

bool Tokenizer::TakeCountry(std::size_t begin) {
  if (text_[begin] != 'U') return false;  // most words
  const std::size_t end = EndOfCountry(text_, begin);
  if (end == begin) return false;
  Flush();
  at_ = end;
  Emit(lexicon_.Intern("usa"), true);
  is_start_ = false;
  return true;
}

void Tokenizer::EmitWord(const Word& word, std::size_t begin, TokenId id) {
  const bool is_capital =
      (word.is_first_capital && !is_start_) || (word.is_all_capital && word.letters > 1);
  const std::string_view name = lexicon_[id].facts.is_stop
                                    ? NameOfStopWord(text_, word, begin, FollowsName(begin, true))
                                    : "";
  Emit(name.empty() ? lexicon_[id].alias : lexicon_.Intern(name), is_capital);
  if (tokens_.empty()) return;
  tokens_.back().is_upper = word.is_first_capital;
  word_end_ = word.end;
  if (word.is_first_capital) name_end_ = word.end;
}

/// "No. 1", "a No 1 hit", "no.5": not a negation. "No. 1 of them did" at the beginning is one.
bool Tokenizer::SkipNumero(const Word& word) {
  if (word.text != "no" && word.text != "nos") return false;
  const std::size_t after_point = CharAt(at_) == '.' ? at_ + 1 : at_;
  const bool is_joined = after_point > at_ && IsAsciiDigit(CharAt(after_point));
  if (!is_joined && (!word.is_first_capital || is_start_)) return false;
  std::size_t next = after_point;
  while (IsBlank(CharAt(next))) ++next;
  if (!IsAsciiDigit(CharAt(next))) return false;
  Flush();
  at_ = next;
  return true;
}

/// Without blanks between words, each two neighbouring characters stand for a word.
void Tokenizer::EmitBigrams(std::string_view word) {
  std::size_t first = 0;
  std::size_t second = DecodeAt(word, 0).size;
  while (second < word.size()) {
    const std::size_t end = second + DecodeAt(word, second).size;
    Emit(word.substr(first, end - first));
    first = second;
    second = end;
  }
}

/// A "not" for each negation inside of a run of letters.
void Tokenizer::EmitNegators(std::string_view word) {
  for (const std::string_view negator : words::kUnspacedNegators) {
    for (std::size_t at = word.find(negator); at != std::string_view::npos;
         at = word.find(negator, at + negator.size())) {
      Emit("not");
    }
  }
}

/// Whether the word is part of a number here.
bool Tokenizer::TakeAsNumber(TokenId word) {
  const WordFacts& facts = lexicon_[word].facts;
  switch (facts.role) {
    case NumberRole::kNone:
      return false;
    case NumberRole::kMultiplier:
    case NumberRole::kScale:
      return TakeMultiplier(facts);
    case NumberRole::kCardinal:
      TakeNumeral(facts.value, pending_.TakesCardinal(facts.value));
      return true;
    case NumberRole::kOrdinal:
      TakeNumeral(facts.value, pending_.TakesOrdinal(facts.value));
      Flush();
      return true;
    case NumberRole::kAnd:
      return pending_.TakesAnd();
    case NumberRole::kOne:
      if (!pending_.TakesUnit()) break;
      pending_.Add(1);
      return true;
    case NumberRole::kArticle:
      break;
  }
  if (!IsCountedAt(text_, at_, facts.role == NumberRole::kArticle)) return false;
  Begin(1, true);
  is_start_ = false;
  return true;
}

/// `continues`: the number that is being read takes it.
void Tokenizer::TakeNumeral(double value, bool continues) {
  if (continues) {
    pending_.Add(value);
  } else {
    Begin(value, true);
  }
  is_start_ = false;
}

bool Tokenizer::TakeMultiplier(const WordFacts& facts) {
  if (pending_.is_active()) {
    if (facts.role == NumberRole::kScale) {
      pending_.Scale(facts.value);
    } else {
      pending_.Multiply(facts.value);
    }
    return true;
  }
  // "dozen" alone says 12; "hundred" and "million" alone are words.
  if (facts.value != words::kDozen) return false;
  Begin(facts.value, true);
  return true;
}

// --- lines and sentences -------------------------------------------------------------------------

bool Tokenizer::IsFirstOnLine() const {
  std::size_t before = at_;
  while (before > 0 && IsBlank(text_[before - 1])) --before;
  return before == 0 || text_[before - 1] == '\n';
}

bool Tokenizer::IsAtSentenceEnd() const {
  constexpr std::string_view kAfter = " \n\")*";
  const char c = text_[at_];
  if (c != '.' && c != '!' && c != '?') return false;
  return at_ + 1 == text_.size() || kAfter.find(text_[at_ + 1]) != std::string_view::npos;
}

void Tokenizer::EndSentence() {
  Flush();
  const bool has_token = !tokens_.empty() && tokens_.back().sentence == sentence_;
  const bool is_initial = text_[at_] == '.' && has_token && !is_start_ &&
                          lexicon_[tokens_.back().id].text.size() == 1;  // "J. Smith"
  if (has_token && !is_initial) NextSentence();
  ++at_;
}

void Tokenizer::EndLine() {
  Flush();
  if (!tokens_.empty() && tokens_.back().sentence == sentence_) ++sentence_;
  is_start_ = true;
  ++at_;
}

/// Punctuation that ends nothing but a number.
void Tokenizer::SkipMark() {
  constexpr std::string_view kLineMarks = "-*#>";
  Flush();
  const char c = text_[at_];
  if (c == ':' || c == ';') is_start_ = false;
  if (kLineMarks.find(c) != std::string_view::npos && IsFirstOnLine()) is_start_ = true;
  at_ += DecodeAt(text_, at_).size;
}

}  // namespace

std::vector<Token> Tokenize(std::string_view folded, Lexicon& lexicon) {
  return Tokenize(folded, ToAsciiLower(folded), lexicon);
}

std::vector<Token> Tokenize(std::string_view folded, std::string_view low, Lexicon& lexicon) {
  return Tokenizer(folded, low, lexicon).Run();
}

Key KeyOf(const std::vector<Token>& tokens) {
  Key key(tokens.size());
  std::transform(tokens.begin(), tokens.end(), key.begin(), [](const Token& t) { return t.id; });
  return key;
}

}  // namespace byok
