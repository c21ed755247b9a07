#include "base/secret.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <type_traits>

#include <gtest/gtest.h>

namespace {

/// What `operator delete[]` saw of the one allocation that a test watches.
struct Watch {
  const void* address = nullptr;
  std::size_t size = 0;
  bool freed = false;
  bool all_zero = false;
};
Watch watch;

void Release(void* memory) noexcept {
  if (memory != nullptr && memory == watch.address) {
    const auto* bytes = static_cast<const unsigned char*>(memory);
    watch.freed = true;
    watch.all_zero = std::all_of(bytes, bytes + watch.size, [](unsigned char b) { return b == 0; });
  }
  std::free(memory);
}

}  // namespace

// Freed memory may not be read, so the tests look at it in the moment it is given back.
void* operator new[](std::size_t size) {
  void* memory = std::malloc(std::max<std::size_t>(size, 1));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete[](void* memory) noexcept {
  Release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  Release(memory);
}

namespace byok {
namespace {

void StartWatching(const Secret& secret) {
  watch = {.address = secret.bytes().data(), .size = secret.size()};
}

TEST(Wipe, OverwritesEveryByte) {
  std::array<std::uint8_t, 64> bytes;
  bytes.fill(0xA5);
  Wipe(bytes.data(), bytes.size() - 1);
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; }));
  EXPECT_EQ(bytes.back(), 0xA5);
}

TEST(Wipe, TakesNothing) {
  Wipe(nullptr, 0);
}

TEST(Secret, IsWipedBeforeItsMemoryIsFreed) {
  {
    const Secret secret = Secret::CopyOf("sk-test-0123456789");
    StartWatching(secret);
  }
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.all_zero);
}

TEST(Secret, IsWipedWhenAnotherIsAssigned) {
  Secret secret = Secret::CopyOf("sk-test-0123456789");
  StartWatching(secret);
  secret = Secret::CopyOf("short");
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.all_zero);
  EXPECT_EQ(secret.Reveal(), "short");
}

TEST(Secret, TheDeleterWipesAllItsBytes) {
  auto* bytes = new std::uint8_t[32];
  std::fill_n(bytes, 32, std::uint8_t{0xA5});
  watch = {.address = bytes, .size = 32};
  WipeAndFree{32}(bytes);
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.all_zero);
}

TEST(Secret, MovedFromIsEmpty) {
  Secret first = Secret::CopyOf("sk-test-0123456789");
  const Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): the promise under test
  EXPECT_EQ(first.size(), 0U);
  EXPECT_EQ(first.Reveal(), "");
  EXPECT_EQ(second.Reveal(), "sk-test-0123456789");
  first = Secret::CopyOf("again");
  EXPECT_EQ(first.Reveal(), "again");
}

TEST(Secret, StartsAsZerosOfItsSize) {
  Secret secret(16);
  EXPECT_EQ(secret.Reveal(), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
  secret.mutable_bytes()[3] = 7;
  EXPECT_EQ(secret.bytes()[3], 7);
}

TEST(Secret, CloneIsItsOwnCopy) {
  Secret first = Secret::CopyOf("abc");
  const Secret second = first.Clone();
  first.mutable_bytes()[0] = 'x';
  EXPECT_EQ(second.Reveal(), "abc");
}

TEST(Secret, EmptyIsEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret(0).empty());
  EXPECT_TRUE(Secret::CopyOf("").empty());
  EXPECT_TRUE(Secret().Clone().empty());
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST(Secret, CannotBeCopiedPrintedOrTakenForText) {
  EXPECT_FALSE(std::is_copy_constructible_v<Secret>);
  EXPECT_FALSE(std::is_copy_assignable_v<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
  EXPECT_FALSE((std::is_convertible_v<Secret, ByteView>));
  EXPECT_FALSE(Printable<Secret>);
}

}  // namespace
}  // namespace byok
