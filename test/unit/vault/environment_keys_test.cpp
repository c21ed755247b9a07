#include "vault/environment_keys.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(EnvironmentKeys, MapsProvidersToVariables) {
  constexpr std::string_view kMapping = "openai=OPENAI_API_KEY, anthropic = CLAUDE_KEY ,deepseek=";
  EXPECT_EQ(EnvironmentVariableOf(kMapping, "openai"), "OPENAI_API_KEY");
  EXPECT_EQ(EnvironmentVariableOf(kMapping, "anthropic"), "CLAUDE_KEY");
  EXPECT_EQ(EnvironmentVariableOf(kMapping, "deepseek"), std::nullopt);
  EXPECT_EQ(EnvironmentVariableOf(kMapping, "mistral"), std::nullopt);
  EXPECT_EQ(EnvironmentVariableOf("", "openai"), std::nullopt);
}

std::optional<std::string> Value(std::string_view text, std::string_view name) {
  const auto secret = ValueInEnvFile(text, name);
  return secret ? std::optional(std::string(secret->Reveal())) : std::nullopt;
}

TEST(EnvFile, ReadsTheSeedsForm) {
  constexpr std::string_view kFile =
      "# Edit .env\nOPENAI_API_KEY=sk-test-openai\n\nANTHROPIC_API_KEY='sk-test-ant'\r\n"
      "export DEEPSEEK_API_KEY = \"sk-test #1\"  \nEMPTY=\nX=y # comment\n";
  EXPECT_EQ(Value(kFile, "OPENAI_API_KEY"), "sk-test-openai");
  EXPECT_EQ(Value(kFile, "ANTHROPIC_API_KEY"), "sk-test-ant");
  EXPECT_EQ(Value(kFile, "DEEPSEEK_API_KEY"), "sk-test #1");
  EXPECT_EQ(Value(kFile, "X"), "y");
}

TEST(EnvFile, AnEmptyOrMissingValueIsNoKey) {
  EXPECT_EQ(Value("EMPTY=\n", "EMPTY"), std::nullopt);
  EXPECT_EQ(Value("#OPENAI_API_KEY=x\nnonsense\n", "OPENAI_API_KEY"), std::nullopt);
}

TEST(EnvFile, TheLastLineOfAVariableWins) {
  EXPECT_EQ(Value("A=1\nA=2", "A"), "2");
  EXPECT_EQ(Value("A=1\nA=\n", "A"), std::nullopt);
}

}  // namespace
}  // namespace byok
