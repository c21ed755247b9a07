// Opens one sealed key again and again as the router does; prints the table row of scripts/bench.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "keyring/keyring.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kRuns = 20'000;

byok::RecordBinding Binding() {
  return {.store_id = {{1}},
          .credential_id = {{2}},
          .generation = 1,
          .tier = "tenant_byok",
          .tenant_id = "tenant_abc",
          .user_id = std::nullopt,
          .provider = "openai",
          .origin = "https://api.openai.com:443"};
}

double Microseconds(const byok::Keyring& keyring, const byok::Bytes& record) {
  const auto start = Clock::now();
  const auto opened = keyring.Open(record, Binding());
  const std::chrono::duration<double, std::micro> taken = Clock::now() - start;
  return opened.ok() ? taken.count() : -1;
}

}  // namespace

int main() {
  const auto keyring =
      byok::Keyring::Parse("8f1d2c3b4a5968778695a4b3c2d1e0f00112358d13213455a9f0c1d2e3b4a596");
  if (!keyring.ok()) return 1;
  const auto record =
      keyring->Seal(byok::Secret::CopyOf("sk-test-bench-0000-0000-0000-0000-0000-0000"), Binding());
  if (!record.ok()) return 1;
  std::vector<double> taken(kRuns);
  for (double& one : taken) one = Microseconds(*keyring, *record);
  std::ranges::sort(taken);
  if (taken.front() < 0) return 1;
  std::printf("| opening a sealed record | %.1f µs | %.1f µs |\n", taken[kRuns / 2],
              taken[kRuns / 100 * 99]);
  return 0;
}
