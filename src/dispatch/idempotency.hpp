#pragma once

#include <compare>
#include <map>
#include <string>

#include "dispatch/order.hpp"

namespace byok {

/// Whose options.idempotency_key. A key of one tenant says nothing to another.
struct IdempotencyId {
  std::string tenant_id;  ///< "" = none
  std::string user_id;
  std::string key;
  auto operator<=>(const IdempotencyId&) const = default;
};
/// Of an order that has a key.
IdempotencyId IdempotencyIdOf(const AskOrder& order);

/// The request that a key was used for, as it ended.
struct KnownRequest {
  std::string request_id;
  std::string request_hash;
  std::string state;   ///< of triangle_requests
  std::string result;  ///< JSON text; "" = none is kept
  std::string error;   ///< JSON text; "" = it has a result
};
using KnownRequests = std::map<IdempotencyId, KnownRequest>;

/// What whoever asks again gets: the first one's result or its error, word for word.
AskReply ReplyAgain(const KnownRequest& known);

/// 22023: the key was used for another question.
Status OtherQuestion(const IdempotencyId& id, const std::string& request_id);

}  // namespace byok
