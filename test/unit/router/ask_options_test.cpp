#include "router/ask_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace byok {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<AskOptions> Parse(std::string_view text) {
  return ParseAskOptions(Json::Parse(text).value());
}

TEST(AskOptions, NullAndEmptyGiveTheDefaults) {
  for (const char* text : {"null", "{}", R"({"max_tokens": null, "metadata": null})"}) {
    const auto options = Parse(text);
    ASSERT_TRUE(options.ok()) << text;
    EXPECT_FALSE(options->providers);
    EXPECT_FALSE(options->temperature);
    EXPECT_EQ(options->max_tokens, 1024);
    EXPECT_EQ(options->timeout, std::chrono::seconds(60));
    EXPECT_EQ(options->min_answers, 1);
    EXPECT_EQ(options->allow_platform_keys, PlatformKeys::kMissingOnly);
    EXPECT_TRUE(options->raise_on_error);
  }
}

TEST(AskOptions, ReadsEveryOption) {
  const auto options = Parse(R"({
    "providers": ["openai", "vllm"], "models": {"openai": "gpt-test"}, "system": "Be brief.",
    "max_tokens": 16, "temperature": 0.10, "timeout_ms": 300, "min_answers": 2,
    "strategy": "medoid", "allow_platform_keys": "any_failure", "max_charge_usd": 0.05,
    "on_error": "return", "metadata": {"job": 7}})");
  ASSERT_TRUE(options.ok()) << options.status().message();
  EXPECT_THAT(*options->providers, ElementsAre("openai", "vllm"));
  EXPECT_EQ(options->models.at("openai"), "gpt-test");
  EXPECT_EQ(options->system, "Be brief.");
  EXPECT_EQ(options->max_tokens, 16);
  EXPECT_EQ(options->temperature, "0.10");
  EXPECT_EQ(options->timeout, std::chrono::milliseconds(300));
  EXPECT_EQ(options->min_answers, 2);
  EXPECT_EQ(options->allow_platform_keys, PlatformKeys::kAnyFailure);
  EXPECT_EQ(options->max_charge, Usd::Parse("0.05"));
  EXPECT_FALSE(options->raise_on_error);
  EXPECT_EQ(options->metadata["job"].AsInteger(), 7);
}

TEST(AskOptions, UnknownOptionIsRefusedWithTheKnownOnes) {
  const auto options = Parse(R"({"max_token": 5})");
  ASSERT_FALSE(options.ok());
  EXPECT_EQ(options.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(options.status().message(), R"(option "max_token" is not known)");
  EXPECT_THAT(options.status().hint(), HasSubstr("max_tokens, temperature, timeout_ms"));
}

TEST(AskOptions, OnlyAnObjectIsAccepted) {
  EXPECT_EQ(Parse("[]").status().message(), "options must be a JSON object, not array");
  EXPECT_EQ(Parse(R"("x")").status().code(), StatusCode::kInvalidArgument);
}

TEST(AskOptions, MessageSaysWhatTheOptionMustBe) {
  EXPECT_EQ(Parse(R"({"max_tokens": 0})").status().message(),
            R"(option "max_tokens" must be a whole number from 1 to 1000000)");
}

class RefusedOptions : public testing::TestWithParam<const char*> {};

TEST_P(RefusedOptions, AreInvalidArguments) {
  const auto options = Parse(GetParam());
  ASSERT_FALSE(options.ok());
  EXPECT_EQ(options.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(options.status().message(), HasSubstr("must be"));
}

INSTANTIATE_TEST_SUITE_P(
    AskOptions, RefusedOptions,
    testing::Values(
        R"({"max_tokens": 1000001})", R"({"max_tokens": 1.5})", R"({"max_tokens": "5"})",
        R"({"timeout_ms": 0})", R"({"timeout_ms": 600001})", R"({"min_answers": 0})",
        R"({"min_answers": 9})", R"({"temperature": 2.1})", R"({"temperature": -0.1})",
        R"({"temperature": "1"})", R"({"temperature": 0.00000000000000000000000000000000000001})",
        R"({"providers": []})", R"({"providers": "openai"})", R"({"providers": ["a", "a"]})",
        R"({"providers": ["a", ""]})", R"({"providers": ["a", 1]})",
        R"({"providers": ["1","2","3","4","5","6","7","8","9"]})", R"({"models": ["x"]})",
        R"({"models": {"openai": 5}})", R"({"models": {"openai": ""}})", R"({"system": 5})",
        R"({"strategy": "vote"})", R"({"strategy": 1})", R"({"allow_platform_keys": "yes"})",
        R"({"max_charge_usd": -1})", R"({"max_charge_usd": "1"})",
        R"({"max_charge_usd": 0.0000000000001})", R"({"on_error": "ignore"})",
        R"({"idempotency_key": 5})", R"({"idempotency_key": ""})"));

TEST(AskOptions, AnIdempotencyKeyIsAShortText) {
  EXPECT_EQ(Parse(R"({"idempotency_key": "order-1"})")->idempotency_key, "order-1");
  const std::string longest(255, 'k');
  EXPECT_TRUE(Parse(R"({"idempotency_key": ")" + longest + "\"}").ok());
  EXPECT_FALSE(Parse(R"({"idempotency_key": "k)" + longest + "\"}").ok());
}

TEST(AskOptions, StrategiesGoByTheirNames) {
  for (const auto strategy :
       {Strategy::kMedoid, Strategy::kJudge, Strategy::kSynthesize, Strategy::kAuto}) {
    const std::string name(StrategyName(strategy));
    EXPECT_EQ(Parse(R"({"strategy": ")" + name + "\"}")->strategy, strategy);
  }
}

}  // namespace
}  // namespace byok
