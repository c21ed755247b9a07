#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"

namespace byok {

/// Overwrites memory in a way the compiler may not remove.
void Wipe(void* data, std::size_t size) noexcept;

/// Deletes an array of bytes after overwriting it.
struct WipeAndFree {
  std::size_t size = 0;
  void operator()(std::uint8_t* data) const noexcept;
};

/// Bytes that must not outlive their use: API keys, master keys, data keys.
/// Move-only; overwritten on destruction; cannot be printed or converted to a string by accident.
class Secret {
 public:
  Secret() = default;
  /// An all-zero secret of `size` bytes, to be filled through `mutable_bytes()`.
  explicit Secret(std::size_t size);
  static Secret CopyOf(ByteView bytes);
  static Secret CopyOf(std::string_view text) { return CopyOf(AsBytes(text)); }

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  [[nodiscard]] Secret Clone() const { return CopyOf(bytes()); }
  [[nodiscard]] ByteView bytes() const { return {data_.get(), size()}; }
  [[nodiscard]] std::span<std::uint8_t> mutable_bytes() { return {data_.get(), size()}; }
  /// The bytes as text, for the one place that needs them: an HTTP header, a cipher, a comparison.
  [[nodiscard]] std::string_view Reveal() const { return AsText(bytes()); }
  [[nodiscard]] std::size_t size() const { return data_ ? data_.get_deleter().size : 0; }
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  std::unique_ptr<std::uint8_t[], WipeAndFree> data_;
};

}  // namespace byok
