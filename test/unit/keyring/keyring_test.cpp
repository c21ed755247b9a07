#include "keyring/keyring.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace byok {
namespace {

// Fake master keys: 32 bytes of a text, in base64 and in hexadecimal.
const std::string kFirstText = "fake master key number one......";
const std::string kSecondText = "fake master key number two......";
const std::string kFirst = ToBase64(AsBytes(kFirstText));
const std::string kSecond = ToHex(AsBytes(kSecondText));

KekId IdOf(const std::string& text) {
  return DeriveKekId(Secret::CopyOf(text));
}

Keyring Parsed(const std::string& text) {
  auto keyring = Keyring::Parse(text);
  EXPECT_TRUE(keyring.ok()) << keyring.status().message();
  return keyring.ok() ? *std::move(keyring) : Keyring();
}

RecordBinding Binding() {
  return {.store_id = {{1}},
          .credential_id = {{2}},
          .generation = 1,
          .tier = "tenant_byok",
          .tenant_id = "tenant_abc",
          .user_id = std::nullopt,
          .provider = "anthropic",
          .origin = "https://api.anthropic.com:443"};
}

Secret ApiKey() {
  return Secret::CopyOf("sk-ant-test-0123456789");
}

void ExpectNoMasterKey(const Status& status) {
  EXPECT_EQ(status.code(), StatusCode::kMisconfigured);
  EXPECT_EQ(status.message(), "no master key is loaded");
  EXPECT_NE(status.hint().find("openssl rand -base64 32"), std::string::npos);
  EXPECT_NE(status.hint().find("KEYRING_ENCRYPTION_KEY"), std::string::npos);
  EXPECT_NE(status.hint().find("byok.master_key_source"), std::string::npos);
}

TEST(KeyringParse, ReadsABareKeyInEverySpelling) {
  std::string upper = ToHex(AsBytes(kFirstText));
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  for (const std::string& text :
       {kFirst, kFirst.substr(0, 43), kFirst + "\n", " " + kFirst + "\r\n", "\n\n" + kFirst,
        ToHex(AsBytes(kFirstText)), upper, "2026 " + kFirst, "label\t" + kFirst}) {
    const Keyring keyring = Parsed(text);
    ASSERT_EQ(keyring.size(), 1U) << text;
    EXPECT_EQ(keyring.primary_id(), IdOf(kFirstText)) << text;
  }
}

TEST(KeyringParse, TheFirstLineIsThePrimary) {
  const Keyring keyring =
      Parsed("# rotated in May\nnew " + kSecond + "\n\n  # older\nold " + kFirst);
  EXPECT_EQ(keyring.ids(), (std::vector{IdOf(kSecondText), IdOf(kFirstText)}));
  EXPECT_EQ(keyring.primary_id(), IdOf(kSecondText));
  EXPECT_TRUE(keyring.Holds(IdOf(kFirstText)));
  EXPECT_FALSE(keyring.Holds(KekId{}));
}

TEST(KeyringParse, ARepeatedKeyCountsOnce) {
  EXPECT_EQ(Parsed(kFirst + "\nagain " + ToHex(AsBytes(kFirstText))).size(), 1U);
}

TEST(KeyringParse, WithoutAnyKeyThereIsNoMasterKey) {
  for (const char* text : {"", "\n", "  \r\n", "# only a note\n"}) {
    const auto keyring = Keyring::Parse(text);
    ASSERT_FALSE(keyring.ok());
    ExpectNoMasterKey(keyring.status());
  }
}

void ExpectRefused(const std::string& text, const std::string& message) {
  const auto keyring = Keyring::Parse(text);
  ASSERT_FALSE(keyring.ok()) << text;
  const Status& status = keyring.status();
  EXPECT_EQ(status.code(), StatusCode::kMisconfigured);
  EXPECT_EQ(status.message(), message) << text;
  EXPECT_EQ(status.hint(), "Make one with: openssl rand -base64 32");
  const std::string said = status.message() + status.detail() + status.hint();
  EXPECT_EQ(said.find(text), std::string::npos) << said;
}

TEST(KeyringParse, RefusesWhatIsNoKeyAndNeverShowsIt) {
  const std::string hex = ToHex(AsBytes(kFirstText));
  for (const std::string& text :
       {std::string("password"), std::string("sk-1234"), ToBase64(AsBytes(kFirstText.substr(1))),
        ToBase64(AsBytes(kFirstText + "x")), hex.substr(1), hex + "0", hex.substr(2), "0x" + hex,
        hex.substr(0, 63) + "g", kFirst.substr(0, 20) + " " + kFirst.substr(20), kFirst + "=",
        kFirst + "," + kSecond, "a b " + kFirst, kFirst + " trailing",
        std::string("a passphrase of exactly 43 characters......")}) {
    ExpectRefused(text, "master key number 1 is malformed");
  }
}

TEST(KeyringParse, RefusesBytesThatAreNotRandom) {
  Bytes up;
  Bytes down;
  Bytes fives;
  for (int i = 0; i < 32; ++i) {
    up.push_back(static_cast<std::uint8_t>(i));
    down.push_back(static_cast<std::uint8_t>(250 - i));
    fives.push_back(static_cast<std::uint8_t>(i * 5 + 100));
  }
  for (const Bytes& bytes : {Bytes(32, 0), Bytes(32, 0x61), Bytes(32, 0xFF), up, down, fives}) {
    ExpectRefused(ToBase64(bytes), "master key number 1 is not random");
    ExpectRefused(ToHex(bytes), "master key number 1 is not random");
  }
  ExpectRefused("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "master key number 1 is not random");
}

TEST(KeyringParse, OneBrokenBlockOfCountingIsRandomEnough) {
  Bytes bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  bytes[31] = 0xA5;
  EXPECT_TRUE(Keyring::Parse(ToHex(bytes)).ok());
}

TEST(KeyringParse, SaysWhichKeyIsRefused) {
  const auto keyring = Keyring::Parse("# note\nnew " + kFirst + "\nold password");
  ASSERT_FALSE(keyring.ok());
  EXPECT_EQ(keyring.status().message(), "master key number 2 is malformed");
}

TEST(KeyringPrevious, OnlyOpens) {
  Keyring keyring = Parsed(kFirst);
  ASSERT_TRUE(keyring.AddPrevious(kSecond).ok());
  EXPECT_EQ(keyring.primary_id(), IdOf(kFirstText));
  EXPECT_TRUE(keyring.Holds(IdOf(kSecondText)));
  const auto old_record = Parsed(kSecond).Seal(ApiKey(), Binding());
  ASSERT_TRUE(old_record.ok());
  EXPECT_TRUE(keyring.Open(*old_record, Binding()).ok());
  const auto record = keyring.Seal(ApiKey(), Binding());
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(RecordKekId(*record), IdOf(kFirstText));
}

TEST(KeyringPrevious, TakesACommaListAndNothing) {
  Keyring keyring = Parsed(kFirst);
  const std::string third = ToBase64(AsBytes("fake master key number three...."));
  EXPECT_TRUE(keyring.AddPrevious(kSecond + ", may " + third + ",").ok());
  EXPECT_EQ(keyring.size(), 3U);
  EXPECT_TRUE(keyring.AddPrevious("").ok());
  EXPECT_EQ(keyring.size(), 3U);
}

TEST(KeyringPrevious, AddsNothingWhenOneIsMalformed) {
  Keyring keyring = Parsed(kFirst);
  const Status status = keyring.AddPrevious(kSecond + ",password");
  EXPECT_EQ(status.code(), StatusCode::kMisconfigured);
  EXPECT_EQ(status.message(), "master key number 2 is malformed");
  EXPECT_EQ(keyring.size(), 1U);
}

TEST(KeyringPrevious, NeverBecomesThePrimary) {
  Keyring keyring;
  ExpectNoMasterKey(keyring.AddPrevious(kFirst));
  EXPECT_TRUE(keyring.empty());
}

TEST(Keyring, OpensWhatItSeals) {
  const Keyring keyring = Parsed(kFirst);
  const auto record = keyring.Seal(ApiKey(), Binding());
  ASSERT_TRUE(record.ok());
  const auto opened = keyring.Open(*record, Binding());
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), ApiKey().Reveal());
}

TEST(Keyring, WithoutAMasterKeySaysHowToMakeOne) {
  const Keyring keyring;
  const auto record = Parsed(kFirst).Seal(ApiKey(), Binding());
  ASSERT_TRUE(record.ok());
  EXPECT_TRUE(keyring.empty());
  ExpectNoMasterKey(keyring.Seal(ApiKey(), Binding()).status());
  ExpectNoMasterKey(keyring.Open(*record, Binding()).status());
  ExpectNoMasterKey(keyring.Rewrap(*record, Binding().store_id, Binding().credential_id).status());
}

TEST(Keyring, NamesTheMasterKeyThatIsNotLoaded) {
  const auto record = Parsed(kFirst).Seal(ApiKey(), Binding());
  ASSERT_TRUE(record.ok());
  const Keyring other = Parsed(kSecond);
  const std::string message = "master key " + ToHex(IdOf(kFirstText)) + " is not loaded";
  for (const Status& status :
       {other.Open(*record, Binding()).status(),
        other.Rewrap(*record, Binding().store_id, Binding().credential_id).status()}) {
    EXPECT_EQ(status.code(), StatusCode::kMisconfigured);
    EXPECT_EQ(status.message(), message);
  }
}

TEST(Keyring, WhatIsNoRecordIsUnauthentic) {
  const Keyring keyring = Parsed(kFirst);
  for (const std::string& bytes : {std::string(), std::string("BYK\1"), std::string(200, 'x')}) {
    const auto opened = keyring.Open(AsBytes(bytes), Binding());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.status().code(), StatusCode::kUnauthentic);
    EXPECT_EQ(opened.status().message(), "could not open the stored key");
    EXPECT_EQ(keyring.Rewrap(AsBytes(bytes), {}, {}).status().code(), StatusCode::kUnauthentic);
  }
}

TEST(Keyring, RewrapMovesARecordToThePrimary) {
  const auto record = Parsed(kFirst).Seal(ApiKey(), Binding());
  ASSERT_TRUE(record.ok());
  Keyring keyring = Parsed(kSecond);
  ASSERT_TRUE(keyring.AddPrevious(kFirst).ok());
  const auto moved = keyring.Rewrap(*record, Binding().store_id, Binding().credential_id);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(RecordKekId(*moved), IdOf(kSecondText));
  const auto opened = Parsed(kSecond).Open(*moved, Binding());
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), ApiKey().Reveal());
}

TEST(Keyring, TheCheckValueDependsOnKeyAndStore) {
  const Keyring keyring = Parsed(kFirst + "\nold " + kSecond);
  const Uuid store{{1}};
  const Uuid other_store{{2}};
  const KekId first = IdOf(kFirstText);
  EXPECT_EQ(keyring.CheckValue(first, store),
            DeriveKeyCheckValue(Secret::CopyOf(kFirstText), store));
  EXPECT_NE(keyring.CheckValue(first, store), keyring.CheckValue(first, other_store));
  EXPECT_NE(keyring.CheckValue(first, store), keyring.CheckValue(IdOf(kSecondText), store));
}

}  // namespace
}  // namespace byok
