#pragma once

#include "pg/statement.hpp"

namespace byok::pg {

/// What a role may do; a set of these bits. A superuser holds all.
enum Capability : unsigned {
  kUser = 1,
  kApp = 2,
  kKeyAdmin = 4,
  kBillingAdmin = 8,
  kAuditor = 16,
  kAdmin = 32,
};
constexpr unsigned kAllCapabilities = 63;
/// May name any user and tenant.
constexpr unsigned kActsForAnyone = kApp | kKeyAdmin | kAdmin;
/// May run the functions that ask providers.
constexpr unsigned kAsks = kUser | kApp | kAdmin;

/// The bit of a capability's name; 22023 when there is none of that name.
unsigned CapabilityBit(const char* name);

/// Who called the function, before we act as the owner.
struct Caller {
  Oid role = InvalidOid;
  const char* role_name = nullptr;
  unsigned capabilities = 0;
  const char* bound_user = nullptr;  ///< from identities; nullptr = none
  const char* bound_tenant = nullptr;
  bool superuser = false;
};
Caller LookUpCaller(const Extension& extension);

/// 42501 `permission denied to <action>` unless the caller holds one of the capabilities.
void RequireCapability(const Caller& caller, unsigned any_of, const char* action);

/// The person a call is for. `user_id` is never null: the argument, else the bound identity, else
/// the role's name.
struct Identity {
  const char* user_id = nullptr;
  const char* tenant_id = nullptr;
};
/// 42501 when a caller who acts only as itself names someone else.
Identity ResolveIdentity(const Caller& caller, const char* user_id, const char* tenant_id);

/// Refuses what must not spend money: read-only transactions, standbys (25006), parallel workers,
/// index expressions and other security-restricted operations (42501).
void PreventSpending(const char* function);

}  // namespace byok::pg
