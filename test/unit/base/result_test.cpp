#include "base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace byok {
namespace {

TEST(Status, IsOkUntilItSaysWhy) {
  EXPECT_TRUE(Status().ok());
  const Status status = Status(StatusCode::kMisconfigured, "no master key is loaded")
                            .WithDetail("Nothing is set.")
                            .WithHint("Set one.");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kMisconfigured);
  EXPECT_EQ(status.message(), "no master key is loaded");
  EXPECT_EQ(status.detail(), "Nothing is set.");
  EXPECT_EQ(status.hint(), "Set one.");
}

TEST(Result, HoldsAValueThatCanOnlyMove) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.status().ok());
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, HoldsTheReasonInsteadOfAValue) {
  const Result<std::string> result = Status::InvalidArgument("model is empty");
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.status().message(), "model is empty");
}

}  // namespace
}  // namespace byok
