#include "vault/key_source.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(KeySource, NamesAreTheSeedsAndReadBack) {
  EXPECT_EQ(KeySourceName(KeySource::kTenantByok), "tenant_byok");
  EXPECT_EQ(KeySourceName(KeySource::kUserKey), "user_key");
  EXPECT_EQ(KeySourceName(KeySource::kSystemKey), "system_key");
  for (const KeySource source :
       {KeySource::kTenantByok, KeySource::kUserKey, KeySource::kSystemKey}) {
    EXPECT_EQ(ParseKeySource(KeySourceName(source)), source);
  }
  EXPECT_EQ(ParseKeySource("system"), std::nullopt);
}

}  // namespace
}  // namespace byok
