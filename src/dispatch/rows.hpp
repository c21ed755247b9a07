#pragma once

#include <string>

#include "base/json.hpp"

#include "dispatch/job.hpp"

namespace byok {

/// What some requests want written, as JSON arrays of objects whose members are the tables'
/// columns. One statement of the host takes each, so that many requests share one commit.
struct RowBatch {
  Json requests = Json::MakeArray();  ///< INTENT: new triangle_requests, in state running
  Json admitted = Json::MakeArray();  ///< INTENT: the bounds of queued triangle_requests
  Json intents = Json::MakeArray();   ///< INTENT: new triangle_calls, in state intent
  Json outcomes = Json::MakeArray();  ///< INTENT of a retry: how the attempt before it ended
  Json settled = Json::MakeArray();   ///< SETTLE: the triangle_requests that ended
  Json calls = Json::MakeArray();     ///< SETTLE: their triangle_calls, priced
  Json refused = Json::MakeArray();   ///< queued triangle_requests that are not asked
};

/// The request's own row, before its first call; of a queued one what was not known before.
void AddRequest(const Job& job, RowBatch& rows);
/// The row of an attempt that is about to be sent, and the outcome of the one before it.
void AddIntent(const Job& job, const Intent& intent, RowBatch& rows);
/// The bill of a landed request.
void AddSettlement(const Job& job, RowBatch& rows);
/// A queued request that could not be asked.
void AddRefusal(const std::string& request_id, const Status& why, RowBatch& rows);

/// {"sqlstate", "message", "detail", "hint"}: an error as triangle_requests keeps it.
Json ErrorToJson(const Status& status);
/// The error that ErrorToJson wrote; kInternal when the SQLSTATE is none of ours.
Status ErrorFromJson(const Json& error);

}  // namespace byok
