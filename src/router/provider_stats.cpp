#include "router/provider_stats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace byok {
namespace {

constexpr int kSubBits = 4;
constexpr std::uint32_t kSubBuckets = 1U << kSubBits;  // per power of two

/// Values below 2 · kSubBuckets have a bucket each; of larger ones only the first kSubBits + 1 bits
/// count.
constexpr std::uint32_t BucketOf(std::uint32_t value) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kSubBits - 1);
  return kSubBuckets * static_cast<std::uint32_t>(shift) + (value >> shift);
}

http::Milliseconds MiddleOf(std::uint32_t bucket) {
  if (bucket < 2 * kSubBuckets) return http::Milliseconds(bucket);
  const std::uint32_t shift = bucket / kSubBuckets - 1;
  const std::uint32_t first = (bucket - kSubBuckets * shift) << shift;
  return http::Milliseconds(first + (1U << shift) / 2);
}

}  // namespace

void LatencyHistogram::Record(http::Milliseconds latency) {
  static_assert(BucketOf(kLongest.count()) + 1 == kBuckets);
  const auto value = std::clamp(latency, http::Milliseconds(0), kLongest).count();
  std::uint32_t& count = counts_.at(BucketOf(static_cast<std::uint32_t>(value)));
  if (count != std::numeric_limits<std::uint32_t>::max()) ++count;
}

std::optional<http::Milliseconds> LatencyHistogram::Percentile(double percent) const {
  const auto total = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  if (total == 0) return std::nullopt;
  const double share = std::clamp(percent, 0.0, 100.0) / 100;
  // The nearest rank, from 1.
  const double rank = std::max(1.0, std::ceil(share * static_cast<double>(total)));
  std::uint32_t bucket = 0;
  std::uint64_t seen = counts_[0];
  while (bucket + 1 < kBuckets && static_cast<double>(seen) < rank) seen += counts_.at(++bucket);
  return MiddleOf(bucket);
}

void ProviderStats::SetName(std::string_view provider) {
  name.fill('\0');
  std::copy_n(provider.begin(), std::min(provider.size(), name.size() - 1), name.begin());
}

void ProviderStats::Record(const Attempt& attempt) {
  if (attempt.error) ++errors.at(static_cast<std::size_t>(*attempt.error));
  if (attempt.state == CallState::kSkipped) return;
  ++calls;
  if (attempt.state == CallState::kAnswered) ++answered;
  if (attempt.state == CallState::kUnknown) ++unknown;
  if (attempt.http_status != 0) latency.Record(attempt.latency);
}

}  // namespace byok
