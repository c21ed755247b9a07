#include <functional>

#include <gtest/gtest.h>

#include "keyring/vectors.hpp"

namespace byok {
namespace {

/// One sealed record with what opens it.
struct Sealed {
  Secret kek;
  RecordBinding binding;
  Bytes record;

  [[nodiscard]] bool Opens() const { return OpenRecord(record, kek, binding).ok(); }
};

std::vector<Sealed> EverySealed() {
  std::vector<Sealed> all;
  for (const Json& fields : OwnVectors()["cases"].Elements()) {
    all.push_back({SecretOf(OwnVectors()["keks"]["kek1"]["key"]), BindingOf(OwnVectors(), fields),
                   HexOf(fields["record"])});
    EXPECT_TRUE(all.back().Opens());
  }
  return all;
}

TEST(RecordTampering, EveryFlippedBitIsRefused) {
  for (Sealed& sealed : EverySealed()) {
    for (std::size_t bit = 0; bit < sealed.record.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
      sealed.record[bit / 8] ^= mask;
      ASSERT_FALSE(sealed.Opens()) << "bit " << bit;
      sealed.record[bit / 8] ^= mask;
    }
    EXPECT_TRUE(sealed.Opens());
  }
}

TEST(RecordTampering, EveryTruncationIsRefused) {
  for (Sealed& sealed : EverySealed()) {
    const Bytes whole = sealed.record;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      sealed.record.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_FALSE(sealed.Opens()) << size << " bytes";
    }
  }
}

TEST(RecordTampering, EveryLossAtTheFrontAndAdditionAtTheEndIsRefused) {
  for (Sealed& sealed : EverySealed()) {
    const Bytes whole = sealed.record;
    for (int added = 0; added < 130; ++added) {
      sealed.record.push_back(0);
      ASSERT_FALSE(sealed.Opens()) << added + 1 << " bytes added";
    }
    sealed.record.assign(whole.begin() + 64, whole.end());
    EXPECT_FALSE(sealed.Opens());
  }
}

using Change = std::function<void(RecordBinding&)>;

TEST(RecordTampering, EveryChangedFieldOfTheBindingIsRefused) {
  const Change changes[] = {
      [](RecordBinding& b) { b.store_id.bytes[0] ^= 1; },
      [](RecordBinding& b) { b.store_id.bytes[15] ^= 0x80; },
      [](RecordBinding& b) { b.credential_id.bytes[0] ^= 1; },
      [](RecordBinding& b) { b.credential_id.bytes[15] ^= 0x80; },
      [](RecordBinding& b) { std::swap(b.store_id, b.credential_id); },
      [](RecordBinding& b) { ++b.generation; },
      [](RecordBinding& b) { b.generation += std::uint64_t{1} << 32; },
      [](RecordBinding& b) { b.generation = ~b.generation; },
      [](RecordBinding& b) { b.tier += ' '; },
      [](RecordBinding& b) { b.tier.clear(); },
      [](RecordBinding& b) { b.tenant_id = b.tenant_id ? std::optional<std::string>() : ""; },
      [](RecordBinding& b) { b.tenant_id = b.tenant_id.value_or("") + "x"; },
      [](RecordBinding& b) { b.user_id = b.user_id ? std::optional<std::string>() : ""; },
      [](RecordBinding& b) { b.user_id = b.user_id.value_or("") + '\0'; },
      [](RecordBinding& b) { b.provider += 'x'; },
      [](RecordBinding& b) { b.provider.clear(); },
      [](RecordBinding& b) { b.origin.back() ^= 1; },
      [](RecordBinding& b) { b.origin.pop_back(); },
      [](RecordBinding& b) { std::swap(b.provider, b.origin); },
  };
  for (Sealed& sealed : EverySealed()) {
    const RecordBinding right = sealed.binding;
    for (std::size_t i = 0; i < std::size(changes); ++i) {
      sealed.binding = right;
      changes[i](sealed.binding);
      ASSERT_FALSE(sealed.Opens()) << "change " << i;
    }
  }
}

TEST(RecordTampering, EveryOtherMasterKeyIsRefused) {
  for (Sealed& sealed : EverySealed()) {
    for (std::size_t bit = 0; bit < sealed.kek.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
      sealed.kek.mutable_bytes()[bit / 8] ^= mask;
      ASSERT_FALSE(sealed.Opens()) << "bit " << bit;
      sealed.kek.mutable_bytes()[bit / 8] ^= mask;
    }
    sealed.kek = Secret();
    EXPECT_FALSE(sealed.Opens());
  }
}

/// Rewrapping authenticates the first 108 bytes and never looks at the payload.
TEST(RecordTampering, RewrapRefusesEveryFlippedBitOfWhatItOpens) {
  Sealed sealed = std::move(EverySealed().front());
  const Secret new_kek = SecretOf(OwnVectors()["keks"]["kek2"]["key"]);
  const auto rewraps = [&] {
    return RewrapRecord(sealed.record, sealed.kek, new_kek, sealed.binding.store_id,
                        sealed.binding.credential_id)
        .ok();
  };
  EXPECT_TRUE(rewraps());
  for (std::size_t bit = 0; bit < 108 * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
    sealed.record[bit / 8] ^= mask;
    ASSERT_FALSE(rewraps()) << "bit " << bit;
    sealed.record[bit / 8] ^= mask;
  }
  std::swap(sealed.binding.store_id, sealed.binding.credential_id);
  EXPECT_FALSE(rewraps());
}

}  // namespace
}  // namespace byok
