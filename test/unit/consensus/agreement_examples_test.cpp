// Worked examples of the measure.
#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

constexpr double kNoScore = -1;
constexpr int kNobody = 0;

struct Example {
  const char* prompt;
  std::vector<std::optional<std::string>> answers;
  const char* status;  // U usable, R refused, M missing
  double scores[3];    // of the pairs 1–2, 1–3, 2–3
  int pick;            // from 1
  double support;
  double confidence;
};

const std::string kQubits[] = {
    "Quantum computing uses qubits, which can be in superposition, to perform computations that "
    "classical computers cannot do efficiently.",
    "Quantum computing leverages superposition and entanglement of qubits to process information "
    "in ways classical computers can't.",
    "Quantum computing is based on quantum mechanics: qubits exploit superposition, entanglement "
    "and interference to solve certain problems faster than classical computers."};
const std::string kAddAb = "```\ndef add(a, b):\n    return a + b\n```";
const std::string kAddXy = "```\ndef add(x, y):\n    return x + y\n```";
constexpr const char* kCapital = "What is the capital of France?";
constexpr const char* kHamlet = "Who wrote Hamlet?";

const Example kExamples[] = {
    {kCapital,
     {"Paris", "The capital of France is Paris.", "**Paris** is the capital of France."},
     "UUU",
     {.9964, .9921, .9991},
     2,
     .9978,
     .920},
    {kCapital,
     {"Lyon", "The capital of France is Paris.", "Paris."},
     "UUU",
     {0, 0, .9964},
     2,
     .4982,
     .779},
    {kCapital, {"Paris", "Lyon", "Marseille"}, "UUU", {0, 0, 0}, 1, 0, .300},
    {"What is 6*7?",
     {"42", "forty-two", "The answer is 42."},
     "UUU",
     {1, .9937, .9937},
     1,
     .9969,
     .919},
    {"How far is it?", {"5 km", "5 miles", "5 kilometres"}, "UUU", {0, 1, 0}, 1, .5, .610},
    {"What is pi?", {"3.14", "The answer is 3.14159", "22/7"}, "UUU", {.95, .95, 0}, 1, .95, .910},
    {"Is the bean safe?",
     {"It is safe to eat the raw bean.", "It is not safe to eat the raw bean.",
      "No, the raw bean is not safe."},
     "UUU",
     {0, .1612, .8553},
     2,
     .4276,
     .733},
    {"Is water wet?",
     {"Yes, water is wet.", "No, water is not wet.", "Yes."},
     "UUU",
     {.0342, .9975, 0},
     1,
     .5159,
     .788},
    {"When did the war end?",
     {"1945-09-02", "September 2, 1945", "It ended on 2 September 1945."},
     "UUU",
     {1, .9666, .9595},
     1,
     .9833,
     .917},
    {"What is its population?",
     {"About 3.5 million people", "3,500,000", "3.5M"},
     "UUU",
     {.9937, .9937, 1},
     2,
     .9969,
     .919},
    {"How many moons has Mars?",
     {"Mars has two moons.", "Mars has 2 moons, Phobos and Deimos.", "Mars has three moons."},
     "UUU",
     {.9158, 0, .0368},
     2,
     .4763,
     .588},
    {"Who won in 1998?",
     {"France won in 1998.", "In 1998, France won.", "Brazil won in 1998."},
     "UUU",
     {.9999, .1157, .1106},
     1,
     .5578,
     .649},
    {kHamlet,
     {"I'm sorry, but I can't help with that.", "Shakespeare", "William Shakespeare wrote Hamlet."},
     "RUU",
     {kNoScore, kNoScore, .914},
     2,
     .914,
     .831},
    {kHamlet,
     {std::nullopt, "   ", "William Shakespeare wrote Hamlet."},
     "MMU",
     {kNoScore, kNoScore, kNoScore},
     3,
     kNoScore,
     .500},
    {kHamlet,
     {"I'm sorry, I cannot help.", "I'm sorry, I can't.", std::nullopt},
     "RRM",
     {kNoScore, kNoScore, kNoScore},
     1,
     kNoScore,
     0},
    {kHamlet,
     {std::nullopt, std::nullopt, std::nullopt},
     "MMM",
     {kNoScore, kNoScore, kNoScore},
     kNobody,
     kNoScore,
     0},
    {"When was the mill built?",
     {"I don't know the mill. However, it may be from 1822.",
      "I am not sure about it. However, a guess is 1900.", std::nullopt},
     "UUM",
     {0, kNoScore, kNoScore},
     1,
     0,
     .300},
    {"Pick one.\n(A) red\n(B) blue",
     {"B", "blue", "The correct option is (B)."},
     "UUU",
     {.95, .9645, .95},
     1,
     .9572,
     .911},
    {"¿Capital de España?",
     {"Madrid", "La capital es Madrid.", "Barcelona"},
     "UUU",
     {.9989, 0, 0},
     1,
     .4994,
     .780},
    {"法国首都?", {"巴黎", "法国的首都是巴黎。", "里昂"}, "UUU", {.7232, 0, 0}, 1, .3616, .690},
    {"Write add.", {kAddAb, kAddXy, kAddAb}, "UUU", {.869, 1, .869}, 1, .9345, .600},
    {"Explain quantum computing",
     {kQubits[0], kQubits[1], kQubits[2]},
     "UUU",
     {.4488, .1425, .1775},
     2,
     .3132,
     .659},
};

char LetterOf(AnswerStatus status) {
  if (status == AnswerStatus::kMissing) return 'M';
  return status == AnswerStatus::kRefused ? 'R' : 'U';
}

double ScoreOf(const Agreement& agreement, std::size_t first, std::size_t second) {
  for (const PairScore& pair : agreement.pairs) {
    if (pair.first == first && pair.second == second) return pair.score;
  }
  return kNoScore;
}

class AgreementExample : public testing::TestWithParam<Example> {};

TEST_P(AgreementExample, ComesOutAsWorked) {
  constexpr double kHalfAUnit = 0.5e-4 + 1e-9, kHalfAThousandth = 0.5e-3 + 1e-9;
  const Example& example = GetParam();
  const Agreement agreement = MeasureAgreement(example.prompt, Panel(example.answers));
  std::string status;
  for (const AnswerStatus s : agreement.status) status += LetterOf(s);
  EXPECT_EQ(status, example.status);
  EXPECT_NEAR(ScoreOf(agreement, 0, 1), example.scores[0], kHalfAUnit);
  EXPECT_NEAR(ScoreOf(agreement, 0, 2), example.scores[1], kHalfAUnit);
  EXPECT_NEAR(ScoreOf(agreement, 1, 2), example.scores[2], kHalfAUnit);
  EXPECT_EQ(agreement.picked ? static_cast<int>(*agreement.picked) + 1 : kNobody, example.pick);
  EXPECT_NEAR(agreement.score.value_or(kNoScore), example.support, kHalfAUnit);
  EXPECT_NEAR(agreement.confidence, example.confidence, kHalfAThousandth);
  EXPECT_EQ(agreement.code, example.prompt == std::string("Write add."));
}

INSTANTIATE_TEST_SUITE_P(All, AgreementExample, testing::ValuesIn(kExamples));

TEST(Agreement, PutsAPlainAnswerBeforeHedgesWhereNothingAgrees) {
  const Agreement agreement = MeasureAgreement(
      "When was the mill built?",
      Panel({"I don't have any record. However, you may ask the archive.", "It was built in 1822.",
             "I cannot tell. However, millers often know."}));
  EXPECT_EQ(agreement.usable, 3u);
  EXPECT_EQ(agreement.picked, 1u);
}

TEST(Agreement, BelievesTheProviderThatItRefused) {
  auto panel = Panel({"Paris", "Paris", "Lyon"});
  panel[0].refused = true;
  const Agreement agreement = MeasureAgreement(kCapital, panel);
  EXPECT_EQ(agreement.status[0], AnswerStatus::kRefused);
  EXPECT_EQ(agreement.usable, 2u);
  EXPECT_TRUE(agreement.degraded());
  EXPECT_EQ(agreement.picked, 1u);
}

TEST(Agreement, NamesItsMethod) {
  const auto method_of = [](std::vector<std::optional<std::string>> texts) {
    return ConsensusMethodName(MeasureAgreement("", Panel(std::move(texts))).method);
  };
  EXPECT_EQ(method_of({"a cat", "a dog"}), "medoid");
  EXPECT_EQ(method_of({std::nullopt, "a dog"}), "single");
  EXPECT_EQ(method_of({"I cannot say.", std::nullopt}), "refused");
  EXPECT_EQ(method_of({"", std::nullopt}), "none");
  EXPECT_EQ(method_of({}), "none");
}

TEST(Agreement, CapsCodeOnlyWhereTwoAnswersAreMostlyCode) {
  const std::string prose = kAddAb + " adds a and b, as everybody can easily see from the program";
  EXPECT_TRUE(MeasureAgreement("", Panel({kAddAb, kAddAb, prose})).code);
  EXPECT_FALSE(MeasureAgreement("", Panel({kAddAb, prose, prose})).code);
  EXPECT_TRUE(MeasureAgreement("", Panel({"```\nnever closed", "```\nnever closed"})).code);
}

}  // namespace
}  // namespace byok
