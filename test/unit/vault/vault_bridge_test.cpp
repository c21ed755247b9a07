#include "vault/vault_bridge.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

Candidate KeyOf(KeySource source, CandidateState state = CandidateState::kActive) {
  Candidate candidate;
  candidate.source = source;
  candidate.state = state;
  candidate.since = "2026-01-03";
  candidate.record = Candidate::Record{};
  return candidate;
}

const Asker kBoth{.user_id = "user_123", .tenant_id = "tenant_abc"};

struct TierCase {
  bool tenant, user, system;
  std::optional<KeySource> expected;
};

TEST(VaultBridge, PicksTheHighestTierThatHasAKey) {
  const TierCase cases[] = {
      {true, true, true, KeySource::kTenantByok},  {true, true, false, KeySource::kTenantByok},
      {true, false, true, KeySource::kTenantByok}, {true, false, false, KeySource::kTenantByok},
      {false, true, true, KeySource::kUserKey},    {false, true, false, KeySource::kUserKey},
      {false, false, true, KeySource::kSystemKey}, {false, false, false, std::nullopt},
  };
  for (const TierCase& c : cases) {
    std::vector<Candidate> candidates;
    if (c.system) candidates.push_back(KeyOf(KeySource::kSystemKey));
    if (c.user) candidates.push_back(KeyOf(KeySource::kUserKey));
    if (c.tenant) candidates.push_back(KeyOf(KeySource::kTenantByok));
    const KeyChoice choice = VaultBridge::GetKey(kBoth, candidates, PlatformKeys::kMissingOnly);
    ASSERT_EQ(choice.key.has_value(), c.expected.has_value());
    if (c.expected) {
      EXPECT_EQ(choice.key->source, *c.expected);
    }
    EXPECT_FALSE(choice.platform_fallback);
  }
}

TEST(VaultBridge, UnusableKeysPassToTheNextTierWithTheirReason) {
  const KeyChoice choice = VaultBridge::GetKey(
      kBoth,
      {KeyOf(KeySource::kTenantByok, CandidateState::kRevoked),
       KeyOf(KeySource::kUserKey, CandidateState::kExpired), KeyOf(KeySource::kSystemKey)},
      PlatformKeys::kMissingOnly);
  ASSERT_TRUE(choice.key);
  EXPECT_EQ(choice.key->source, KeySource::kSystemKey);
  EXPECT_EQ(DescribePassedOver(choice.passed_over),
            "tenant_byok: revoked 2026-01-03; user_key: expired 2026-01-03.");
}

TEST(VaultBridge, SaysWhyEveryTierWasEmpty) {
  const KeyChoice choice =
      VaultBridge::GetKey({.user_id = "user_123", .tenant_id = {}}, {}, PlatformKeys::kMissingOnly);
  EXPECT_FALSE(choice.key);
  EXPECT_EQ(DescribePassedOver(choice.passed_over),
            "tenant_byok: no tenant given; user_key: none stored; system_key: none stored.");
  EXPECT_EQ(PassedOverToJson(choice.passed_over)[0]["reason"].AsString(), "no tenant given");
}

TEST(VaultBridge, NeverUsesThePlatformsKeyWhenForbidden) {
  const KeyChoice choice =
      VaultBridge::GetKey(kBoth, {KeyOf(KeySource::kSystemKey)}, PlatformKeys::kNever);
  EXPECT_FALSE(choice.key);
  EXPECT_EQ(choice.passed_over.back().reason, "not allowed by allow_platform_keys");
}

TEST(VaultBridge, OffersAPlatformFallbackOnlyUnderAnyFailure) {
  const std::vector<Candidate> candidates = {KeyOf(KeySource::kUserKey),
                                             KeyOf(KeySource::kSystemKey)};
  const KeyChoice any = VaultBridge::GetKey(kBoth, candidates, PlatformKeys::kAnyFailure);
  ASSERT_TRUE(any.platform_fallback);
  EXPECT_EQ(any.key->source, KeySource::kUserKey);
  EXPECT_EQ(any.platform_fallback->source, KeySource::kSystemKey);
  const KeyChoice alone =
      VaultBridge::GetKey(kBoth, {KeyOf(KeySource::kSystemKey)}, PlatformKeys::kAnyFailure);
  EXPECT_EQ(alone.key->source, KeySource::kSystemKey);
  EXPECT_FALSE(alone.platform_fallback);
}

TEST(VaultBridge, KeepsEnvironmentKeysFromForeignOrigins) {
  Candidate environment;
  environment.variable = "OPENAI_API_KEY";
  environment.state = CandidateState::kOtherOrigin;
  const KeyChoice choice = VaultBridge::GetKey(kBoth, {environment}, PlatformKeys::kMissingOnly);
  EXPECT_FALSE(choice.key);
  EXPECT_NE(choice.passed_over.back().reason.find("OPENAI_API_KEY"), std::string::npos);
}

class OpeningAKey : public testing::Test {
 protected:
  void SetUp() override {
    auto keyring = Keyring::Parse("kQ2pUuZ0vYt7sI1mWb4xN9rE6cA3hL8gJ5dF0oKyTzM=");
    ASSERT_TRUE(keyring.ok()) << keyring.status().message();
    keyring_ = *std::move(keyring);
    key_ = KeyOf(KeySource::kUserKey);
    key_.record->key_id = *Uuid::Parse("f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f");
    key_.record->user_id = "user_123";
    key_.record->origin = kOrigin;
    auto sealed = keyring_.Seal(Secret::CopyOf(std::string_view("sk-test-vault-0123456789")),
                                BindingOf(store_, "openai", key_.source, *key_.record));
    ASSERT_TRUE(sealed.ok());
    key_.record->sealed = *std::move(sealed);
  }

  static constexpr std::string_view kOrigin = "https://api.openai.com:443";
  Keyring keyring_;
  Uuid store_{{1, 2, 3}};
  Candidate key_;
};

TEST_F(OpeningAKey, WorksForItsOwnRow) {
  const auto opened = VaultBridge::Open(keyring_, store_, "openai", kOrigin, key_);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), "sk-test-vault-0123456789");
}

TEST_F(OpeningAKey, FailsForAnotherOwnerAndNamesTheProvider) {
  key_.record->user_id = "user_124";
  const auto opened = VaultBridge::Open(keyring_, store_, "openai", kOrigin, key_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), StatusCode::kUnauthentic);
  EXPECT_EQ(opened.status().message(), "could not open the stored key for provider \"openai\"");
}

TEST_F(OpeningAKey, RefusesAMovedBaseUrlBeforeTryingToOpen) {
  const auto opened =
      VaultBridge::Open(keyring_, store_, "openai", "https://evil.example:443", key_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), StatusCode::kUnauthentic);
  EXPECT_NE(opened.status().detail().find("https://evil.example:443"), std::string::npos);
}

TEST_F(OpeningAKey, FailsWhenTheOriginColumnIsForgedToo) {
  key_.record->origin = "https://evil.example:443";
  const auto opened =
      VaultBridge::Open(keyring_, store_, "openai", "https://evil.example:443", key_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), StatusCode::kUnauthentic);
}

TEST_F(OpeningAKey, SaysWhichMasterKeyIsMissing) {
  const auto opened = VaultBridge::Open(Keyring(), store_, "openai", kOrigin, key_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), StatusCode::kMisconfigured);
}

}  // namespace
}  // namespace byok
