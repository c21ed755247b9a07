// The SQL surface of keys: store_key, set_credential, rotate_key, revoke_key, list_keys,
// resolve_key.

#include <cstring>

#include "keyring/api_key.hpp"
#include "keyring/random_uuid.hpp"

#include "pg/ask_draft.hpp"
#include "pg/credential_table.hpp"
#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/guc.hpp"
#include "pg/key_access.hpp"
#include "pg/log_hygiene.hpp"
#include "pg/master_key_source.hpp"
#include "pg/owned.hpp"
#include "pg/verification.hpp"

namespace byok::pg {
namespace {

/// Who may keep keys of others; a plain user keeps only its own.
constexpr unsigned kKeepsTenantKeys = kApp | kKeyAdmin | kAdmin;
constexpr unsigned kKeepsPlatformKeys = kKeyAdmin | kAdmin;
constexpr unsigned kKeepsKeys = kUser | kApp | kKeyAdmin | kAdmin;

/// What a function was asked to store. PODs; texts are palloc'd UTF-8.
struct StoreArguments {
  const char* provider;
  const char* api_key;
  KeySource tier;
  const char* owner;  ///< nullptr for the platform
  const char* description;
  Parameter expires_at;
  const char* previous_key_id;  ///< nullptr = the key it replaces
  const char* overlap;          ///< an interval's text
  bool rotates;                 ///< previous_key_id must still be the key in use
  bool verify;
};

/// A key between its reading and its writing.
struct PendingKey {
  LoadedKeys loaded;
  StoreState store;
  NewKey row;
  std::string warning;
};

KeySource TierOfScope(const char* scope) {
  if (strcmp(scope, "tenant") == 0) return KeySource::kTenantByok;
  if (strcmp(scope, "user") == 0) return KeySource::kUserKey;
  if (strcmp(scope, "system") == 0) return KeySource::kSystemKey;
  Raise(StatusCode::kInvalidArgument, psprintf("scope \"%s\" is not known", scope), nullptr,
        "Known scopes are tenant, user and system.");
}

/// Checks that the caller may keep keys of that tier and owner; returns the owner's id.
const char* AuthorizeOwner(const Caller& caller, KeySource tier, const char* owner) {
  switch (tier) {
    case KeySource::kTenantByok:
      RequireCapability(caller, kKeepsTenantKeys, "keep a tenant's keys");
      if (owner == nullptr)
        Raise(StatusCode::kNullArgument, "owner_id must not be null for a tenant's key");
      return owner;
    case KeySource::kUserKey:
      RequireCapability(caller, kKeepsKeys, "keep keys");
      return ResolveIdentity(caller, owner, nullptr).user_id;
    case KeySource::kSystemKey:
      RequireCapability(caller, kKeepsPlatformKeys, "keep the platform's keys");
      if (owner != nullptr) {
        Raise(StatusCode::kInvalidArgument, "a system key has no owner", nullptr,
              "Leave owner_id null.");
      }
      return nullptr;
  }
  return nullptr;
}

Status Seal(const StoreArguments& arguments, PendingKey& key) {
  const std::string_view secret(arguments.api_key);
  const LoadedProvider& provider = key.loaded.providers.front();
  if (Status status = CheckApiKey(secret); !status.ok()) return status;
  auto keyring = LoadKeyring(settings.master_key_source, DataDir);
  if (!keyring.ok()) return keyring.status();
  if (Status status = CheckPrimary(*keyring, key.store); !status.ok()) return status;
  const auto id = RandomUuid();
  if (!id.ok()) return id.status();

  Candidate::Record record{.key_id = *id,
                           .generation = 1,
                           .tenant_id = {},
                           .user_id = {},
                           .origin = provider.origin,
                           .sealed = {}};
  if (arguments.tier == KeySource::kTenantByok) record.tenant_id = arguments.owner;
  if (arguments.tier == KeySource::kUserKey) record.user_id = arguments.owner;
  auto sealed =
      keyring->Seal(Secret::CopyOf(secret),
                    BindingOf(key.store.store_id, provider.config.name, arguments.tier, record));
  if (!sealed.ok()) return sealed.status();

  NewKey& row = key.row;
  row.key_id = id->ToString();
  row.provider = provider.config.name;
  row.origin = provider.origin;
  row.hint = KeyHint(secret);
  row.tier = arguments.tier;
  if (arguments.owner != nullptr) row.owner = arguments.owner;
  if (arguments.previous_key_id != nullptr) row.previous_key_id = arguments.previous_key_id;
  row.rotation = arguments.rotates;
  row.kek_id = ToHex(keyring->primary_id());
  row.check_value = ToHex(keyring->CheckValue(keyring->primary_id(), key.store.store_id));
  row.sealed = *std::move(sealed);
  key.warning = UnusualShape(row.provider, secret).value_or("");
  return {};
}

/// 42704 unless the earlier key exists and is of the same owner and provider.
void CheckPrevious(const Extension& extension, const StoreArguments& arguments) {
  if (arguments.previous_key_id == nullptr) return;
  const KeyRow row = FindKey(extension, arguments.previous_key_id);
  const char* owner = row.tenant_id != nullptr ? row.tenant_id : row.user_id;
  const bool same_owner =
      (owner == nullptr && arguments.owner == nullptr) ||
      (owner != nullptr && arguments.owner != nullptr && strcmp(owner, arguments.owner) == 0);
  if (row.provider == nullptr || strcmp(row.provider, arguments.provider) != 0 || !same_owner ||
      ParseKeySource(row.tier) != arguments.tier) {
    Raise(StatusCode::kKeyNotFound,
          psprintf("previous key \"%s\" does not exist for this owner and provider",
                   arguments.previous_key_id));
  }
}

/// Asks the provider about a key that is not stored yet; raises unless it is good.
void RequireVerified(const StoreArguments& arguments, const PendingKey& key) {
  auto* verification = NewInContext<Verification>(CurrentMemoryContext);
  RunCore([verification, &arguments, &key] {
    verification->Prepare(key.loaded.providers.front(), arguments.tier,
                          Secret::CopyOf(std::string_view(arguments.api_key)));
    return Status();
  });
  Fly(&verification->flight);
  RunCore([verification] { return verification->RequireGood(); });
}

Datum StoreKey(const Extension& extension, const Caller& caller, const StoreArguments& arguments) {
  auto* key = NewInContext<PendingKey>(CurrentMemoryContext);
  LoadProvider(extension, arguments.provider, &key->loaded);
  RunCore([&arguments] { return CheckApiKey(arguments.api_key); });
  CheckPrevious(extension, arguments);
  OpenStore(extension, &key->store);
  RunCore([&arguments, key] { return Seal(arguments, *key); });
  if (arguments.verify) RequireVerified(arguments, *key);
  InsertKey(extension, caller, key->row, arguments.description, arguments.expires_at,
            arguments.overlap);
  if (!key->warning.empty()) {
    ereport(WARNING, (errmsg("the key was stored, but looks unusual"),
                      errdetail("%s", key->warning.c_str()), errhidestmt(true)));
  }
  return UuidParameter(key->row.key_id.c_str()).value;
}

/// The beginning of every function that gets a key: nothing of the statement may show.
void BeginSecretStatement(const char* function) {
  WithholdStatement();
  PreventCommandIfReadOnly(function);
  PreventCommandDuringRecovery(function);
  PreventCommandIfParallelMode(function);
}

Parameter OptionalTimestamp(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return {};
  return TimestampParameter(PG_GETARG_TIMESTAMPTZ(index));
}

bool Flag(FunctionCallInfo fcinfo, int index) {
  return !PG_ARGISNULL(index) && PG_GETARG_BOOL(index);
}

[[noreturn]] void RaiseNoSuchKey(const char* key_id) {
  Raise(StatusCode::kKeyNotFound, psprintf("key \"%s\" does not exist", key_id), nullptr,
        "list_keys() shows the keys you may use.");
}

}  // namespace

KeyRow RequireOwnKey(const Extension& extension, const Caller& caller, const char* key_id) {
  RequireCapability(caller, kKeepsKeys, "keep keys");
  const KeyRow row = FindKey(extension, key_id);
  if (row.provider == nullptr) RaiseNoSuchKey(key_id);
  const Identity own = ResolveIdentity(caller, nullptr, nullptr);
  const bool mine = row.user_id != nullptr && ((caller.capabilities & kActsForAnyone) != 0 ||
                                               strcmp(row.user_id, own.user_id) == 0);
  const bool tenants = row.tenant_id != nullptr && (caller.capabilities & kKeepsTenantKeys) != 0;
  const bool platforms = row.tenant_id == nullptr && row.user_id == nullptr &&
                         (caller.capabilities & kKeepsPlatformKeys) != 0;
  // The same words for a foreign key as for none: its existence is not the caller's to know.
  if (!mine && !tenants && !platforms) RaiseNoSuchKey(key_id);
  return row;
}

BYOK_SQL_FUNCTION(byok_store_key) {
  BeginSecretStatement("store_key()");
  StoreArguments arguments = {};
  arguments.provider = RequiredText(fcinfo, 0, "provider");
  arguments.api_key = RequiredSecret(fcinfo, 1, "api_key");
  arguments.tier = TierOfScope(RequiredText(fcinfo, 2, "scope"));
  arguments.description = TextArgument(fcinfo, 4);
  arguments.expires_at = OptionalTimestamp(fcinfo, 5);
  if (!PG_ARGISNULL(6)) arguments.previous_key_id = RequiredUuid(fcinfo, 6, "previous_key_id");
  arguments.overlap = "0";
  arguments.verify = Flag(fcinfo, 7);
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  arguments.owner = AuthorizeOwner(caller, arguments.tier, OptionalId(fcinfo, 3, "owner_id"));
  return StoreKey(extension, caller, arguments);
}

BYOK_SQL_FUNCTION(byok_set_credential) {
  BeginSecretStatement("set_credential()");
  StoreArguments arguments = {};
  arguments.provider = RequiredText(fcinfo, 0, "service");
  const char* type = RequiredText(fcinfo, 1, "credential_type");
  arguments.api_key = RequiredSecret(fcinfo, 2, "value");
  const char* identifier = OptionalId(fcinfo, 3, "identifier");
  arguments.description = TextArgument(fcinfo, 4);
  arguments.expires_at = OptionalTimestamp(fcinfo, 5);
  arguments.tier = identifier == nullptr ? KeySource::kSystemKey : KeySource::kUserKey;
  arguments.overlap = "0";
  if (strcmp(type, "api_key") != 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("credential type \"%s\" is not known", type),
          nullptr, "The keyring holds credentials of type api_key.");
  }
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  arguments.owner = AuthorizeOwner(caller, arguments.tier, identifier);
  return StoreKey(extension, caller, arguments);
}

BYOK_SQL_FUNCTION(byok_rotate_key) {
  BeginSecretStatement("rotate_key()");
  const char* key_id = RequiredUuid(fcinfo, 0, "key_id");
  StoreArguments arguments = {};
  arguments.api_key = RequiredSecret(fcinfo, 1, "new_api_key");
  arguments.overlap = PG_ARGISNULL(2)
                          ? "0"
                          : DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(2)));
  arguments.verify = Flag(fcinfo, 3);
  arguments.previous_key_id = key_id;
  arguments.rotates = true;
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  const KeyRow row = RequireOwnKey(extension, caller, key_id);
  if (strcmp(row.state, "active") != 0 && strcmp(row.state, "expired") != 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("key \"%s\" cannot be rotated", key_id),
          psprintf("The key is %s.", row.state),
          "Rotate the owner's present key, or store a new one with store_key().");
  }
  arguments.provider = row.provider;
  arguments.tier = *ParseKeySource(row.tier);
  arguments.owner = row.tenant_id != nullptr ? row.tenant_id : row.user_id;
  return StoreKey(extension, caller, arguments);
}

BYOK_SQL_FUNCTION(byok_revoke_key) {
  PreventCommandIfReadOnly("revoke_key()");
  PreventCommandDuringRecovery("revoke_key()");
  const char* key_id = RequiredUuid(fcinfo, 0, "key_id");
  const char* reason = TextArgument(fcinfo, 1);
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireOwnKey(extension, caller, key_id);
  return BoolGetDatum(RevokeKey(extension, caller, key_id, reason));
}

BYOK_SQL_FUNCTION(byok_list_keys) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kKeepsKeys, "list keys");
  const char* user = OptionalId(fcinfo, 0, "user_id");
  const char* tenant = OptionalId(fcinfo, 1, "tenant_id");
  const bool keeps_all = (caller.capabilities & kKeepsPlatformKeys) != 0;
  const bool all = keeps_all && user == nullptr && tenant == nullptr;
  ListKeys(fcinfo, extension, ResolveIdentity(caller, user, tenant), all, keeps_all);
  return Datum(0);
}

BYOK_SQL_FUNCTION(byok_resolve_key) {
  const char* provider = RequiredText(fcinfo, 0, "provider");
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kKeepsKeys, "resolve keys");
  const Identity who =
      ResolveIdentity(caller, OptionalId(fcinfo, 1, "user_id"), OptionalId(fcinfo, 2, "tenant_id"));
  struct Resolution {
    std::vector<std::string> names;
    LoadedKeys keys;
    std::string source, key_id, hint, passed_over;
  };
  const bool shows_platform_hints = (caller.capabilities & kKeepsPlatformKeys) != 0;
  auto* resolution = NewInContext<Resolution>(CurrentMemoryContext);
  RunCore([=] {
    resolution->names.emplace_back(provider);
    return Status();
  });
  LoadProviders(extension, &resolution->names, who, &resolution->keys);
  RunCore([=, &who]() -> Status {
    if (Status status = AddEnvironmentKeys(CurrentEnvironment(), resolution->keys); !status.ok())
      return status;
    Asker asker{.user_id = who.user_id, .tenant_id = {}};
    if (who.tenant_id != nullptr) asker.tenant_id = who.tenant_id;
    KeyChoice choice = VaultBridge::GetKey(asker, resolution->keys.providers.front().candidates,
                                           PlatformKeys::kMissingOnly);
    if (!choice.key) return NoKeyAvailable(provider, choice.passed_over);
    resolution->source = KeySourceName(choice.key->source);
    if (choice.key->record) resolution->key_id = choice.key->record->key_id.ToString();
    if (choice.key->source != KeySource::kSystemKey || shows_platform_hints) {
      resolution->hint =
          choice.key->record ? choice.key->hint : "environment variable " + choice.key->variable;
    }
    resolution->passed_over = PassedOverToJson(choice.passed_over).Dump();
    return {};
  });
  InitMaterializedSRF(fcinfo, 0);
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  Datum values[] = {TextResult(resolution->source.c_str()), 0, TextResult(resolution->hint.c_str()),
                    JsonbResult(resolution->passed_over.c_str())};
  bool nulls[] = {false, resolution->key_id.empty(), resolution->hint.empty(), false};
  if (!nulls[1]) values[1] = UuidParameter(resolution->key_id.c_str()).value;
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  return Datum(0);
}

}  // namespace byok::pg
