#include "keyring/record.hpp"

#include <set>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "keyring/aes_gcm.hpp"
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

Bytes Slice(const Bytes& record, std::size_t offset, std::size_t size) {
  const auto first = record.begin() + static_cast<std::ptrdiff_t>(offset);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
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
  std::set<Bytes> salts;
  std::set<Bytes> wrap_nonces;
  std::set<Bytes> data_nonces;
  const Secret plaintext = Secret::CopyOf("sk-test-0123456789");
  const Secret kek = Kek();
  for (int i = 0; i < kSeals; ++i) {
    const auto record = SealRecord(plaintext, kek, Binding());
    ASSERT_TRUE(record.ok());
    salts.insert(Slice(*record, 16, 32));
    wrap_nonces.insert(Slice(*record, 48, 12));
    data_nonces.insert(Slice(*record, 108, 12));
  }
  EXPECT_EQ(salts.size(), kSeals);
  EXPECT_EQ(wrap_nonces.size(), kSeals);
  EXPECT_EQ(data_nonces.size(), kSeals);
}

/// The data key inside a record, unwrapped by hand.
std::string DataKeyOf(const Bytes& record) {
  Bytes aad = Slice(record, 0, 16);
  const std::string_view label("byok v1 dek\0", 12);
  aad.insert(aad.begin(), label.begin(), label.end());
  for (const Uuid& id : {Binding().store_id, Binding().credential_id}) {
    aad.insert(aad.end(), id.bytes.begin(), id.bytes.end());
  }
  const Secret wrap_key =
      HkdfSha256(Kek().bytes(), Slice(record, 16, 32), "byok v1 dek-wrap", kAesKeySize);
  const auto data_key =
      AesGcmOpen(wrap_key.bytes(), Slice(record, 48, 12), aad, Slice(record, 60, 48));
  return data_key ? ToHex(data_key->bytes()) : "";
}

TEST(Record, EveryRecordHasItsOwnDataKey) {
  std::set<std::string> data_keys;
  for (int i = 0; i < 100; ++i) {
    const auto record = SealRecord(Secret::CopyOf("sk-test-0123456789"), Kek(), Binding());
    ASSERT_TRUE(record.ok());
    data_keys.insert(DataKeyOf(*record));
  }
  EXPECT_EQ(data_keys.size(), 100U);
  EXPECT_EQ(data_keys.count(""), 0U);
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
