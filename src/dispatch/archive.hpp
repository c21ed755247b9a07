#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// The grammar below the messages of wire.hpp: fixed-width little-endian numbers, lengths and
/// counts of four bytes, one byte of 0 or 1 for a truth and before an optional value. Every value
/// has exactly one spelling.
///
/// Writer and Reader are called alike, `archive(a, b, c)`. A type they do not know themselves is
/// described once for both, found by argument-dependent lookup:
///   template <class A> void Describe(A& a, Described<A, T>& value) { a(value.x, value.y); }
namespace byok::wire {

/// What a Describe gets: const when it writes.
template <class Archive, class T>
using Described = std::conditional_t<Archive::kReads, T, const T>;

class Writer {
 public:
  static constexpr bool kReads = false;

  template <class... Parts>
  void operator()(const Parts&... parts) {
    (Write(parts), ...);
  }
  /// Nothing is written after this.
  std::string Take() && { return std::move(out_); }

 private:
  void Write(const bool& truth) { Write(static_cast<std::uint8_t>(truth ? 1 : 0)); }
  template <std::integral T>
  void Write(const T& number) {
    std::array<char, sizeof(T)> bytes;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes[i] = static_cast<char>(static_cast<std::make_unsigned_t<T>>(number) >> (8 * i));
    }
    out_.append(bytes.data(), bytes.size());
  }
  template <std::size_t size>
  void Write(const std::array<std::uint8_t, size>& bytes) {
    out_.append(AsText(bytes));
  }
  void Write(const std::string& text) {
    WriteCount(text.size());
    out_.append(text);
  }
  void Write(const Bytes& bytes) {
    WriteCount(bytes.size());
    out_.append(AsText(bytes));
  }
  template <class T>
  void Write(const std::optional<T>& value) {
    Write(value.has_value());
    if (value) Write(*value);
  }
  template <class T>
  void Write(const std::vector<T>& values) {
    WriteCount(values.size());
    for (const T& value : values) Write(value);
  }
  template <class Key, class T>
  void Write(const std::map<Key, T>& values) {
    WriteCount(values.size());
    for (const auto& value : values) Write(value);
  }
  template <class A, class B>
  void Write(const std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void Write(const T& value) {
    Describe(*this, value);
  }
  /// A count that does not fit makes a message far over any bound, which nobody reads.
  void WriteCount(std::size_t count) { Write(static_cast<std::uint32_t>(count)); }

  std::string out_;
};

/// Reads into values as their constructors leave them. After the first thing that is wrong it
/// takes nothing more and is bad; what was read until then means nothing. No length or count makes
/// it allocate before the bytes that fill it are there.
class Reader {
 public:
  static constexpr bool kReads = true;

  /// The bytes must outlive the reader.
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class... Parts>
  void operator()(Parts&... parts) {
    (Read(parts), ...);
  }
  /// For what a Describe knows of its values; gives the truth back.
  bool Require(bool truth) {
    if (!truth) Spoil();
    return truth;
  }
  [[nodiscard]] bool ok() const { return !bad_; }
  /// Everything was good and nothing is left over.
  [[nodiscard]] bool Complete() const { return !bad_ && left_.empty(); }

 private:
  void Spoil() {
    bad_ = true;
    left_ = {};
  }
  /// Empty when fewer are left.
  std::string_view Take(std::size_t count) {
    if (!Require(count <= left_.size())) return {};
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  /// Of bytes or elements: neither can be more than the bytes left.
  std::size_t TakeCount() {
    std::uint32_t count = 0;
    Read(count);
    return Require(count <= left_.size()) ? count : 0;
  }

  void Read(bool& truth) {
    std::uint8_t byte = 0;
    Read(byte);
    Require(byte <= 1);
    truth = byte == 1;
  }
  template <std::integral T>
  void Read(T& number) {
    const std::string_view bytes = Take(sizeof(T));
    if (bytes.size() != sizeof(T)) return;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
    }
    number = static_cast<T>(value);
  }
  template <std::size_t size>
  void Read(std::array<std::uint8_t, size>& bytes) {
    for (std::uint8_t& byte : bytes) Read(byte);
  }
  void Read(std::string& text) { text = Take(TakeCount()); }
  void Read(Bytes& bytes) {
    const ByteView taken = AsBytes(Take(TakeCount()));
    bytes.assign(taken.begin(), taken.end());
  }
  template <class T>
  void Read(std::optional<T>& value) {
    bool present = false;
    Read(present);
    // Not emplace(): clang takes a nested class with member initializers for not constructible.
    if (present) Read(value.emplace(T()));
  }
  template <class T>
  void Read(std::vector<T>& values) {
    // Not reserved: an element in memory may be larger than its claim of one byte.
    for (std::size_t left = TakeCount(); left > 0 && ok(); --left) Read(values.emplace_back());
  }
  template <class Key, class T>
  void Read(std::map<Key, T>& values) {
    for (std::size_t left = TakeCount(); left > 0 && ok(); --left) {
      std::pair<Key, T> value;
      Read(value);
      if (!Require(values.empty() || values.rbegin()->first < value.first)) return;
      values.insert(values.end(), std::move(value));
    }
  }
  template <class A, class B>
  void Read(std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void Read(T& value) {
    Describe(*this, value);
  }

  std::string_view left_;
  bool bad_ = false;
};

}  // namespace byok::wire
