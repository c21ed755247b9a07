#include "keyring/aes_gcm.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "keyring/no_randomness.hpp"
#include "keyring/vectors.hpp"

namespace byok {
namespace {

const Bytes kKey(32, 7);
const Bytes kNonce(12, 9);

TEST(AesGcm, OpensWhatItSeals) {
  for (const char* plaintext : {"", "k", "sixteen bytes...", "more than sixteen bytes"}) {
    for (const char* aad : {"", "additional"}) {
      const auto sealed = AesGcmSeal(kKey, kNonce, AsBytes(aad), AsBytes(plaintext));
      ASSERT_TRUE(sealed);
      EXPECT_EQ(sealed->size(), std::string_view(plaintext).size() + kGcmTagSize);
      const auto opened = AesGcmOpen(kKey, kNonce, AsBytes(aad), *sealed);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->Reveal(), plaintext);
    }
  }
}

TEST(AesGcm, RefusesEveryChange) {
  auto sealed = AesGcmSeal(kKey, kNonce, AsBytes("additional"), AsBytes("plaintext"));
  ASSERT_TRUE(sealed);
  EXPECT_FALSE(AesGcmOpen(kKey, kNonce, AsBytes("Additional"), *sealed));
  EXPECT_FALSE(AesGcmOpen(kKey, Bytes(12, 8), AsBytes("additional"), *sealed));
  EXPECT_FALSE(AesGcmOpen(Bytes(32, 8), kNonce, AsBytes("additional"), *sealed));
  for (std::uint8_t& byte : *sealed) {
    byte ^= 1;
    EXPECT_FALSE(AesGcmOpen(kKey, kNonce, AsBytes("additional"), *sealed));
    byte ^= 1;
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(AesGcm, RefusesEveryOtherSize) {
  for (const std::size_t size : {0, 16, 24, 31, 33}) {
    EXPECT_FALSE(AesGcmSeal(Bytes(size), kNonce, {}, {})) << size;
  }
  for (const std::size_t size : {0, 8, 11, 13, 16}) {
    EXPECT_FALSE(AesGcmSeal(kKey, Bytes(size), {}, {})) << size;
  }
  for (const std::size_t size : {0, 1, 12, 15}) {
    EXPECT_FALSE(AesGcmOpen(kKey, kNonce, {}, Bytes(size))) << size;
  }
}

TEST(AesGcm, AgreesWithWycheproof) {
  const auto file = ReadJsonFile(SharedVectorPath("wycheproof/aes_gcm_test.json"));
  if (!file) GTEST_SKIP() << "the Wycheproof vectors are not here";
  int executed = 0;
  for (const Json& group : (*file)["testGroups"].Elements()) {
    if (group["keySize"].AsInteger() != 256 || group["ivSize"].AsInteger() != 96 ||
        group["tagSize"].AsInteger() != 128) {
      continue;
    }
    for (const Json& test : group["tests"].Elements()) {
      const Bytes key = HexOf(test["key"]);
      const Bytes nonce = HexOf(test["iv"]);
      const Bytes aad = HexOf(test["aad"]);
      const std::string sealed_hex = *test["ct"].AsString() + *test["tag"].AsString();
      const auto opened = AesGcmOpen(key, nonce, aad, *FromHex(sealed_hex));
      const bool valid = test["result"].AsString() == "valid";
      ASSERT_EQ(opened.has_value(), valid) << *test["tcId"].AsInteger();
      if (valid) {
        EXPECT_EQ(ToHex(opened->bytes()), test["msg"].AsString());
        EXPECT_EQ(ToHex(*AesGcmSeal(key, nonce, aad, HexOf(test["msg"]))), sealed_hex);
      }
      ++executed;
    }
  }
  EXPECT_EQ(executed, 66);
}

/// RFC 5869, appendix A.1 and A.3.
TEST(Hkdf, AgreesWithTheRfc) {
  const Bytes key(22, 0x0b);
  EXPECT_EQ(ToHex(HkdfSha256(key, *FromHex("000102030405060708090a0b0c"),
                             AsText(*FromHex("f0f1f2f3f4f5f6f7f8f9")), 42)
                      .bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(ToHex(HkdfSha256(key, {}, "", 42).bytes()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, GivesNothingWhenOpenSslRefuses) {
  EXPECT_TRUE(HkdfSha256(Bytes(32, 1), {}, "x", 255 * 32 + 1).empty());
  EXPECT_TRUE(HkdfSha256({}, {}, "x", 32).empty());
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Hkdf, AgreesWithWycheproof) {
  const auto file = ReadJsonFile(SharedVectorPath("wycheproof/hkdf_sha256_test.json"));
  if (!file) GTEST_SKIP() << "the Wycheproof vectors are not here";
  int executed = 0;
  for (const Json& group : (*file)["testGroups"].Elements()) {
    for (const Json& test : group["tests"].Elements()) {
      const Secret derived =
          HkdfSha256(HexOf(test["ikm"]), HexOf(test["salt"]), AsText(HexOf(test["info"])),
                     static_cast<std::size_t>(*test["size"].AsInteger()));
      EXPECT_EQ(ToHex(derived.bytes()), test["okm"].AsString()) << *test["tcId"].AsInteger();
      ++executed;
    }
  }
  EXPECT_EQ(executed, 86);
}

TEST(FillRandom, FailsWithoutATraceInOpenSsl) {
  const NoRandomnessHere no_randomness;
  Bytes bytes(32);
  EXPECT_FALSE(FillRandom(bytes));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(FillRandom, FillsWithSomethingElseEveryTime) {
  Bytes first(32);
  Bytes second(32);
  ASSERT_TRUE(FillRandom(first));
  ASSERT_TRUE(FillRandom(second));
  EXPECT_NE(first, second);
  EXPECT_NE(first, Bytes(32));
}

}  // namespace
}  // namespace byok
