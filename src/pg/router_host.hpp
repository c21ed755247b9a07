#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/curl_loop.hpp"
#include "keyring/keyring.hpp"
#include "router/multi_provider_router.hpp"

#include "pg/price_tables.hpp"
#include "pg/provider_table.hpp"
#include "pg/router_figures.hpp"

#include "dispatch/dispatcher.hpp"

namespace byok::pg {

/// Everything of a router process that is not the server's: one per process, made at its start.
/// Steps take and leave values and call nothing of the server; router_turn.cpp does the touching.
struct RouterHost {
  std::unique_ptr<http::CurlLoop> loop;
  std::unique_ptr<MultiProviderRouter> router;
  std::unique_ptr<Dispatcher> dispatcher;

  std::shared_ptr<const PriceBook> prices;
  std::optional<Result<Keyring>> keyring;  ///< of this turn: read at most once in it

  std::vector<std::pair<CallerId, AskOrder>> arrivals;  ///< orders not accepted yet
  std::vector<std::string> claimed;             ///< requests taken from the queue in this turn
  std::vector<WorkItem> items;                  ///< of this turn's transaction
  std::vector<Denial> denied;                   ///< those of them that it left out
  std::vector<std::int64_t> skipped_credits;    ///< that could not be booked
  std::optional<http::TimePoint> locked_since;  ///< when tables were found locked

  RouterFigures* figures = nullptr;

  /// `max_calls`: how many HTTP exchanges the process has descriptors for.
  Status Open(RouterFigures* own_figures, std::size_t max_calls);
  /// After a reload of the configuration.
  void ApplySettings();
  void Network(http::TimePoint now);
  /// When somebody must be called even if nothing happens.
  [[nodiscard]] std::optional<http::TimePoint> NextDeadline() const;
  [[nodiscard]] bool HasWork() const { return dispatcher->Requests() > 0 || !arrivals.empty(); }

  void TakePrices(LoadedPrices& loaded);
  /// A claimed request as an order: what its submitter's backend would have sent.
  Status AddClaim(const char* id, const char* user_id, const char* tenant_id, const char* request,
                  LoadedKeys& keys);
  void DenyArrivals(const Status& why);
  /// Their owners and their idempotency keys.
  [[nodiscard]] std::vector<Payer> OwnersOfArrivals() const;
  [[nodiscard]] std::vector<IdempotencyId> KeysOfArrivals() const;
  void AcceptArrivals(const AccountBook& accounts, const KnownRequests& known, PriceTime started_at,
                      http::TimePoint now);
  void PublishFigures(http::TimePoint now) const;
};

RouterHost& TheRouter();

/// options.providers of a queued request, for its LOAD; nothing when it names none.
Status ReadProvidersOf(const char* request, std::optional<std::vector<std::string>>* names);

}  // namespace byok::pg
