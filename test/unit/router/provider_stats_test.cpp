#include "router/provider_stats.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace byok {
namespace {

using http::Milliseconds;

TEST(LatencyHistogram, HasNothingToSayAtFirst) {
  EXPECT_EQ(LatencyHistogram().Percentile(50), std::nullopt);
}

TEST(LatencyHistogram, IsExactBelow32Milliseconds) {
  for (int value = 0; value < 32; ++value) {
    LatencyHistogram histogram;
    histogram.Record(Milliseconds(value));
    EXPECT_EQ(histogram.Percentile(50), Milliseconds(value));
  }
}

TEST(LatencyHistogram, KeepsItsErrorBoundOverTheWholeRange) {
  for (int value = 1; value <= LatencyHistogram::kLongest.count(); value += 1 + value / 500) {
    LatencyHistogram histogram;
    histogram.Record(Milliseconds(value));
    const double told = static_cast<double>(histogram.Percentile(99)->count());
    ASSERT_NEAR(told, value, LatencyHistogram::kRelativeError * value);
  }
}

TEST(LatencyHistogram, ClampsWhatIsOutOfRange) {
  LatencyHistogram histogram;
  histogram.Record(Milliseconds(-5));
  EXPECT_EQ(histogram.Percentile(100), Milliseconds(0));
  histogram.Record(std::chrono::hours(5));
  const double told = static_cast<double>(histogram.Percentile(100)->count());
  EXPECT_NEAR(told, 600'000, 600'000 * LatencyHistogram::kRelativeError);
}

TEST(LatencyHistogram, PercentilesAreNearestRanks) {
  LatencyHistogram histogram;
  for (int value = 1; value <= 20; ++value) histogram.Record(Milliseconds(value));
  EXPECT_EQ(histogram.Percentile(0), Milliseconds(1));
  EXPECT_EQ(histogram.Percentile(5), Milliseconds(1));
  EXPECT_EQ(histogram.Percentile(50), Milliseconds(10));
  EXPECT_EQ(histogram.Percentile(51), Milliseconds(11));
  EXPECT_EQ(histogram.Percentile(95), Milliseconds(19));
  EXPECT_EQ(histogram.Percentile(100), Milliseconds(20));
  EXPECT_EQ(histogram.Percentile(1000), Milliseconds(20));
}

TEST(LatencyHistogram, ATailShowsInTheHighPercentilesOnly) {
  LatencyHistogram histogram;
  for (int i = 0; i < 990; ++i) histogram.Record(Milliseconds(20));
  for (int i = 0; i < 10; ++i) histogram.Record(Milliseconds(30'000));
  EXPECT_EQ(histogram.Percentile(99), Milliseconds(20));
  EXPECT_NEAR(static_cast<double>(histogram.Percentile(99.5)->count()), 30'000, 940);
}

Attempt Ended(CallState state, std::optional<ErrorReason> error, int status, int latency_ms) {
  Attempt attempt;
  attempt.state = state;
  attempt.error = error;
  attempt.http_status = status;
  attempt.latency = Milliseconds(latency_ms);
  return attempt;
}

std::uint64_t Errors(const ProviderStats& stats, ErrorReason reason) {
  return stats.errors.at(static_cast<std::size_t>(reason));
}

TEST(ProviderStats, CountsCallsByTheirOutcome) {
  ProviderStats stats;
  stats.Record(Ended(CallState::kAnswered, std::nullopt, 200, 10));
  stats.Record(Ended(CallState::kFailedUnbilled, ErrorReason::kOverloaded, 503, 20));
  stats.Record(Ended(CallState::kUnknown, ErrorReason::kTimeout, 0, 30));
  EXPECT_EQ(stats.calls, 3U);
  EXPECT_EQ(stats.answered, 1U);
  EXPECT_EQ(stats.unknown, 1U);
  EXPECT_EQ(Errors(stats, ErrorReason::kOverloaded), 1U);
  EXPECT_EQ(Errors(stats, ErrorReason::kTimeout), 1U);
}

TEST(ProviderStats, TheLatencyIsThatOfHttpResponses) {
  ProviderStats stats;
  stats.Record(Ended(CallState::kUnknown, ErrorReason::kTimeout, 0, 30));
  EXPECT_EQ(stats.latency.Percentile(50), std::nullopt);
  stats.Record(Ended(CallState::kFailedUnbilled, ErrorReason::kOverloaded, 503, 20));
  EXPECT_EQ(stats.latency.Percentile(50), Milliseconds(20));
}

TEST(ProviderStats, WhatWasNeverSentIsNoCall) {
  ProviderStats stats;
  stats.Record(Ended(CallState::kSkipped, ErrorReason::kCircuitOpen, 0, 5));
  EXPECT_EQ(stats.calls, 0U);
  EXPECT_EQ(Errors(stats, ErrorReason::kCircuitOpen), 1U);
}

TEST(ProviderStats, ItsNameIsCutToFit) {
  ProviderStats stats;
  stats.SetName(std::string(80, 'x'));
  EXPECT_EQ(stats.Name(), std::string(63, 'x'));
  stats.SetName("openai");
  EXPECT_EQ(stats.Name(), "openai");
}

TEST(ProviderStats, ACopyOfItsBytesIsACopy) {
  ProviderStats stats;
  stats.SetName("openai");
  stats.Record(Ended(CallState::kAnswered, std::nullopt, 200, 10));
  ProviderStats copy;
  std::memcpy(static_cast<void*>(&copy), &stats, sizeof copy);
  EXPECT_EQ(copy.Name(), "openai");
  EXPECT_EQ(copy.latency.Percentile(50), Milliseconds(10));
}

}  // namespace
}  // namespace byok
