#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "http/message.hpp"
#include "router/breaker.hpp"
#include "router/leg.hpp"

namespace byok {

/// How long calls took, in buckets that grow with the value (log-linear, as HdrHistogram has them):
/// exact below 32 ms, from there 16 buckets per power of two. What Percentile says is within
/// kRelativeError of a latency that was recorded. Longer than kLongest counts as kLongest.
class LatencyHistogram {
 public:
  static constexpr http::Milliseconds kLongest{600'000};  ///< the longest timeout_ms
  static constexpr double kRelativeError = 1.0 / 32;

  void Record(http::Milliseconds latency);
  /// The smallest latency that `percent` (0 to 100) of the recorded ones do not exceed; nothing
  /// when nothing was recorded.
  [[nodiscard]] std::optional<http::Milliseconds> Percentile(double percent) const;

 private:
  static constexpr std::size_t kBuckets = 259;

  std::array<std::uint32_t, kBuckets> counts_{};  ///< stop at their top, they do not wrap
};

/// What a server knows of one provider since it started. Lives in shared memory: no pointers, fixed
/// size, copied by value.
///
/// One process writes, others read without a lock. Every field is a machine word or smaller, so
/// none is read torn; but a reader may see one update half done, a call counted whose latency is
/// not yet. A reader copies it and computes on the copy.
struct ProviderStats {
  std::array<char, 64> name{};  ///< ends with '\0'
  std::uint64_t calls = 0;      ///< sent and ended, one way or another
  std::uint64_t answered = 0;
  std::uint64_t unknown = 0;  ///< sent, and whether they were billed is not known
  /// Attempts that ended so, by ErrorReason; those permitted and never sent too, which are no
  /// calls.
  std::array<std::uint64_t, kErrorReasons> errors{};
  LatencyHistogram latency;  ///< of the calls that got an HTTP response, good or bad
  std::uint32_t in_flight = 0;
  BreakerState breaker = BreakerState::kClosed;
  /// When an open breaker lets a probe through. The steady clock is the same in all processes.
  http::TimePoint open_until;

  /// Cut after 63 bytes.
  void SetName(std::string_view provider);
  [[nodiscard]] std::string_view Name() const { return name.data(); }
  /// Counts an attempt that ended.
  void Record(const Attempt& attempt);
};

static_assert(std::is_trivially_copyable_v<ProviderStats>);
static_assert(std::is_standard_layout_v<ProviderStats>);
static_assert(sizeof(LatencyHistogram) < 1100 && sizeof(ProviderStats) < 1400);

}  // namespace byok
