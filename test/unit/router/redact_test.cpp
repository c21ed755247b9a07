#include "router/redact.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace byok {
namespace {

std::string Sanitize(std::string_view text, std::string_view secret = {}) {
  return SanitizeProviderText(text, {&secret, 1});
}

TEST(Redact, LeavesOrdinaryWordsAlone) {
  const std::string text =
      "Unsupported parameter: 'max_tokens' at 12:30:45, use std::abc (v1.2.3).";
  EXPECT_EQ(Sanitize(text), text);
  EXPECT_EQ(Sanitize("a task-oriented disk-resident model"), "a task-oriented disk-resident model");
}

TEST(Redact, MasksKeyPatterns) {
  EXPECT_EQ(Sanitize("provided: sk-fake-key. You can"), "provided: [redacted]. You can");
  EXPECT_EQ(Sanitize("provided: sk-qnWGU***Rvfb."), "provided: [redacted].");
  EXPECT_EQ(Sanitize("'gsk_0123456789' xai-0123456789,"), "'[redacted]' [redacted],");
  EXPECT_EQ(Sanitize("AIzaSyA-0123456789abcdef"), "[redacted]");
  EXPECT_EQ(Sanitize("authorization: bearer abc.def"), "authorization: [redacted]");
}

TEST(Redact, MasksStarredEchoes) {
  EXPECT_EQ(Sanitize("Your api key: ****iKey is invalid"), "Your api key: [redacted] is invalid");
  EXPECT_EQ(Sanitize("provided: bad-key-**********test."), "provided: [redacted]");
}

TEST(Redact, MasksOrganisationsAndAddresses) {
  EXPECT_EQ(Sanitize("in organization org-abc123DEF on tokens"),
            "in organization [redacted] on tokens");
  EXPECT_EQ(Sanitize("project proj_abc123DEF"), "project [redacted]");
  EXPECT_EQ(Sanitize("Your IP: 203.0.113.77, Ray"), "Your IP: [redacted], Ray");
  EXPECT_EQ(Sanitize("from 2001:db8::8a2e:370 and ::1"), "from [redacted] and [redacted]");
  EXPECT_EQ(Sanitize("2001:db8:1:2:3:4:5:6"), "[redacted]");
}

TEST(Redact, MasksTheGivenSecretInEveryForm) {
  const std::string secret = R"(weird"key\with/odd+bytes)";
  EXPECT_EQ(Sanitize("a " + secret + " b", secret), "a [redacted] b");
  EXPECT_EQ(Sanitize(R"(a weird\"key\\with/odd+bytes b)", secret), "a [redacted] b");
  EXPECT_EQ(Sanitize("a " + ToBase64(AsBytes(secret)) + " b", secret), "a [redacted] b");
  EXPECT_EQ(Sanitize("ends in dd+bytes!", secret), "ends in [redacted]!");
  EXPECT_EQ(Sanitize(R"(begins with weird"key… yes)", secret), "begins with [redacted]… yes");
}

TEST(Redact, MasksASecretWithinMarkupAndControls) {
  EXPECT_EQ(Sanitize("<i title='plainsecret'>plainsecret</i>\x1b[1mplainsecret", "plainsecret"),
            "[redacted] [redacted]");
}

TEST(Redact, DropsMarkupScriptsAndControls) {
  EXPECT_EQ(Sanitize("<html><script>var a='<b>';</script><h1>502:\tBad\r\n gateway</h1>"),
            "502: Bad gateway");
  EXPECT_EQ(Sanitize("\x1b[31mred\x1b[0m \xc2\x9b x\x7f"), "red x");
  EXPECT_EQ(Sanitize("1 < 2 and <b unterminated"), "1 < 2 and b unterminated");
}

TEST(Redact, ReplacesInvalidUtf8) {
  EXPECT_EQ(Sanitize("caf\xe9!"), "caf\xef\xbf\xbd!");
}

TEST(Redact, CutsAt300CharactersNotBytes) {
  std::string euros;
  for (int i = 0; i < 400; ++i) euros += "€";
  const std::string cut = Sanitize(euros);
  EXPECT_EQ(cut.size(), 300 * std::string_view("€").size());
  EXPECT_TRUE(IsValidUtf8(cut));
}

TEST(Redact, IsFastOnHostilePages) {
  std::string tags;
  std::string dashes;
  std::string stars;
  for (int i = 0; i < (1 << 20); ++i) {
    tags += "<a";
    dashes += "a-";
    stars += "sk-*";
  }
  for (const std::string& page : {tags, dashes, stars}) {
    EXPECT_LE(Sanitize(page, "secret-of-twenty-bytes").size(), 300U);
  }
}

TEST(Redact, MaskKeyPatternsChangesNothingElse) {
  EXPECT_EQ(MaskKeyPatterns("<b>1.2.3.4</b>\n'sk-test-12345678' org-abcdef12"),
            "<b>1.2.3.4</b>\n'[redacted]' org-abcdef12");
}

constexpr std::string_view kEchoedKey = "Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A";

TEST(ConcealSecrets, TakesWholeKeysOutOfAnAnswerAndLeavesTheRest) {
  const std::string_view secrets[] = {kEchoedKey};
  EXPECT_EQ(ConcealSecrets("a Zq8vN2xLw5Rt7Yp3Kd9Hm4Jb6Gc1Fs0A b", secrets), "a [redacted] b");
  EXPECT_EQ(ConcealSecrets("WnE4dk4yeEx3NVJ0N1lwM0tkOUhtNEpiNkdjMUZzMEE=", secrets), "[redacted]");
  constexpr std::string_view kInnocent =
      "keys begin with sk-proj- or Zq8vN2xL; 10.0.0.1 <b>bold</b>";
  EXPECT_EQ(ConcealSecrets(std::string(kInnocent), secrets), kInnocent);
}

TEST(CarriesSecret, SeesBothEndsOfAKeyInAName) {
  const std::string_view secrets[] = {kEchoedKey};
  EXPECT_TRUE(CarriesSecret("req_Zq8vN2xL", secrets));
  EXPECT_TRUE(CarriesSecret("6Gc1Fs0A", secrets));
  EXPECT_FALSE(CarriesSecret("req_0123456789abcdef", secrets));
  EXPECT_FALSE(CarriesSecret("req_0123456789abcdef", {}));
}

}  // namespace
}  // namespace byok
