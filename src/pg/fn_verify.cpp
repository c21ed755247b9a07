// The SQL surface of proving keys: verify_key, test_all_providers. Both ask free endpoints only.

#include "pg/ask_draft.hpp"
#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/guc.hpp"
#include "pg/key_access.hpp"
#include "pg/master_key_source.hpp"
#include "pg/owned.hpp"
#include "pg/verification.hpp"

#include "dispatch/job.hpp"

namespace byok::pg {
namespace {

Status OpenForVerification(const LoadedKeys& keys, Verification& verification) {
  const LoadedProvider& provider = keys.providers.front();
  const Candidate& candidate = provider.candidates.front();
  auto keyring = LoadKeyring(settings.master_key_source, DataDir);
  if (!keyring.ok()) return keyring.status();
  auto key = OpenKey(CurrentEnvironment(), *keyring, keys.store_id, provider.config.name,
                     provider.origin, candidate);
  if (!key.ok()) return key.status();
  verification.Prepare(provider, candidate.source, *std::move(key));
  return {};
}

/// All providers of one asker, each with the key it would get.
struct ProviderTest {
  AskDraft draft;
  Job job;
  Flight flight;

  struct Line {
    std::string provider, key_source, detail;
    bool ok = false;
    std::optional<std::int64_t> latency_ms;
  };
  std::vector<Line> lines;

  Status Prepare(const Identity& who);
  Status Read();
};

Status ProviderTest::Prepare(const Identity& who) {
  draft.environment = CurrentEnvironment();
  draft.SetIdentity(who.user_id, who.tenant_id);
  draft.order.options.min_answers = 0;
  if (Status status = draft.ChooseKeys(); !status.ok()) return status;
  auto keyring = LoadKeyring(settings.master_key_source, DataDir);
  if (!keyring.ok()) return keyring.status();
  const KeyOpener open = [this, &keyring](const AskOrder& order, const OrderLeg& leg,
                                          const Candidate& candidate) {
    return OpenKey(draft.environment, *keyring, order.store_id, leg.provider.name, leg.origin,
                   candidate);
  };
  job.order = std::move(draft.order);
  flight.ask.purpose = Purpose::kVerify;
  flight.ask.deadline = http::Clock::now() + http::Milliseconds(15'000);
  Status status = OpenKeys(open, job, flight.ask);
  for (Leg& leg : flight.ask.legs) leg.provider.max_retries = 0;
  return status;
}

Status ProviderTest::Read() {
  for (std::size_t i = 0; i < job.asked.size(); ++i) {
    job.legs[job.asked[i]] = std::move(flight.result.legs[i]);
  }
  for (const LegResult& leg : job.legs) {
    Line line{.provider = leg.provider,
              .key_source = {},
              .detail = {},
              .ok = leg.answer.has_value(),
              .latency_ms = {}};
    if (leg.key_source) line.key_source = KeySourceName(*leg.key_source);
    if (!leg.attempts.empty()) line.latency_ms = leg.attempts.back().latency.count();
    line.detail = leg.error
                      ? std::string(ErrorReasonName(leg.error->reason)) + ": " + leg.error->message
                  : leg.answer->text.empty() ? "ok"
                                             : leg.answer->text;
    lines.push_back(std::move(line));
  }
  return {};
}

}  // namespace

BYOK_SQL_FUNCTION(byok_verify_key) {
  PreventSpending("verify_key()");
  const char* key_id = RequiredUuid(fcinfo, 0, "key_id");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireOwnKey(extension, caller, key_id);
  auto* keys = NewInContext<LoadedKeys>(CurrentMemoryContext);
  auto* verification = NewInContext<Verification>(CurrentMemoryContext);
  LoadKeyById(extension, key_id, keys);
  RunCore([=] { return OpenForVerification(*keys, *verification); });
  Fly(&verification->flight);
  auto* json = NewInContext<std::string>(CurrentMemoryContext);
  RunCore([=] {
    *json = verification->ToJson().Dump();
    return Status();
  });
  if (verification->Leg().answer) RecordKeyEvent(extension, caller, key_id, "verified", nullptr);
  return JsonbResult(json->c_str());
}

BYOK_SQL_FUNCTION(byok_test_all_providers) {
  PreventSpending("test_all_providers()");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kActsForAnyone | kUser, "test providers");
  const Identity who =
      ResolveIdentity(caller, OptionalId(fcinfo, 0, "user_id"), OptionalId(fcinfo, 1, "tenant_id"));
  InitMaterializedSRF(fcinfo, 0);
  auto* test = NewInContext<ProviderTest>(CurrentMemoryContext);
  LoadProviders(extension, nullptr, who, &test->draft.keys);
  RunCore([test, &who] { return test->Prepare(who); });
  if (!test->job.asked.empty()) Fly(&test->flight);
  RunCore([test] { return test->Read(); });
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (size_t i = 0; i < test->lines.size(); ++i) {
    const ProviderTest::Line& line = test->lines[i];
    Datum values[] = {TextResult(line.provider.c_str()), TextResult(line.key_source.c_str()),
                      BoolGetDatum(line.ok),
                      Int32GetDatum(static_cast<int32>(line.latency_ms.value_or(0))),
                      TextResult(line.detail.c_str())};
    bool nulls[] = {false, line.key_source.empty(), false, !line.latency_ms.has_value(), false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  }
  return Datum(0);
}

}  // namespace byok::pg
