#include <ostream>

#include <gtest/gtest.h>

#include "keyring/vectors.hpp"

namespace byok {
namespace {

struct VectorFile {
  std::string path;
  bool required;
  std::size_t cases;
  std::size_t refusals;
};
void PrintTo(const VectorFile& file, std::ostream* out) {
  *out << file.path;
}

/// The same questions to our own vectors and, where it lies beside the project, to the file of
/// known answers that two other implementations agree on.
class RecordVectors : public testing::TestWithParam<VectorFile> {
 protected:
  void SetUp() override {
    const auto vectors = ReadJsonFile(GetParam().path);
    if (!vectors && !GetParam().required) GTEST_SKIP() << GetParam().path << " is not here";
    ASSERT_TRUE(vectors) << GetParam().path;
    vectors_ = *vectors;
    ASSERT_EQ(vectors_["cases"].Size(), GetParam().cases);
    ASSERT_EQ(vectors_["must_refuse"].Size(), GetParam().refusals);
  }

  [[nodiscard]] Secret Kek(std::string_view name) const {
    return SecretOf(vectors_["keks"][name]["key"]);
  }

  Json vectors_;
};

TEST_P(RecordVectors, MasterKeysNameAndProveThemselves) {
  const Uuid store{ArrayOf<16>(vectors_["store_id"])};
  ASSERT_EQ(vectors_["keks"].Size(), 2U);
  for (const auto& [name, kek] : vectors_["keks"].Members()) {
    const Secret key = SecretOf(kek["key"]);
    EXPECT_EQ(ToHex(DeriveKekId(key)), kek["kek_id"].AsString()) << name;
    EXPECT_EQ(ToHex(DeriveKeyCheckValue(key, store)), kek["kcv"].AsString()) << name;
  }
}

TEST_P(RecordVectors, SealWritesTheSameBytes) {
  for (const Json& fields : vectors_["cases"].Elements()) {
    const auto record =
        SealRecordWith(Secret::CopyOf(fields["plaintext"].AsString().value()), Kek("kek1"),
                       BindingOf(vectors_, fields), RandomnessOf(fields));
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(ToHex(*record), fields["record"].AsString()) << *fields["name"].AsString();
  }
}

TEST_P(RecordVectors, OpenReadsThem) {
  for (const Json& fields : vectors_["cases"].Elements()) {
    const Bytes record = HexOf(fields["record"]);
    EXPECT_EQ(RecordKekId(record), DeriveKekId(Kek("kek1")));
    const auto plaintext = OpenRecord(record, Kek("kek1"), BindingOf(vectors_, fields));
    ASSERT_TRUE(plaintext.ok()) << *fields["name"].AsString();
    EXPECT_EQ(plaintext->Reveal(), fields["plaintext"].AsString());
  }
}

TEST_P(RecordVectors, RewrapWritesTheSameBytesAndOpens) {
  for (const Json& fields : vectors_["cases"].Elements()) {
    const Json& rewrap = fields["rewrap"];
    const Secret new_kek = Kek(*rewrap["kek"].AsString());
    const RecordBinding binding = BindingOf(vectors_, fields);
    const WrapRandomness randomness{.salt = ArrayOf<32>(rewrap["wrap_salt"]),
                                    .nonce = ArrayOf<12>(rewrap["wrap_nonce"])};
    const auto record = RewrapRecordWith(HexOf(fields["record"]), Kek("kek1"), new_kek,
                                         binding.store_id, binding.credential_id, randomness);
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(ToHex(*record), rewrap["record"].AsString()) << *fields["name"].AsString();
    const auto plaintext = OpenRecord(*record, new_kek, binding);
    ASSERT_TRUE(plaintext.ok());
    EXPECT_EQ(plaintext->Reveal(), fields["plaintext"].AsString());
    EXPECT_FALSE(OpenRecord(*record, Kek("kek1"), binding).ok());
  }
}

TEST_P(RecordVectors, EveryRefusalIsOneAndTheSame) {
  std::size_t refused = 0;
  for (const Json& refusal : vectors_["must_refuse"].Elements()) {
    const Json& fields = vectors_["cases"][static_cast<std::size_t>(*refusal["case"].AsInteger())];
    const RecordBinding binding = BindingOf(vectors_, fields, refusal["override"]);
    const Bytes record = HexOf(refusal["record"]);
    for (const char* name : {"kek1", "kek2"}) {
      const Secret kek = Kek(name);
      const auto opened = OpenRecord(record, kek, binding);
      ASSERT_FALSE(opened.ok()) << *refusal["name"].AsString();
      EXPECT_EQ(opened.status().code(), StatusCode::kUnauthentic);
      EXPECT_EQ(opened.status().message(), "could not open the stored key");
      EXPECT_EQ(opened.status().detail(), "The record does not authenticate under master key " +
                                              ToHex(DeriveKekId(kek)) + ".");
    }
    ++refused;
  }
  EXPECT_EQ(refused, GetParam().refusals);
}

INSTANTIATE_TEST_SUITE_P(Own, RecordVectors,
                         testing::Values(VectorFile{
                             BYOK_SOURCE_DIR "/test/unit/keyring/own_vectors.json", true, 6, 27}));
INSTANTIATE_TEST_SUITE_P(KnownAnswers, RecordVectors,
                         testing::Values(VectorFile{SharedVectorPath("byk1_kat.json"), false, 5,
                                                    35}));

}  // namespace
}  // namespace byok
