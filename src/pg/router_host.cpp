#include "pg/router_host.hpp"

#include <algorithm>
#include <random>
#include <span>

#include "pg/ask_draft.hpp"
#include "pg/guc.hpp"
#include "pg/key_access.hpp"
#include "pg/master_key_source.hpp"
#include "pg/pg.hpp"

namespace byok::pg {
namespace {

using http::TimePoint;

/// Kept open per group of connections while nobody needs them, so that the next burst finds them.
constexpr long kIdleConnections = 16;

double Jitter() {
  static auto* const generator = new std::minstd_rand(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(*generator);
}

const Result<Keyring>& KeyringOfThisTurn(RouterHost& host) {
  if (!host.keyring) host.keyring = LoadKeyring(settings.master_key_source, DataDir);
  return *host.keyring;
}

Result<Secret> Open(const AskOrder& order, const OrderLeg& leg, const Candidate& candidate) {
  EnvironmentPolicy policy = CurrentEnvironment();
  policy.env_file = order.env_file;
  const Result<Keyring>& keyring = KeyringOfThisTurn(TheRouter());
  if (!keyring.ok()) return keyring.status();
  return OpenKey(policy, *keyring, order.store_id, leg.provider.name, leg.origin, candidate);
}

/// The provider's place among the figures, given at its first call; nullptr when they are full.
ProviderStats* StatsOf(RouterFigures& figures, const std::string& provider) {
  const std::span all(figures.providers, figures.provider_count);
  const auto found = std::ranges::find(all, std::string_view(provider), &ProviderStats::Name);
  if (found != all.end()) return &*found;
  if (figures.provider_count == kMostProviders) return nullptr;
  ProviderStats& fresh = figures.providers[figures.provider_count];
  fresh.SetName(provider);
  ++figures.provider_count;
  return &fresh;
}

}  // namespace

RouterHost& TheRouter() {
  static auto* const host = new RouterHost;
  return *host;
}

Status RouterHost::Open(RouterFigures* own_figures, std::size_t max_calls) {
  figures = own_figures;
  auto made = http::CurlLoop::Create(
      {.ca_file = settings.ca_file, .max_idle_connections = kIdleConnections});
  if (!made.ok()) return made.status();
  loop = *std::move(made);
  router = std::make_unique<MultiProviderRouter>(
      *loop, Jitter, RouterLimits{.max_transfers = max_calls},
      [own_figures](const std::string& provider, const Attempt& attempt) {
        if (ProviderStats* stats = StatsOf(*own_figures, provider)) stats->Record(attempt);
      });
  dispatcher = std::make_unique<Dispatcher>(*router, pg::Open);
  return {};
}

void RouterHost::ApplySettings() {
  loop->SetCaFile(settings.ca_file);
}

void RouterHost::Network(TimePoint now) {
  loop->OnReady(now);
  router->OnReady(now);
}

std::optional<TimePoint> RouterHost::NextDeadline() const {
  std::optional<TimePoint> next;
  for (const auto& due :
       {loop->NextDeadline(), router->NextDeadline(), dispatcher->NextDeadline()}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void RouterHost::TakePrices(LoadedPrices& loaded) {
  prices = std::make_shared<const PriceBook>(BookOf(loaded));
}

Status ReadProvidersOf(const char* request, std::optional<std::vector<std::string>>* names) {
  const auto json = Json::Parse(request);
  if (!json.ok()) return {};  // AddClaim says why
  const Json& providers = (*json)["options"]["providers"];
  if (!providers.IsArray()) return {};
  names->emplace();
  for (const Json& name : providers.Elements()) {
    (*names)->push_back(name.AsString().value_or(""));
  }
  return {};
}

namespace {

/// A row that triangle_submit() did not write may say anything.
Status ReadQueued(const char* request, AskDraft& draft) {
  const auto json = Json::Parse(request);
  if (!json.ok()) return json.status();
  const auto prompt = (*json)["prompt"].AsString();
  if (!prompt) return {StatusCode::kInvalidArgument, "a queued request must have a prompt"};
  return draft.ReadArguments(prompt->c_str(), (*json)["options"].Dump().c_str());
}

}  // namespace

Status RouterHost::AddClaim(const char* id, const char* user_id, const char* tenant_id,
                            const char* request, LoadedKeys& keys) {
  AskDraft draft;
  draft.environment = CurrentEnvironment();
  draft.order.estimate_unknown_price = settings.unknown_price == kEstimate;
  draft.SetIdentity(user_id, tenant_id);
  draft.keys = std::move(keys);
  Status status = ReadQueued(request, draft);
  if (status.ok()) status = draft.RequireProviders();
  if (status.ok()) status = draft.ChooseKeys();
  if (!status.ok()) {
    dispatcher->RefuseQueued(id, std::move(status));
    return {};
  }
  draft.order.request_id = id;
  draft.order.queued = true;
  arrivals.emplace_back(kNobody, std::move(draft.order));
  return {};
}

void RouterHost::DenyArrivals(const Status& why) {
  for (auto& [caller, order] : std::exchange(arrivals, {})) {
    dispatcher->Answer(caller, std::move(order.request_id), why);
  }
}

std::vector<Payer> RouterHost::OwnersOfArrivals() const {
  std::vector<Payer> owners;
  for (const auto& [caller, order] : arrivals) {
    for (Payer& owner : OwnersOf(order)) owners.push_back(std::move(owner));
  }
  return owners;
}

std::vector<IdempotencyId> RouterHost::KeysOfArrivals() const {
  std::vector<IdempotencyId> ids;
  for (const auto& [caller, order] : arrivals) {
    if (order.options.idempotency_key) ids.push_back(IdempotencyIdOf(order));
  }
  return ids;
}

void RouterHost::AcceptArrivals(const AccountBook& accounts, const KnownRequests& known,
                                PriceTime started_at, TimePoint now) {
  figures->requests += arrivals.size();
  for (auto& [caller, order] : std::exchange(arrivals, {})) {
    const Acceptance with{
        .prices = prices,
        .started_at = started_at,
        .payer = PayerOf(accounts, order.user_id, order.tenant_id, settings.payer == kUserPays),
        .consensus_only = settings.charge_policy == kConsensusOnly,
        .min_charge = Usd::Parse(settings.min_charge_usd).value_or(Usd()),
        .ends_cancelled = settings.cancel_policy == kChargeInput,
        .known = known};
    dispatcher->Accept(caller, std::move(order), with, now);
  }
}

void RouterHost::PublishFigures(TimePoint now) const {
  figures->in_flight = static_cast<std::uint32_t>(dispatcher->Requests());
  figures->calls = static_cast<std::uint32_t>(router->InFlight());
  figures->connections = static_cast<std::uint32_t>(loop->Connections());
  figures->unsettled = static_cast<std::uint32_t>(dispatcher->Deferred());
  for (const ProviderStatus& status : router->Providers(now)) {
    ProviderStats* stats = StatsOf(*figures, status.provider);
    if (stats == nullptr) continue;
    stats->in_flight = static_cast<std::uint32_t>(status.in_flight);
    stats->breaker = status.breaker;
  }
}

}  // namespace byok::pg
