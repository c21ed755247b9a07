#include <gtest/gtest.h>

#include "consensus/panel.hpp"
#include "consensus/triangle_consensus_engine.hpp"

namespace byok {
namespace {

Json Read(std::string_view text) {
  return *Json::Parse(text);
}

Result<Json> ConsensusOf(std::string_view answers, std::string_view options = "{}") {
  return TriangleConsensus("What is the capital of France?", Read(answers), Read(options));
}

TEST(TriangleConsensusEngine, ReturnsTheAnswerByteForByte) {
  const std::string answer = " **Paris** is the capital\tof France.\n";
  const Consensus consensus =
      TriangleConsensusEngine::Decide("", Panel({answer, answer, "London"}));
  EXPECT_EQ(consensus.text, answer);
}

TEST(TriangleConsensus, SaysAllItFound) {
  const auto result = ConsensusOf(
      R"({"openai":"Lyon","anthropic":"The capital of France is Paris.","deepseek":"Paris."})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->Dump(),
            R"({"consensus":"The capital of France is Paris.","confidence":0.779,"degraded":false,)"
            R"("agreement":{"picked":"anthropic","method":"medoid","pairs":{"openai|anthropic":0,)"
            R"("openai|deepseek":0,"anthropic|deepseek":0.9964},"status":{"openai":"usable",)"
            R"("anthropic":"usable","deepseek":"usable"},)"
            R"("groups":[["anthropic","deepseek"],["openai"]],"finals":{"openai":)"
            R"({"type":"text","value":"Lyon"},"deepseek":{"type":"text","value":"Paris"}},)"
            R"("score":0.4982,)"
            R"("usable":3,"evidence":"short_texts","code":false,"confidence_version":2}})");
}

TEST(TriangleConsensus, ShowsTheResultsItCompared) {
  const auto result = ConsensusOf(
      R"({"openai":"The answer is 5 km.","anthropic":"5,000 metres","deepseek":"About -3.5"})");
  ASSERT_TRUE(result.ok());
  const Json& agreement = (*result)["agreement"];
  EXPECT_EQ(agreement["finals"].Dump(),
            R"({"openai":{"type":"number","value":"5","unit":"kilometer"},)"
            R"("anthropic":{"type":"number","value":"5000","unit":"metres"},)"
            R"("deepseek":{"type":"number","value":"-3.5"}})");
  EXPECT_EQ(agreement["groups"].Dump(), R"([["openai","anthropic"],["deepseek"]])");
  EXPECT_EQ(agreement["evidence"].AsString(), "results");
  const auto others =
      ConsensusOf(R"({"openai":"(B) red","anthropic":"2 May 1945","deepseek":"no"})");
  EXPECT_EQ((*others)["agreement"]["finals"].Dump(),
            R"({"openai":{"type":"choice","value":"B"},)"
            R"("anthropic":{"type":"date","value":"1945-05-02"},)"
            R"("deepseek":{"type":"yes_no","value":"no"}})");
}

TEST(TriangleConsensus, ShowsHowAResultStandsToItsNumber) {
  const auto result =
      ConsensusOf(R"({"openai":"at least 5","anthropic":"at most 5","deepseek":"not 5"})");
  ASSERT_TRUE(result.ok());
  const Json& finals = (*result)["agreement"]["finals"];
  EXPECT_EQ(finals["openai"]["relation"].AsString(), "at_least");
  EXPECT_EQ(finals["anthropic"]["relation"].AsString(), "at_most");
  EXPECT_EQ(finals["deepseek"]["relation"].AsString(), "not");
}

TEST(TriangleConsensus, ShowsResultsInWords) {
  const auto result = ConsensusOf(
      R"({"openai":"I looked it up. So the answer is **Port Louis**.","anthropic":"...",)"
      R"("deepseek":"It is a city of the north that lies on both banks of its river."})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ((*result)["agreement"]["finals"].Dump(),
            R"({"openai":{"type":"text","value":"Port Louis"}})");
}

TEST(TriangleConsensus, ShowsWhoHedges) {
  const auto result = ConsensusOf(
      R"({"openai":"I don't know. However, it may be Paris.","anthropic":"I'm sorry, I can't.",)"
      R"("deepseek":"It is Paris."})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ((*result)["agreement"]["status"].Dump(),
            R"({"openai":"hedged","anthropic":"refused","deepseek":"usable"})");
  EXPECT_EQ((*result)["agreement"]["usable"].AsInteger(), 2);
}

TEST(TriangleConsensus, SaysNullWhereThereIsNothing) {
  const auto result = ConsensusOf(R"({"openai":null,"anthropic":" "})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->Dump(),
            R"({"consensus":null,"confidence":0,"degraded":true,"agreement":{"picked":null,)"
            R"("method":"none","pairs":{},"status":{"openai":"missing","anthropic":"missing"},)"
            R"("groups":[],"finals":{},"score":null,"usable":0,"evidence":null,"code":false,)"
            R"("confidence_version":2}})");
}

std::string Picked(std::string_view answers, std::string_view options = "{}") {
  const auto result = ConsensusOf(answers, options);
  return result.ok() ? (*result)["agreement"]["picked"].AsString().value_or("") : "error";
}

TEST(TriangleConsensus, DecidesTiesInProviderOrderWhateverTheOrderOfMembers) {
  constexpr const char* kAllDifferent =
      R"({"deepseek":"Nice","zeta":"Metz","alpha":"Lille","anthropic":"Lyon","openai":"Paris"})";
  EXPECT_EQ(Picked(kAllDifferent), "openai");
  EXPECT_EQ(Picked(R"({"deepseek":"Nice","alpha":"Lille","anthropic":"Lyon"})"), "anthropic");
  EXPECT_EQ(Picked(R"({"zeta":"Metz","alpha":"Lille"})"), "alpha");
  EXPECT_EQ(Picked(kAllDifferent, R"({"providers":["zeta","openai"]})"), "zeta");
  EXPECT_EQ(Picked(kAllDifferent, R"({"providers":["mistral"]})"), "openai");
}

TEST(TriangleConsensus, TakesTheStrategyItHas) {
  EXPECT_EQ(Picked(R"({"openai":"Paris"})", R"({"strategy":"medoid"})"), "openai");
  EXPECT_EQ(Picked(R"({"openai":"Paris"})", R"({"strategy":null,"providers":null})"), "openai");
}

TEST(TriangleConsensus, RefusesOtherStrategiesWithAHint) {
  for (const char* options :
       {R"({"strategy":"judge"})", R"({"strategy":"auto"})", R"({"strategy":7})"}) {
    const auto result = ConsensusOf(R"({"openai":"Paris"})", options);
    ASSERT_FALSE(result.ok()) << options;
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(result.status().hint().find("needs providers"), std::string::npos);
  }
}

TEST(TriangleConsensus, RefusesUnknownOptionsAndNamesTheKnown) {
  const auto result = ConsensusOf(R"({"openai":"Paris"})", R"({"threshold":1})");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.status().message(), "option \"threshold\" is not known");
  EXPECT_EQ(result.status().hint(), "Known options are strategy, providers.");
}

TEST(TriangleConsensus, RefusesMalformedOptions) {
  for (const char* options : {"[]", "1", R"({"providers":"openai"})", R"({"providers":[1]})"}) {
    const auto result = ConsensusOf(R"({"openai":"Paris"})", options);
    ASSERT_FALSE(result.ok()) << options;
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(TriangleConsensus, NamesTheAnswerThatIsNoText) {
  const auto result = ConsensusOf(R"({"openai":"Paris","anthropic":42})");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.status().detail(), "The answer of \"anthropic\" is of type number.");
}

TEST(TriangleConsensus, RefusesWhatIsNoObjectOfAnswers) {
  for (const char* answers : {"null", "[]", "\"Paris\"", "{}"}) {
    const auto result = ConsensusOf(answers);
    ASSERT_FALSE(result.ok()) << answers;
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(TriangleConsensus, TakesEightAnswersAndNoMore) {
  Json answers = Json::MakeObject();
  for (char name = 'a'; name < 'i'; ++name) answers.Set(std::string(1, name), "Paris");
  const auto eight = TriangleConsensus("", answers, Json());
  ASSERT_TRUE(eight.ok());
  EXPECT_EQ((*eight)["confidence"].AsNumberText(), "0.92");
  answers.Set("i", "Paris");
  const auto nine = TriangleConsensus("", answers, Json());
  ASSERT_FALSE(nine.ok());
  EXPECT_EQ(nine.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(nine.status().detail().find("\"i\""), std::string::npos);
}

}  // namespace
}  // namespace byok
