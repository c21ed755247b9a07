#include <algorithm>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "dispatch/wire.hpp"
#include "dispatch/wire_samples.hpp"

namespace {

thread_local std::size_t largest_allocation = 0;

void* Allocate(std::size_t size) noexcept {
  largest_allocation = std::max(largest_allocation, size);
  return std::malloc(std::max<std::size_t>(size, 1));
}

}  // namespace

// For all of this program: notes the largest size anyone asks for. Not inlined, as g++ would see a
// free() of what came from operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = Allocate(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace byok {
namespace {

/// Decodes with a false length at every place where one may stand.
template <class Decode>
std::size_t LargestAllocationOf(Decode decode, const std::string& bytes, std::string_view length) {
  std::size_t largest = 0;
  for (std::size_t place = kPreambleBytes; place + length.size() <= bytes.size(); ++place) {
    std::string corrupt = bytes;
    corrupt.replace(place, length.size(), length);
    largest_allocation = 0;
    (void)decode(corrupt);
    largest = std::max(largest, largest_allocation);
  }
  return largest;
}

TEST(WireAllocation, IsSeenByThisTest) {
  largest_allocation = 0;
  EXPECT_TRUE(DecodeOrder(EncodeOrder(FullOrder())).ok());
  EXPECT_GT(largest_allocation, 100U);
}

TEST(WireAllocation, DoesNotFollowAFalseLength) {
  for (const std::string& length : {"\xFF\xFF\xFF\xFF"s, "\0\0\0\x10"s, "\0\0\x10\0"s}) {
    EXPECT_LT(LargestAllocationOf(DecodeOrder, EncodeOrder(FullOrder()), length), 100'000U);
    EXPECT_LT(LargestAllocationOf(DecodeReply, EncodeReply(FullReply()), length), 100'000U);
  }
}

}  // namespace
}  // namespace byok
