#include "http/header_rules.hpp"

#include <string>

#include <gtest/gtest.h>

namespace byok::http {
namespace {

TEST(HeaderRules, ReservesWhatFramesAndRoutes) {
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Expect",
                           "Cookie", "Proxy-Authorization", "TE", "Upgrade"}) {
    EXPECT_TRUE(IsReservedHeader(name)) << name;
  }
  for (const char* name : {"Authorization", "x-api-key", "anthropic-version", "OpenAI-Organization",
                           "Hosts", "proxy"}) {
    EXPECT_FALSE(IsReservedHeader(name)) << name;
  }
}

TEST(HeaderRules, RefusesWhatBreaksOutOfItsLine) {
  EXPECT_TRUE(IsSafeHeader("x-a", "value with blanks"));
  EXPECT_FALSE(IsSafeHeader("x-a", "a\r\nx-b: c"));
  EXPECT_FALSE(IsSafeHeader("x-a", std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsSafeHeader("x a", "v"));
  EXPECT_FALSE(IsSafeHeader("x:a", "v"));
  EXPECT_FALSE(IsSafeHeader("", "v"));
}

TEST(HeaderRules, ComparesNamesWithoutCase) {
  EXPECT_TRUE(SameHeaderName("X-Api-Key", "x-api-key"));
  EXPECT_FALSE(SameHeaderName("x-api-key", "x-api-keys"));
}

}  // namespace
}  // namespace byok::http
