#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "keyring/record.hpp"

namespace byok {

/// Bytes that a vector file writes in hexadecimal. Throws on anything else: the file is broken.
inline Bytes HexOf(const Json& text) {
  return FromHex(text.AsString().value()).value();
}

template <std::size_t size>
std::array<std::uint8_t, size> ArrayOf(const Json& text) {
  const Bytes bytes = HexOf(text);
  if (bytes.size() != size) throw std::runtime_error("a vector has a wrong size");
  std::array<std::uint8_t, size> array;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

inline Secret SecretOf(const Json& hex) {
  return Secret::CopyOf(HexOf(hex));
}

/// Nothing when there is no such file.
inline std::optional<Json> ReadJsonFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto json = Json::Parse(text);
  if (!json.ok()) throw std::runtime_error(path + ": " + json.status().message());
  return *std::move(json);
}

/// Vectors made by scripts/make_byk1_vectors.py, a second implementation of BYK1 in Python on
/// `cryptography`, written after the description of the format and not after our code.
inline const Json& OwnVectors() {
  static const Json vectors =
      ReadJsonFile(BYOK_SOURCE_DIR "/test/unit/keyring/own_vectors.json").value();
  return vectors;
}

inline std::string SharedVectorPath(const std::string& name) {
  return BYOK_SOURCE_DIR "/../shared/data/vectors/" + name;
}

/// The binding of `fields`, where `changed` may have other values for some of them.
inline RecordBinding BindingOf(const Json& vectors, const Json& fields, const Json& changed = {}) {
  const auto field = [&](const char* name) -> const Json& {
    return changed.Has(name) ? changed[name] : fields[name];
  };
  const Json& store = changed.Has("store_id") ? changed["store_id"] : vectors["store_id"];
  return {.store_id = {ArrayOf<16>(store)},
          .credential_id = {ArrayOf<16>(field("credential_id"))},
          .generation = static_cast<std::uint64_t>(field("generation").AsInteger().value()),
          .tier = field("tier").AsString().value(),
          .tenant_id = field("tenant_id").AsString(),
          .user_id = field("user_id").AsString(),
          .provider = field("provider").AsString().value(),
          .origin = field("origin").AsString().value()};
}

inline SealRandomness RandomnessOf(const Json& fields) {
  return {.data_key = ArrayOf<32>(fields["dek"]),
          .wrap = {.salt = ArrayOf<32>(fields["wrap_salt"]),
                   .nonce = ArrayOf<12>(fields["wrap_nonce"])},
          .data_nonce = ArrayOf<12>(fields["data_nonce"])};
}

}  // namespace byok
