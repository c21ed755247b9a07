#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "keyring/keyring.hpp"

namespace byok {
namespace {

void Require(bool truth) {
  if (!truth) std::abort();
}

const Secret& Kek() {
  static const Secret kek = Secret::CopyOf("a fake master key of the fuzzers");
  return kek;
}

/// A binding with the input in its names.
RecordBinding BindingOf(std::string_view text) {
  RecordBinding binding;
  binding.tier = "user_key";
  binding.generation = text.size();
  if (text.size() % 2 != 0) binding.tenant_id = text.substr(0, text.size() / 2);
  binding.user_id = text.substr(text.size() / 2);
  binding.provider = text.substr(0, text.size() / 3);
  return binding;
}

/// Bytes from anywhere: nobody without the key writes a record that opens.
void CheckForeignRecord(ByteView record) {
  Require(!OpenRecord(record, Kek(), RecordBinding()).ok());
  Require(!RewrapRecord(record, Kek(), Kek(), {}, {}).ok());
  if (RecordKekId(record)) Require(record.size() >= 200 && record.size() % 64 == 8);
}

/// The input as plaintext and names; its first bytes choose what is altered.
void CheckOwnRecord(ByteView input) {
  const RecordBinding binding = BindingOf(AsText(input));
  auto record = SealRecord(Secret::CopyOf(input), Kek(), binding);
  Require(record.ok());
  const auto opened = OpenRecord(*record, Kek(), binding);
  Require(opened.ok() && std::ranges::equal(opened->bytes(), input));
  if (input.size() < 3) return;
  const std::size_t place = (input[0] << 8 | input[1]) % record->size();
  (*record)[place] ^= std::max<std::uint8_t>(input[2], 1);
  Require(!OpenRecord(*record, Kek(), binding).ok());
}

/// What a master-key source may yield.
void CheckMasterKeys(std::string_view text) {
  auto keyring = Keyring::Parse(text);
  if (keyring.ok()) {
    Require(!keyring->empty() && keyring->Holds(keyring->primary_id()));
    Require(keyring->AddPrevious(text).ok() || text.find(',') != std::string_view::npos);
    return;
  }
  Require(keyring.status().code() == StatusCode::kMisconfigured &&
          !keyring.status().hint().empty());
}

}  // namespace
}  // namespace byok

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byok::ByteView input(data, size);
  byok::CheckForeignRecord(input);
  byok::CheckOwnRecord(input);
  byok::CheckMasterKeys(byok::AsText(input));
  return 0;
}
