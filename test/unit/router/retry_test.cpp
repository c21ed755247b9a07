#include "router/retry.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

using http::Milliseconds;

std::optional<Milliseconds> Read(std::vector<http::Header> headers) {
  return ReadRetryAfter({429, std::move(headers), ""});
}

TEST(Retry, ReadsSecondsAndMilliseconds) {
  EXPECT_EQ(Read({{"retry-after", "16"}}), Milliseconds(16'000));
  EXPECT_EQ(Read({{"retry-after", "0.5"}}), Milliseconds(500));
  EXPECT_EQ(Read({{"retry-after", "9"}, {"retry-after-ms", "300"}}), Milliseconds(300));
  EXPECT_EQ(Read({{"retry-after", "3600"}}), Milliseconds(3'600'000));
}

TEST(Retry, IgnoresWhatIsNoPause) {
  for (const char* value : {"", "-1", "0", "soon", "nan", "inf", "1e999", "16 seconds"}) {
    EXPECT_EQ(Read({{"retry-after", value}}), std::nullopt) << value;
  }
  EXPECT_EQ(Read({}), std::nullopt);
}

TEST(Retry, CapsAnAbsurdPauseInsteadOfOverflowing) {
  EXPECT_GT(Read({{"retry-after", "1e300"}}), Milliseconds(std::chrono::hours(24)));
}

TEST(Retry, ReadsEveryFormOfHttpDateRelativeToTheResponsesOwn) {
  for (const char* date : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(Read({{"date", "Sun, 06 Nov 1994 08:49:30 GMT"}, {"retry-after", date}}),
              Milliseconds(7'000))
        << date;
  }
}

TEST(Retry, IgnoresADateThatIsPastOrCannotBeRelated) {
  const char* date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(Read({{"retry-after", date}}), std::nullopt);
  EXPECT_EQ(Read({{"date", date}, {"retry-after", date}}), std::nullopt);
  EXPECT_EQ(Read({{"date", "Sun, 06 Nov 1994 08:49:40 GMT"}, {"retry-after", date}}), std::nullopt);
  EXPECT_EQ(Read({{"date", date}, {"retry-after", "Sun, 31 Feb 1994 08:49:37 GMT"}}), std::nullopt);
}

TEST(Retry, BacksOffExponentiallyUpToEightSeconds) {
  EXPECT_EQ(RetryPause(1, std::nullopt, 0), Milliseconds(500));
  EXPECT_EQ(RetryPause(2, std::nullopt, 0), Milliseconds(1000));
  EXPECT_EQ(RetryPause(3, std::nullopt, 0), Milliseconds(2000));
  EXPECT_EQ(RetryPause(1000, std::nullopt, 0), Milliseconds(8000));
}

TEST(Retry, ShortensTheBackOffByUpToAQuarter) {
  EXPECT_EQ(RetryPause(1, std::nullopt, 0.5), Milliseconds(437));
  EXPECT_GE(RetryPause(1, std::nullopt, 0.999999), Milliseconds(375));
}

TEST(Retry, TakesTheProvidersPauseAsItIs) {
  EXPECT_EQ(RetryPause(1, Milliseconds(1000), 0.9), Milliseconds(1000));
}

}  // namespace
}  // namespace byok
