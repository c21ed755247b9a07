#include "keyring/record.hpp"

#include <set>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "keyring/no_randomness.hpp"
#include "keyring/vectors.hpp"

namespace byok {
namespace {

Secret Kek(std::uint8_t last = 0) {
  Secret kek = Secret::CopyOf("a fake master key of the tests..");
  kek.mutable_bytes()[31] = last;
  return kek;
}

RecordBinding Binding() {
  return {.store_id = {{1}},
          .credential_id = {{2}},
          .generation = 1,
          .tier = "user_key",
          .tenant_id = std::nullopt,
          .user_id = "user_123",
          .provider = "openai",
          .origin = "https://api.openai.com:443"};
}

TEST(Record, OpensWhatItSealsAtEveryLength) {
  for (std::size_t size = 0; size <= 200; ++size) {
    const Secret plaintext = Secret::CopyOf(std::string(size, 'k'));
    const auto record = SealRecord(plaintext, Kek(), Binding());
    ASSERT_TRUE(record.ok());
    const auto opened = OpenRecord(*record, Kek(), Binding());
    ASSERT_TRUE(opened.ok()) << size;
    ASSERT_EQ(opened->Reveal(), plaintext.Reveal());
  }
}

TEST(Record, OpensPlaintextsThatLookLikePadding) {
  for (const std::string_view text :
       {std::string_view("\x80", 1), std::string_view("\x80\0\0", 3), std::string_view("\0\0", 2),
        std::string_view("k\x80\x80", 3)}) {
    const auto record = SealRecord(Secret::CopyOf(text), Kek(), Binding());
    ASSERT_TRUE(record.ok());
    const auto opened = OpenRecord(*record, Kek(), Binding());
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->Reveal(), text);
  }
}

TEST(Record, ItsSizeTellsOnlyTheBlock) {
  const auto size_for = [](std::size_t size) {
    return SealRecord(Secret::CopyOf(std::string(size, 'k')), Kek(), Binding())->size();
  };
  EXPECT_EQ(size_for(8), 200U);
  EXPECT_EQ(size_for(63), 200U);
  EXPECT_EQ(size_for(64), 264U);
  EXPECT_EQ(size_for(4096), 136U + 4160U);
}

TEST(Record, NeverHoldsThePlaintext) {
  const std::string plaintext = "sk-test-0123456789";
  const auto record = SealRecord(Secret::CopyOf(plaintext), Kek(), Binding());
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(AsText(*record).find("sk-test"), std::string_view::npos);
}

TEST(Record, TenThousandSealsRepeatNoRandomPart) {
  constexpr int kSeals = 10'000;
  std::set<Bytes> wraps;
  std::set<Bytes> data_keys;
  const Secret plaintext = Secret::CopyOf("sk-test-0123456789");
  const Secret kek = Kek();
  for (int i = 0; i < kSeals; ++i) {
    const auto record = SealRecord(plaintext, kek, Binding());
    ASSERT_TRUE(record.ok());
    wraps.emplace(record->begin() + 16, record->begin() + 60);        // salt and nonce
    data_keys.emplace(record->begin() + 108, record->begin() + 184);  // nonce and ciphertext
  }
  EXPECT_EQ(wraps.size(), kSeals);
  EXPECT_EQ(data_keys.size(), kSeals);
}

TEST(Record, RewrapKeepsThePayloadAndDrawsANewWrap) {
  const auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(1), Binding());
  ASSERT_TRUE(record.ok());
  const auto rewrapped =
      RewrapRecord(*record, Kek(1), Kek(2), Binding().store_id, Binding().credential_id);
  ASSERT_TRUE(rewrapped.ok());
  EXPECT_TRUE(
      std::equal(record->begin() + 108, record->end(), rewrapped->begin() + 108, rewrapped->end()));
  EXPECT_FALSE(std::equal(record->begin() + 16, record->begin() + 60, rewrapped->begin() + 16));
  EXPECT_EQ(RecordKekId(*rewrapped), DeriveKekId(Kek(2)));
  const auto opened = OpenRecord(*rewrapped, Kek(2), Binding());
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), "sk-test-0123456789");
}

TEST(Record, RewrapUnderAWrongKeyIsUnauthentic) {
  const auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(1), Binding());
  ASSERT_TRUE(record.ok());
  const auto rewrapped =
      RewrapRecord(*record, Kek(2), Kek(3), Binding().store_id, Binding().credential_id);
  ASSERT_FALSE(rewrapped.ok());
  EXPECT_EQ(rewrapped.status().code(), StatusCode::kUnauthentic);
}

TEST(Record, NamesItsMasterKeyOnlyWhenItIsARecord) {
  const auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(), Binding());
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(RecordKekId(*record), DeriveKekId(Kek()));
  EXPECT_EQ(RecordKekId({}), std::nullopt);
  EXPECT_EQ(RecordKekId(AsBytes("sk-test-0123456789")), std::nullopt);
  for (std::size_t byte = 0; byte < 8; ++byte) {
    Bytes altered = *record;
    altered[byte] ^= 1;
    EXPECT_EQ(RecordKekId(altered), std::nullopt) << "byte " << byte;
  }
}

TEST(Record, WithoutRandomnessNothingIsSealed) {
  const auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(1), Binding());
  ASSERT_TRUE(record.ok());
  const NoRandomnessHere no_randomness;
  const auto sealed = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(1), Binding());
  ASSERT_FALSE(sealed.ok());
  EXPECT_EQ(sealed.status().code(), StatusCode::kInternal);
  const auto rewrapped =
      RewrapRecord(*record, Kek(1), Kek(2), Binding().store_id, Binding().credential_id);
  ASSERT_FALSE(rewrapped.ok());
  EXPECT_EQ(rewrapped.status().code(), StatusCode::kInternal);
  EXPECT_TRUE(OpenRecord(*record, Kek(1), Binding()).ok());
}

TEST(Record, FailuresLeaveNoErrorInOpenSsl) {
  auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(), Binding());
  ASSERT_TRUE(record.ok());
  record->back() ^= 1;
  EXPECT_FALSE(OpenRecord(*record, Kek(), Binding()).ok());
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_FALSE(SealRecord(Secret::CopyOf("x"), Secret(), Binding()).ok());
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace byok
