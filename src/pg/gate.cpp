#include "pg/gate.hpp"

#include <cstring>

#include "pg/raise.hpp"

namespace byok::pg {
namespace {

struct Named {
  const char* name;
  unsigned bit;
};
constexpr Named kCapabilities[] = {{"user", kUser},          {"app", kApp},
                                   {"key_admin", kKeyAdmin}, {"billing_admin", kBillingAdmin},
                                   {"auditor", kAuditor},    {"admin", kAdmin}};

Statement who_is = {R"(
  SELECT r.capability, NULL, NULL
    FROM @s@.role_capabilities r
    JOIN pg_catalog.pg_roles g ON g.rolname = r.role_name
   WHERE pg_catalog.pg_has_role($1, g.oid, 'USAGE')
  UNION ALL
  SELECT NULL, i.user_id, i.tenant_id FROM @s@.identities i WHERE i.role_name = $2)",
                    2,
                    {OIDOID, TEXTOID}};

unsigned FindCapability(const char* name) {
  for (const Named& capability : kCapabilities) {
    if (strcmp(capability.name, name) == 0) return capability.bit;
  }
  return 0;
}

}  // namespace

unsigned CapabilityBit(const char* name) {
  const unsigned bit = FindCapability(name);
  if (bit == 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("capability \"%s\" is not known", name), nullptr,
          "Known capabilities are user, app, key_admin, billing_admin, auditor and admin.");
  }
  return bit;
}

Caller LookUpCaller(const Extension& extension) {
  Caller caller;
  caller.role = GetUserId();
  caller.superuser = superuser_arg(caller.role);
  caller.role_name = GetUserNameFromId(caller.role, false);
  MemoryContext result_context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {{ObjectIdGetDatum(caller.role), false},
                                  TextParameter(caller.role_name)};
  Execute(who_is, extension, parameters, false);
  for (uint64 row = 0; row < SPI_processed; ++row) {
    if (const char* capability = Column(row, 1)) {
      caller.capabilities |= FindCapability(capability);
    } else {
      const char* tenant = Column(row, 3);
      caller.bound_user = MemoryContextStrdup(result_context, Column(row, 2));
      caller.bound_tenant =
          tenant == nullptr ? nullptr : MemoryContextStrdup(result_context, tenant);
    }
  }
  EndOwnerSection(section);
  if (caller.superuser) caller.capabilities = kAllCapabilities;
  return caller;
}

void RequireCapability(const Caller& caller, unsigned any_of, const char* action) {
  if ((caller.capabilities & any_of) != 0) return;
  const char* wanted = nullptr;
  for (const Named& capability : kCapabilities) {
    if ((any_of & capability.bit) != 0 && wanted == nullptr) wanted = capability.name;
  }
  Raise(StatusCode::kPermissionDenied, psprintf("permission denied to %s", action),
        psprintf("Role \"%s\" lacks the capability.", caller.role_name),
        psprintf("Ask for it with byok_grant('%s', '%s').", caller.role_name, wanted));
}

Identity ResolveIdentity(const Caller& caller, const char* user_id, const char* tenant_id) {
  const char* own_user = caller.bound_user != nullptr ? caller.bound_user : caller.role_name;
  const Identity own = {own_user, caller.bound_tenant};
  const Identity wanted = {user_id != nullptr ? user_id : own.user_id,
                           tenant_id != nullptr ? tenant_id : own.tenant_id};
  if ((caller.capabilities & kActsForAnyone) != 0) return wanted;
  const bool same_user = strcmp(wanted.user_id, own.user_id) == 0;
  const bool same_tenant =
      wanted.tenant_id == own.tenant_id ||
      (own.tenant_id != nullptr && strcmp(wanted.tenant_id, own.tenant_id) == 0);
  if (!same_user || !same_tenant) {
    Raise(StatusCode::kPermissionDenied,
          same_user ? psprintf("permission denied to act for tenant \"%s\"", wanted.tenant_id)
                    : psprintf("permission denied to act for user \"%s\"", wanted.user_id),
          psprintf("Role \"%s\" acts only as itself.", caller.role_name),
          psprintf("Acting for others takes byok_grant('%s', 'app').", caller.role_name));
  }
  return wanted;
}

void PreventSpending(const char* function) {
  PreventCommandIfReadOnly(function);
  PreventCommandDuringRecovery(function);
  PreventCommandIfParallelMode(function);
  if (InSecurityRestrictedOperation()) {
    Raise(StatusCode::kPermissionDenied,
          psprintf("cannot execute %s within a security-restricted operation", function));
  }
}

}  // namespace byok::pg
