#include "pg/http_host.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "http/curl_loop.hpp"

#include "pg/guc.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

using http::Clock;
using http::TimePoint;

/// This process's connections. Lives as long as the process, so that they are reused from call to
/// call.
struct Host {
  std::string ca_file;
  std::unique_ptr<http::CurlLoop> loop;
  std::unique_ptr<MultiProviderRouter> router;
  WaitEventSet* events = nullptr;
};

Host& TheHost() {
  static auto* const host = new Host;
  return *host;
}

double Jitter() {
  static auto* const generator = new std::minstd_rand(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(*generator);
}

Status OpenLoop(Host& host) {
  auto loop = http::CurlLoop::Create({.ca_file = settings.ca_file});
  if (!loop.ok()) return loop.status();
  host.router.reset();  // it refers to the loop
  host.loop = *std::move(loop);
  host.router =
      std::make_unique<MultiProviderRouter>(*host.loop, Jitter, RouterLimits{.breaker = false});
  host.ca_file = settings.ca_file;
  return {};
}

/// What the wait looks at: the latch, the postmaster, and the one descriptor of all connections.
void OpenEvents(Host& host) {
  WaitEventSet* events = CreateWaitEventSet(TopMemoryContext, 3);
  AddWaitEventToSet(events, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
  AddWaitEventToSet(events, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
  AddWaitEventToSet(events, WL_SOCKET_READABLE, host.loop->Fd(), nullptr, nullptr);
  host.events = events;
}

/// Makes the connections' owner at first use, and anew when the CA file changed; calls in a backend
/// do not nest, so nothing is in flight then. Either half may fail, for want of descriptors say,
/// and is made at the next use.
void RequireHost() {
  Host& host = TheHost();
  if (!host.loop || host.ca_file != settings.ca_file) {
    if (host.events != nullptr) FreeWaitEventSet(host.events);
    host.events = nullptr;
    RunCore([&host] { return OpenLoop(host); });
  }
  if (host.events == nullptr) OpenEvents(host);
}

/// A backend keeps no intents: what wants to be sent may.
void PermitAll(MultiProviderRouter& router, TimePoint now) {
  for (const Intent& intent : router.TakeIntents()) router.Permit(intent.ask, intent.leg, now);
}

/// Lets everything that is ready happen; returns whether the flight landed.
Status Advance(Flight& flight, bool& landed) {
  Host& host = TheHost();
  const TimePoint now = Clock::now();
  host.loop->OnReady(now);
  host.router->OnReady(now);
  PermitAll(*host.router, now);
  for (AskResult& result : host.router->TakeFinished()) {
    if (result.id != flight.id) continue;
    flight.result = std::move(result);
    flight.id = 0;
    landed = true;
  }
  return {};
}

/// Milliseconds until somebody must be called even if nothing happens; -1 = no such time.
long WaitMilliseconds() {
  const Host& host = TheHost();
  const auto loop = host.loop->NextDeadline();
  const auto router = host.router->NextDeadline();
  if (!loop && !router) return -1;
  const TimePoint due =
      std::min(loop.value_or(TimePoint::max()), router.value_or(TimePoint::max()));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
  return std::clamp<long>(left, 0, 60'000);
}

void Wait() {
  WaitEvent event;
  WaitEventSetWait(TheHost().events, WaitMilliseconds(), &event, 1, PG_WAIT_EXTENSION);
  ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
}

}  // namespace

Flight::~Flight() {
  if (id != 0) TheHost().router->Cancel(id);
}

void Fly(Flight* flight) {
  RequireHost();
  RunCore([flight] {
    flight->id = TheHost().router->Start(std::move(flight->ask), Clock::now());
    return Status();
  });
  bool landed = false;
  for (;;) {
    RunCore([flight, &landed] { return Advance(*flight, landed); });
    if (landed) return;
    Wait();
  }
}

}  // namespace byok::pg
