#include "http/origin.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace byok::http {
namespace {

TEST(Origin, IsSchemeHostAndPortInOneSpelling) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"HTTPS://API.OpenAI.com/v1", "https://api.openai.com:443"},
      {"https://api.openai.com:443", "https://api.openai.com:443"},
      {"https://api.openai.com./v1", "https://api.openai.com:443"},
      {"https://api.openai.com:8443/", "https://api.openai.com:8443"},
      {"http://localhost", "http://localhost:80"},
      {"http://127.0.0.1:11434/v1", "http://127.0.0.1:11434"},
      {"https://2130706433/", "https://127.0.0.1:443"},
      {"https://0177.0.0.1/", "https://127.0.0.1:443"},
      {"https://0x7f.1/", "https://127.0.0.1:443"},
      {"https://[2001:DB8:0::1]:8443/", "https://[2001:db8::1]:8443"},
      {"https://%61pi.openai.com/", "https://api.openai.com:443"},
  };
  for (const auto& [url, origin] : cases) {
    const auto result = OriginOf(url);
    ASSERT_TRUE(result.ok()) << url;
    EXPECT_EQ(result.value(), origin) << url;
  }
}

TEST(Origin, RefusesWhatHidesTheDestination) {
  const std::vector<std::string> urls = {
      "",
      "api.openai.com",
      "//api.openai.com/",
      "https://",
      "https:///v1",
      "https:/api.openai.com/",
      "https:api.openai.com/",
      "https://./",
      "https://a../",
      "https://user@api.openai.com/",
      "https://user:pw@api.openai.com/",
      "https://@api.openai.com/",
      "https://api.openai.com@evil.example/",
      "https://api.openai.com/#fragment",
      "https://api.openai.com/v1?key=1",
      "https://api.openai.com/v1?",
      "ftp://api.openai.com/",
      "file:///etc/passwd",
      "gopher://api.openai.com/",
      "https://api.openai.com:0/",
      "https://api.openai.com:65536/",
      "https://api.openai.com:443x/",
      "https://api openai.com/",
      "https://api.openai.com\r\n/",
      "https://api.openai.com\t/",
      std::string("https://api.openai.com\0/", 24),
      "https://\xD0\xB0pi.openai.com/",
      "https://api.openai.com\\@evil.example/",
      "https://evil.example%2Fapi.openai.com/",
      "https://evil.example%00.openai.com/",
      "https://[fe80::1%25eth0]/",
      "https://[::1/",
      "https://" + std::string(10'000, 'a') + ".com/",
  };
  for (const std::string& url : urls) {
    const auto result = OriginOf(url);
    ASSERT_FALSE(result.ok()) << url << " gave " << result.value();
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(Origin, RefusalDoesNotQuoteTheUrl) {
  const auto result = OriginOf("https://user:sk-test-in-url@api.openai.com/");
  ASSERT_FALSE(result.ok());
  const Status& status = result.status();
  const std::string said = status.message() + status.detail() + status.hint();
  EXPECT_EQ(said.find("sk-test"), std::string::npos) << said;
}

TEST(Origin, PlainHttpNeedsAllowPrivate) {
  EXPECT_TRUE(SchemeAllowed("https://api.openai.com:443", false));
  EXPECT_TRUE(SchemeAllowed("https://api.openai.com:443", true));
  EXPECT_FALSE(SchemeAllowed("http://localhost:11434", false));
  EXPECT_TRUE(SchemeAllowed("http://localhost:11434", true));
  EXPECT_FALSE(SchemeAllowed("ftp://localhost:21", true));
}

}  // namespace
}  // namespace byok::http
