#include "keyring/random_uuid.hpp"

#include <set>

#include <gtest/gtest.h>

#include "keyring/no_randomness.hpp"

namespace byok {
namespace {

/// RFC 9562 §5.4: the version nibble is 4, the variant bits are 10.
TEST(RandomUuid, IsOfVersionFour) {
  for (int i = 0; i < 200; ++i) {
    const std::string text = RandomUuid()->ToString();
    ASSERT_EQ(text[14], '4') << text;
    ASSERT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos) << text;
  }
}

TEST(RandomUuid, DoesNotRepeat) {
  std::set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(*RandomUuid());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(RandomUuid, IsInternalWithoutRandomness) {
  const NoRandomnessHere no_randomness;
  const auto uuid = RandomUuid();
  ASSERT_FALSE(uuid.ok());
  EXPECT_EQ(uuid.status().code(), StatusCode::kInternal);
}

}  // namespace
}  // namespace byok
