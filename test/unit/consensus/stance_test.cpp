#include "consensus/stance.hpp"

#include <gtest/gtest.h>

#include "consensus/fold.hpp"
#include "consensus/phrases.hpp"
#include "consensus/word_lists.hpp"

namespace byok {
namespace {

AnswerStatus StatusOf(std::string_view text) {
  return StatusOfText(ToAsciiLower(Fold(text)));
}

TEST(Status, TellsRefusalsAndHedgesFromAnswers) {
  EXPECT_EQ(StatusOf("I’m sorry, but I can’t help with that."), AnswerStatus::kRefused);
  EXPECT_EQ(StatusOf("I don't know. However, it may be 1912."), AnswerStatus::kHedged);
  EXPECT_EQ(StatusOf("The film earned 2 million."), AnswerStatus::kUsable);
}

TEST(Status, TakesALongTextForAnAnswer) {
  const std::string refusal = "I cannot say. ";
  EXPECT_EQ(StatusOf(refusal + std::string(785, 'x')), AnswerStatus::kRefused);
  EXPECT_EQ(StatusOf(refusal + std::string(786, 'x')), AnswerStatus::kUsable);
  EXPECT_EQ(StatusOf(std::string(250, 'x') + refusal), AnswerStatus::kUsable);
}

TEST(Status, AsksForWholeWords) {
  EXPECT_EQ(StatusOf("The Wright Flyer was an aircraft of 1903."), AnswerStatus::kUsable);
  EXPECT_EQ(StatusOf("It counts as an aid to navigation."), AnswerStatus::kUsable);
  EXPECT_EQ(StatusOf("Hawaii cannot be reached by train."), AnswerStatus::kUsable);
  EXPECT_EQ(StatusOf("Such robots are sold as an: AI Systems Ltd. makes them."),
            AnswerStatus::kUsable);
  EXPECT_EQ(StatusOf("As an AI, I have no opinion."), AnswerStatus::kRefused);
  EXPECT_EQ(StatusOf("**I’m  sorry**,\nno."), AnswerStatus::kRefused);
}

TEST(Status, CountsNoQuotation) {
  for (const char* text : {"The song 'I'm sorry, I can't' is by Nobody.",
                           "It is “I’m Sorry” by Brenda Lee.", "He said: \"I cannot tell a lie.\"",
                           "(‘No Comment’ was the film.)", "「申し訳ありません」は謝罪の言葉です。",
                           "《我无法》是一首歌。", "C'est « Je suis désolé »."}) {
    EXPECT_EQ(StatusOf(text), AnswerStatus::kUsable) << text;
  }
  for (const char* text :
       {"I'm sorry, I can't tell you about 'that'.", "\"I'm sorry, but I can't help.\"",
        "I can't discuss the \"plan\".", "I'm sorry, the students' 5\" rulers are secret.",
        "'I'm sorry, but no"}) {
    EXPECT_EQ(StatusOf(text), AnswerStatus::kRefused) << text;
  }
}

TEST(Status, ADoubtWithAGuessIsHedged) {
  for (const char* text :
       {"I'm not sure, but the answer is 42.", "I don't know. Perhaps it was 1912.",
        "No estoy seguro, pero creo que es Madrid.", "Je ne sais pas, mais peut-être Paris.",
        "Ich weiß nicht, aber vielleicht Berlin.", "我不确定，但可能是北京。"}) {
    EXPECT_EQ(StatusOf(text), AnswerStatus::kHedged) << text;
  }
  for (const char* text :
       {"I'm not sure.", "I don't know the answer.", "I'm not sure, but I can't help with that.",
        "I'm sorry, but I don't know.", "Lo siento, pero no lo sé."}) {
    EXPECT_EQ(StatusOf(text), AnswerStatus::kRefused) << text;
  }
}

class RefusalIn : public testing::TestWithParam<const char*> {};

TEST_P(RefusalIn, IsFound) {
  EXPECT_EQ(StatusOf(GetParam()), AnswerStatus::kRefused);
}

INSTANTIATE_TEST_SUITE_P(
    Languages, RefusalIn,
    testing::Values("As a large language model, I have no home.", "I must decline that request.",
                    "I won't help you with this.", "I couldn't find anything about it.",
                    "Lo siento, no puedo ayudarte con eso.", "Como modelo de lenguaje, no opino.",
                    "Sinto muito, isso não.", "Não posso responder a essa pergunta.",
                    "Je suis désolée.", "Désolé, mais c’est non.", "Je ne peux pas vous aider.",
                    "Mi dispiace.", "Non posso rispondere a questa domanda.", "Es tut mir leid.",
                    "Das kann ich nicht beantworten.", "Ich weiß es nicht.", "Het spijt me.",
                    "Ik kan je niet helpen.", "К сожалению, я не могу помочь.", "Извините, но нет.",
                    "Я не знаю.", "很抱歉，我无法回答。", "作为一个AI，我没有看法。",
                    "對不起，我無法回答。", "申し訳ございません。", "AIとして、意見はありません。",
                    "わかりません。", "죄송합니다.", "AI로서 의견이 없습니다.", "모르겠습니다.",
                    "آسف، لا أستطيع المساعدة.", "لا أعرف."));

class AnswerIn : public testing::TestWithParam<const char*> {};

TEST_P(AnswerIn, IsOne) {
  EXPECT_EQ(StatusOf(GetParam()), AnswerStatus::kUsable);
}

INSTANTIATE_TEST_SUITE_P(
    Languages, AnswerIn,
    testing::Values("No se puede dividir por cero.", "La capitale est Paris, mais pas Lyon.",
                    "Die Antwort ist 42.", "Die Technik ist als KI bekannt.",
                    "GPT funciona como modelo de lenguaje.", "AIとして知られています。",
                    "作为人工智能的先驱，图灵很有名。", "Il film è del 1912, ma non ricordo.",
                    "Нет.", "Москва, но не Минск.", "北京是中国的首都。", "東京です。",
                    "서울입니다.", "القاهرة هي العاصمة.", "No"));

/// A phrase that is not written as texts are read would never be found.
TEST(WordLists, HaveTheirPhrasesAsTextsAreRead) {
  const auto check = [](const auto& phrases) {
    for (const std::string_view phrase : phrases) {
      EXPECT_EQ(WordsOf(Fold(phrase)), " " + std::string(phrase) + " ");
    }
  };
  check(words::kRefusals);
  check(words::kDoubts);
  check(words::kHedges);
  check(words::kGuesses);
}

TEST(Status, ReadsHostileTexts) {
  for (const std::string& part :
       {std::string("'a "), std::string("\""), std::string("「"), std::string("\xE3"),
        std::string("i'm sorry 'x"), std::string("\xE2\x80")}) {
    std::string text;
    while (text.size() < 799) text += part;
    for (std::size_t size = 0; size < 40; ++size) (void)StatusOfText(text.substr(size));
  }
}

}  // namespace
}  // namespace byok
