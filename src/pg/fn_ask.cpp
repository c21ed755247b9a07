// The SQL surface of asking: triangle_query, triangle_consensus.

#include <chrono>

#include "consensus/triangle_consensus_engine.hpp"

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/triangle_call.hpp"
#include "pg/usage_tables.hpp"

namespace byok::pg {
namespace {

/// Microseconds between 1970 and the server's epoch, 2000.
constexpr std::int64_t kEpochShift =
    static_cast<std::int64_t>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

Status ReadCall(TriangleCall& call, const char* prompt, const char* options, const Identity& who,
                TimestampTz now) {
  call.asker = {.user_id = who.user_id, .tenant_id = {}};
  if (who.tenant_id != nullptr) call.asker.tenant_id = who.tenant_id;
  call.environment = CurrentEnvironment();
  call.master_key_source = settings.master_key_source;
  call.pricing.started_at.unix_micros = now + kEpochShift;
  call.pricing.estimate_unknown_price = settings.unknown_price == kEstimate;
  return call.ReadArguments(prompt, options);
}

/// LOAD: everything the call needs from the database.
void Load(const Extension& extension, const Identity& who, TimestampTz now, TriangleCall* call) {
  const auto& providers = call->options.providers;
  LoadProviders(extension, providers ? &*providers : nullptr, who, &call->keys);
  const auto& loaded = call->keys.providers;
  auto** names = static_cast<const char**>(palloc(sizeof(char*) * (loaded.size() + 1)));
  for (size_t i = 0; i < loaded.size(); ++i) names[i] = loaded[i].config.name.c_str();
  LoadPrices(extension, TextArrayParameter(names, static_cast<int>(loaded.size())), now,
             &call->prices);
}

/// ASK: the network, and nothing else.
void AskProviders(TriangleCall* call) {
  const auto start = std::chrono::steady_clock::now();
  if (!call->NothingToAsk()) {
    RunCore([call, start] {
      call->PrepareFlight(start);
      return Status();
    });
    Fly(&call->flight);
  }
  RunCore([call, start] {
    return call->Land(
        std::chrono::duration_cast<http::Milliseconds>(std::chrono::steady_clock::now() - start));
  });
}

/// SETTLE: what it used and cost.
void WriteRows(const Extension& extension, const Identity& who, TimestampTz now,
               const TriangleCall& call) {
  if (call.settlement.calls.empty()) return;
  WriteSettlement(extension, who,
                  {.request_id = call.request_id.c_str(),
                   .used_at = now,
                   .calls = call.calls_json.c_str(),
                   .charged = !call.settlement.charge.IsZero(),
                   .amount_cents = static_cast<int>(call.posting.cents)  // CheckMoney bounds it
                   ,
                   .amount_usd = call.amount_usd.c_str(),
                   .description = call.settlement.description.c_str(),
                   .metadata = call.metadata_json.c_str()});
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_query) {
  PreventSpending("triangle_query()");
  const char* prompt = RequiredText(fcinfo, 0, "prompt");
  const char* options = JsonArgument(fcinfo, 3);
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAsks, "ask providers");
  const Identity who =
      ResolveIdentity(caller, OptionalId(fcinfo, 1, "user_id"), OptionalId(fcinfo, 2, "tenant_id"));
  const TimestampTz now = GetCurrentTimestamp();

  auto* call = NewInContext<TriangleCall>(CurrentMemoryContext);
  RunCore([=, &who] { return ReadCall(*call, prompt, options, who, now); });
  Load(extension, who, now, call);
  RunCore([call] { return call->ChooseKeys(); });
  RunCore([call] { return call->CheckMoney(); });
  AskProviders(call);
  WriteRows(extension, who, now, *call);
  RunCore([call] { return call->CheckAnswers(); });
  return JsonbResult(call->result_json.c_str());
}

namespace {

Status Decide(const char* prompt, const char* answers, const char* options, std::string& result) {
  auto parsed_answers = Json::Parse(answers, {.max_bytes = std::size_t{64} << 20, .max_depth = 64});
  if (!parsed_answers.ok()) return parsed_answers.status();
  auto parsed_options = Json::Parse(options);
  if (!parsed_options.ok()) return parsed_options.status();
  auto consensus = TriangleConsensus(prompt, *parsed_answers, *parsed_options);
  if (!consensus.ok()) return consensus.status();
  result = consensus->Dump();
  return {};
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_consensus) {
  const char* prompt = TextArgument(fcinfo, 0);
  const char* answers = JsonArgument(fcinfo, 1);
  const char* options = JsonArgument(fcinfo, 2);
  auto* result = NewInContext<std::string>(CurrentMemoryContext);
  RunCore([=] {
    return Decide(prompt == nullptr ? "" : prompt, answers == nullptr ? "null" : answers,
                  options == nullptr ? "{}" : options, *result);
  });
  return JsonbResult(result->c_str());
}

}  // namespace byok::pg
