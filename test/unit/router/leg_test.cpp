#include "router/leg.hpp"

#include <set>

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(Leg, UsageIsPlausibleOnlyWhenPartsFitTheirWholes) {
  EXPECT_TRUE(IsPlausible({}));
  EXPECT_TRUE(IsPlausible({.input = 10,
                           .cached_input = 4,
                           .cache_write = 6,
                           .cache_write_1h = 6,
                           .output = 5,
                           .reasoning = 5}));
  EXPECT_FALSE(IsPlausible({.input = 10, .cached_input = 5, .cache_write = 6}));
  EXPECT_FALSE(IsPlausible({.input = 10, .cache_write = 2, .cache_write_1h = 3}));
  EXPECT_FALSE(IsPlausible({.output = 5, .reasoning = 6}));
}

TEST(Leg, UsageIsPlausibleOnlyInRange) {
  EXPECT_TRUE(IsPlausible({.input = kMaxTokens, .output = kMaxTokens}));
  EXPECT_FALSE(IsPlausible({.input = kMaxTokens + 1}));
  EXPECT_FALSE(IsPlausible({.input = 5, .cached_input = -1}));
  EXPECT_FALSE(IsPlausible({.output = -1, .reasoning = -1}));
}

TEST(Leg, NamesAreDistinctAndComplete) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kErrorReasons; ++i) {
    names.insert(ErrorReasonName(static_cast<ErrorReason>(i)));
  }
  EXPECT_EQ(names.size(), kErrorReasons);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(ErrorReasonName(ErrorReason::kNoKey), "no_key");
  EXPECT_EQ(EndReasonName(EndReason::kCutOff), "cut_off");
  EXPECT_EQ(CallStateName(CallState::kFailedUnbilled), "failed_unbilled");
}

}  // namespace
}  // namespace byok
