#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/status.hpp"
#include "router/ask_options.hpp"
#include "router/leg.hpp"
#include "vault/vault_bridge.hpp"

namespace byok {

/// One provider of an order: whom to ask with which key, still sealed, or why it is not asked.
struct OrderLeg {
  ProviderConfig provider;
  std::string origin;  ///< of provider.base_url; the keys are bound to it
  /// VaultBridge's choice, then, only under allow_platform_keys = any_failure, the platform's key
  /// to move to. Empty when no tier has one.
  std::vector<Candidate> keys;
  Status refusal;  ///< why the leg has no key; ok when it has
};

/// What a backend hands to the router: one query after LOAD. Values only, keys only as sealed
/// records (bytes that cross are bytes in a file of the operating system).
struct AskOrder {
  std::string request_id;  ///< uuid text, made by the caller's side: the operation's id
  std::string user_id;
  std::optional<std::string> tenant_id;
  std::string prompt;
  AskOptions options;
  bool estimate_unknown_price = false;  ///< the caller's byok.unknown_price
  std::string env_file;                 ///< the caller's byok.env_file
  /// SHA-256 of prompt and options, with an options.idempotency_key: tells the same question again
  /// from another one.
  std::string request_hash;
  bool queued = false;         ///< from the queue: its row exists, nobody waits; never crosses
  Uuid store_id;               ///< the records' store; zero while nothing is stored
  std::vector<OrderLeg> legs;  ///< in panel order
};

/// Asks the router to drop a submitted request that it runs. The reply's status says whether there
/// was one: kKeyNotFound when not.
struct CancelOrder {
  std::string request_id;
};

/// Asks the router to change what an account may do. The reply's status says whether it has.
struct PolicyOrder {
  std::string owner_kind, owner_id;
  bool debt_allowed = true;
  Usd credit_limit{};
};

/// What the router sends back once the bill is committed, or why there is none.
struct AskReply {
  std::string request_id;
  Status status;       ///< not ok: refused or not recorded, and nothing else is set
  std::string result;  ///< JSON text: the result as it is stored; legs and charge are then not set
  std::vector<LegResult> legs;  ///< in panel order, those without a key included
  std::string charge;           ///< the result's `charge` member as JSON text
  std::int64_t latency_ms = 0;
};

}  // namespace byok
