#include "router/send_queue.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

class SendQueueTest : public testing::Test {
 protected:
  SendQueueTest() {
    queue.SetCap(first, 2);
    queue.SetCap(second, 2);
  }

  /// The ask whose turn it is; 0 for nobody.
  AskId Pop() {
    const auto turn = queue.Pop();
    return turn ? turn->place.ask : 0;
  }

  SendQueue::Line first;
  SendQueue::Line second;
  SendQueue queue{3};
};

TEST_F(SendQueueTest, FirstComeFirstServedAcrossProviders) {
  queue.Push(first, {1, 0});
  queue.Push(second, {2, 0});
  queue.Push(first, {3, 0});
  EXPECT_EQ(Pop(), 1U);
  EXPECT_EQ(Pop(), 2U);
  EXPECT_EQ(Pop(), 3U);
  EXPECT_EQ(first.in_flight(), 2U);
  EXPECT_EQ(second.in_flight(), 1U);
}

TEST_F(SendQueueTest, WhoWaitsForAFullProviderIsPassed) {
  for (AskId id = 1; id <= 3; ++id) queue.Push(first, {id, 0});
  queue.Push(second, {4, 0});
  EXPECT_EQ(Pop(), 1U);
  EXPECT_EQ(Pop(), 2U);
  EXPECT_EQ(Pop(), 4U);
  EXPECT_EQ(Pop(), 0U);
  queue.Release(first);
  EXPECT_EQ(Pop(), 3U);
}

TEST_F(SendQueueTest, TheCapOfAllHoldsBackEverybody) {
  for (AskId id = 1; id <= 2; ++id) queue.Push(first, {id, 0});
  for (AskId id = 3; id <= 4; ++id) queue.Push(second, {id, 0});
  for (AskId id = 1; id <= 3; ++id) EXPECT_EQ(Pop(), id);
  EXPECT_FALSE(queue.HasTurn());
  queue.Release(first);
  EXPECT_TRUE(queue.HasTurn());
  EXPECT_EQ(Pop(), 4U);
}

TEST_F(SendQueueTest, ALoweredCapHoldsOnceThoseInFlightAreDone) {
  for (AskId id = 1; id <= 4; ++id) queue.Push(first, {id, 0});
  Pop();
  Pop();
  queue.SetCap(first, 1);
  queue.Release(first);
  EXPECT_EQ(Pop(), 0U);
  queue.Release(first);
  EXPECT_EQ(Pop(), 3U);
  EXPECT_EQ(Pop(), 0U);
}

TEST_F(SendQueueTest, ARaisedCapHoldsAtOnce) {
  for (AskId id = 1; id <= 3; ++id) queue.Push(first, {id, 0});
  Pop();
  Pop();
  EXPECT_EQ(Pop(), 0U);
  queue.SetCap(first, 3);
  EXPECT_EQ(Pop(), 3U);
}

}  // namespace
}  // namespace byok
