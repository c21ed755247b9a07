// The SQL surface of people: byok_grant and byok_revoke.

#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

/// What a capability opens: functions by signature, or tables and views by name.
struct Grant {
  unsigned capabilities;
  const char* privilege;  ///< "EXECUTE ON FUNCTION", "SELECT ON TABLE", …
  const char* object;
};

constexpr unsigned kKeepers = kUser | kApp | kKeyAdmin | kAdmin;
constexpr unsigned kAudits = kBillingAdmin | kAuditor | kAdmin;
constexpr unsigned kEverybody = kAllCapabilities;
constexpr const char* kRun = "EXECUTE ON FUNCTION";
constexpr const char* kCall = "EXECUTE ON PROCEDURE";
constexpr const char* kRead = "SELECT ON TABLE";
constexpr const char* kEdit = "SELECT, INSERT, UPDATE, DELETE ON TABLE";

constexpr Grant kGrants[] = {
    {kAsks, kRun, "triangle_query(text, text, text, jsonb)"},
    {kAsks, kCall, "triangle_ask(text, text, text, jsonb, jsonb)"},
    {kAsks, kRun, "triangle_submit(text, text, text, jsonb)"},
    {kAsks, kRun, "triangle_result(uuid, interval)"},
    {kAsks, kRun, "triangle_cancel(uuid)"},
    {kAsks, kRun, "triangle_map(text, text, text, jsonb, integer)"},
    {kAsks, kRun, "triangle_estimate(text, text, text, jsonb)"},
    {kEverybody, kRun, "triangle_consensus(text, jsonb, jsonb)"},
    {kEverybody, kRun, "triangle_consensus_agg(text, text, text)"},
    {kKeepers, kRun, "test_all_providers(text, text)"},
    {kKeepers, kRun, "store_key(text, text, text, text, text, timestamptz, uuid, boolean)"},
    {kKeepers, kRun, "set_credential(text, text, text, text, text, timestamptz)"},
    {kKeepers, kRun, "rotate_key(uuid, text, interval, boolean)"},
    {kKeepers, kRun, "revoke_key(uuid, text)"},
    {kKeepers, kRun, "list_keys(text, text)"},
    {kKeepers, kRun, "resolve_key(text, text, text)"},
    {kKeepers, kRun, "verify_key(uuid)"},
    {kBillingAdmin | kAdmin, kRun, "grant_credits(text, integer, text, text, text, text)"},
    {kBillingAdmin | kAdmin, kRun, "refund_request(uuid, text)"},
    {kBillingAdmin | kAdmin, kRun,
     "reconcile_unknown(uuid, text, numeric, bigint, bigint, integer, text, text, boolean)"},
    {kBillingAdmin | kAdmin, kRun, "set_credit_policy(text, boolean, numeric, text)"},
    {kBillingAdmin | kAdmin, kRun, "set_budget(text, numeric, text, text, text)"},
    {kEverybody, kRun, "credit_balance(text, text)"},
    {kBillingAdmin | kAdmin, kRun, "byok_import_invoice(text, jsonb)"},
    {kAudits, kRun, "billing_invariants(timestamptz)"},
    {kAudits, kRun, "verify_ledger_chain(bigint, bigint)"},
    {kAudits, kRun, "byok_margin_between(timestamptz, timestamptz)"},
    {kAudits, kRun, "byok_budget_count(text, text, text, date)"},
    {kEverybody, kRun, "byok_version()"},
    {kKeyAdmin | kAudits, kRun, "byok_status()"},
    {kAdmin, kRun, "byok_stop_router()"},
    {kAdmin, kRun, "byok_grant(regrole, text)"},
    {kAdmin, kRun, "byok_revoke(regrole, text)"},
    {kAdmin, kRun, "byok_check_provider(text, text, jsonb, jsonb, boolean)"},
    {kAudits, kRun, "byok_router_state()"},
    {kAudits, kRun, "byok_provider_figures()"},
    {kAudits, kRead, "byok_router"},
    {kAudits, kRead, "byok_provider_stats"},
    {kKeyAdmin | kAuditor | kAdmin, kRead, "byok_keys"},
    {kKeyAdmin | kAuditor | kAdmin, kRead, "byok_expiring_keys"},
    {kKeyAdmin | kAuditor | kAdmin, kRead, "byok_key_events"},
    {kBillingAdmin | kAdmin, kRun,
     "byok_import_prices(jsonb, boolean, numeric, timestamptz, text[], boolean)"},
    {kAudits, kRead, "byok_usage"},
    {kAudits, kRead, "byok_ledger"},
    {kAudits, kRead, "byok_platform_usage"},
    {kAudits, kRead, "byok_ledger_head"},
    {kAudits, kRead, "byok_spend_daily"},
    {kAudits, kRead, "byok_margin"},
    {kAudits, kRead, "byok_accounts"},
    {kAudits, kRead, "byok_budget_status"},
    {kAudits, kRead, "byok_unknown_calls"},
    {kAudits, kRead, "byok_invoice_differences"},
    {kBillingAdmin | kAdmin, kEdit, "model_prices"},
    {kBillingAdmin | kAdmin, kEdit, "model_aliases"},
    {kBillingAdmin | kAdmin, kEdit, "pricing_rules"},
    {kBillingAdmin | kAdmin, kEdit, "provider_invoices"},
    {kAdmin, kEdit, "providers"},
    {kAdmin, kEdit, "identities"},
};

Statement add_capability = {
    "INSERT INTO @s@.role_capabilities (role_name, capability) VALUES ($1, $2) ON CONFLICT DO "
    "NOTHING",
    2,
    {TEXTOID, TEXTOID}};
Statement drop_capability = {
    "DELETE FROM @s@.role_capabilities WHERE role_name = $1 AND capability = $2",
    2,
    {TEXTOID, TEXTOID}};
Statement capabilities_of = {
    "SELECT capability FROM @s@.role_capabilities WHERE role_name = $1", 1, {TEXTOID}};

void Run(const char* sql) {
  if (SPI_execute(sql, false, 0) < 0) Raise(StatusCode::kInternal, "could not change privileges");
}

/// Signatures name their types bare; the functions' search_path (pg_catalog first) makes them
/// certain.
void GrantAll(const Extension& extension, unsigned capabilities, const char* role) {
  for (const Grant& grant : kGrants) {
    if ((grant.capabilities & capabilities) == 0) continue;
    Run(psprintf("GRANT %s %s.%s TO %s", grant.privilege, extension.quoted_schema, grant.object,
                 role));
  }
}

void RevokeAll(const Extension& extension, unsigned capabilities, const char* role) {
  for (const Grant& grant : kGrants) {
    if ((grant.capabilities & capabilities) == 0) continue;
    Run(psprintf("REVOKE %s %s.%s FROM %s", grant.privilege, extension.quoted_schema, grant.object,
                 role));
  }
}

/// Who is to be changed, checked. `name` is the role's, `quoted` the same for SQL.
struct Target {
  const char* name;
  const char* quoted;
  const char* capability;
  unsigned bit;
};

Target ReadTarget(FunctionCallInfo fcinfo, const Extension& extension) {
  if (PG_ARGISNULL(0)) Raise(StatusCode::kNullArgument, "role_name must not be null");
  const char* capability = RequiredText(fcinfo, 1, "capability");
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAdmin, "change capabilities");
  const unsigned bit = CapabilityBit(capability);
  const char* name = GetUserNameFromId(PG_GETARG_OID(0), true);
  if (name == nullptr) Raise(StatusCode::kInvalidArgument, "the role does not exist");
  return {name, quote_identifier(name), capability, bit};
}

unsigned CapabilitiesOf(const Extension& extension, const Parameter& role) {
  Execute(capabilities_of, extension, &role, false);
  unsigned bits = 0;
  for (uint64 row = 0; row < SPI_processed; ++row) bits |= CapabilityBit(Column(row, 1));
  return bits;
}

}  // namespace

BYOK_SQL_FUNCTION(byok_grant) {
  PreventCommandIfReadOnly("byok_grant()");
  const Extension extension = ExtensionOf(fcinfo);
  const Target target = ReadTarget(fcinfo, extension);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {TextParameter(target.name), TextParameter(target.capability)};
  Execute(add_capability, extension, parameters, false);
  Run(psprintf("GRANT USAGE ON SCHEMA %s TO %s", extension.quoted_schema, target.quoted));
  GrantAll(extension, target.bit, target.quoted);
  EndOwnerSection(section);
  PG_RETURN_VOID();
}

BYOK_SQL_FUNCTION(byok_revoke) {
  PreventCommandIfReadOnly("byok_revoke()");
  const Extension extension = ExtensionOf(fcinfo);
  const Target target = ReadTarget(fcinfo, extension);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {TextParameter(target.name), TextParameter(target.capability)};
  Execute(drop_capability, extension, parameters, false);
  const unsigned left = CapabilitiesOf(extension, parameters[0]);
  RevokeAll(extension, target.bit, target.quoted);
  GrantAll(extension, left, target.quoted);
  EndOwnerSection(section);
  PG_RETURN_VOID();
}

}  // namespace byok::pg
