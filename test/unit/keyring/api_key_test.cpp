#include "keyring/api_key.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

std::string Reason(std::string_view key) {
  const Status status = CheckApiKey(key);
  if (status.ok()) return "accepted";
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(status.hint().empty());
  return status.message();
}

TEST(CheckApiKey, AcceptsVisibleAscii) {
  EXPECT_EQ(Reason("sk-test-0123456789"), "accepted");
  std::string all;
  for (char c = 0x21; c < 0x7F; ++c) all += c;
  EXPECT_EQ(Reason(all), "accepted");
}

TEST(CheckApiKey, KeepsTheLimitsOfLength) {
  EXPECT_EQ(Reason(std::string(8, 'k')), "accepted");
  EXPECT_EQ(Reason(std::string(4096, 'k')), "accepted");
  EXPECT_EQ(Reason(std::string(7, 'k')), "API key is shorter than 8 bytes");
  EXPECT_EQ(Reason(""), "API key is shorter than 8 bytes");
  EXPECT_EQ(Reason(std::string(4097, 'k')), "API key is longer than 4096 bytes");
}

TEST(CheckApiKey, RefusesEveryOtherByteByItsPosition) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte >= 0x21 && byte <= 0x7E) continue;
    std::string key = "sk-test-0123456789";
    key[4] = static_cast<char>(byte);
    ASSERT_EQ(Reason(key), "API key has an unsuitable byte at position 5") << byte;
  }
}

TEST(CheckApiKey, TrimsNothing) {
  EXPECT_EQ(Reason(" sk-test-0123456789"), "API key has an unsuitable byte at position 1");
  EXPECT_EQ(Reason("sk-test-0123456789\n"), "API key has an unsuitable byte at position 19");
  EXPECT_EQ(Reason("sk-test-0123456789\r\nX-Evil: 1"),
            "API key has an unsuitable byte at position 19");
}

TEST(CheckApiKey, RefusesAdministratorsKeys) {
  EXPECT_EQ(Reason("sk-ant-admin01-test-0123456789"), "API key is an administrator's key");
  EXPECT_EQ(Reason("sk-admin-test-0123456789"), "API key is an administrator's key");
  EXPECT_EQ(Reason("sk-test-admin-0123456789"), "accepted");
}

TEST(CheckApiKey, RefusesItsOwnMask) {
  const std::string key = "sk-test-0123456789abcdef";
  EXPECT_EQ(Reason(KeyHint(key)), "API key is a masked key");
  EXPECT_EQ(Reason(KeyHint("short")), "API key is a masked key");
}

TEST(CheckApiKey, NeverQuotesTheKey) {
  for (const char* key : {"canary", "canary canary", "sk-ant-admin-canary", "\xE2\x80\xA6nary"}) {
    const Status status = CheckApiKey(key);
    const std::string said = status.message() + status.detail() + status.hint();
    EXPECT_EQ(said.find("nary"), std::string::npos) << said;
  }
}

TEST(UnusualShape, IsSilentAboutUsualKeys) {
  EXPECT_EQ(UnusualShape("openai", "sk-test-0123456789"), std::nullopt);
  EXPECT_EQ(UnusualShape("openai", "sk-proj-test"), std::nullopt);
  EXPECT_EQ(UnusualShape("anthropic", "sk-ant-api03-test"), std::nullopt);
  EXPECT_EQ(UnusualShape("deepseek", "sk-test0123456789"), std::nullopt);
  EXPECT_EQ(UnusualShape("openrouter", "sk-or-v1-test"), std::nullopt);
}

TEST(UnusualShape, SaysNothingOfProvidersItDoesNotKnow) {
  EXPECT_EQ(UnusualShape("my_gateway", "whatever-key"), std::nullopt);
}

TEST(UnusualShape, NamesTheUsualBeginning) {
  EXPECT_EQ(UnusualShape("anthropic", "sk-test-0123456789"),
            "keys of \"anthropic\" usually begin with \"sk-ant-\"");
  EXPECT_EQ(UnusualShape("openai", "gsk_test"), "keys of \"openai\" usually begin with \"sk-\"");
}

TEST(UnusualShape, KnowsAnotherProvidersKey) {
  EXPECT_EQ(UnusualShape("openai", "sk-ant-api03-test"),
            "keys that begin with \"sk-ant-\" are usually of \"anthropic\"");
  EXPECT_EQ(UnusualShape("deepseek", "sk-proj-test"),
            "keys that begin with \"sk-proj-\" are usually of \"openai\"");
}

TEST(KeyHint, ShowsFourCharactersOfLongKeysOnly) {
  EXPECT_EQ(KeyHint("sk-test-0123456789abcdef"), "…cdef");
  EXPECT_EQ(KeyHint("sk-test-0123456789abcde"), "…");
  EXPECT_EQ(KeyHint(""), "…");
}

}  // namespace
}  // namespace byok
