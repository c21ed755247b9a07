#include "router/retry.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>

namespace byok {
namespace {

using http::Milliseconds;

constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{8000};
constexpr double kJitterShare = 0.25;
constexpr double kMillisecondsPerYear = 365.0 * 24 * 3600 * 1000;  // more is as good as never

std::optional<Milliseconds> PositivePause(double milliseconds) {
  if (!std::isfinite(milliseconds) || milliseconds <= 0) return std::nullopt;
  return Milliseconds(
      static_cast<std::int64_t>(std::ceil(std::min(milliseconds, kMillisecondsPerYear))));
}

std::optional<double> ReadNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The three forms of RFC 9110 §5.6.7, always in GMT.
std::optional<std::chrono::sys_seconds> ReadHttpDate(std::string_view text) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    std::tm date{};
    if (!(in >> std::get_time(&date, form))) continue;
    const std::chrono::year_month_day day{std::chrono::year(date.tm_year + 1900),
                                          std::chrono::month(date.tm_mon + 1),
                                          std::chrono::day(date.tm_mday)};
    if (!day.ok()) return std::nullopt;
    return std::chrono::sys_days(day) + std::chrono::hours(date.tm_hour) +
           std::chrono::minutes(date.tm_min) + std::chrono::seconds(date.tm_sec);
  }
  return std::nullopt;
}

std::optional<Milliseconds> ReadPauseUntilDate(const http::Response& response) {
  const auto until = ReadHttpDate(response.HeaderValue("retry-after"));
  const auto sent = ReadHttpDate(response.HeaderValue("date"));
  if (!until || !sent) return std::nullopt;
  return PositivePause(1000.0 * static_cast<double>((*until - *sent).count()));
}

}  // namespace

std::optional<Milliseconds> ReadRetryAfter(const http::Response& response) {
  if (const auto exact = ReadNumber(response.HeaderValue("retry-after-ms"))) {
    if (const auto pause = PositivePause(*exact)) return pause;
  }
  if (const auto seconds = ReadNumber(response.HeaderValue("retry-after"))) {
    return PositivePause(1000 * *seconds);
  }
  return ReadPauseUntilDate(response);
}

Milliseconds RetryPause(int attempts, std::optional<Milliseconds> retry_after, double jitter) {
  if (retry_after) return *retry_after;
  Milliseconds pause = kFirstPause;
  for (int i = 1; i < attempts && pause < kLongestPause; ++i) pause *= 2;
  const double shortened =
      static_cast<double>(std::min(pause, kLongestPause).count()) * (1 - kJitterShare * jitter);
  return Milliseconds(static_cast<std::int64_t>(shortened));
}

}  // namespace byok
