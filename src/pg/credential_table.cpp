#include "pg/credential_table.hpp"

#include "pg/named_lock.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

Statement make_store = {
    "INSERT INTO @s@.key_store (store_id) VALUES (pg_catalog.gen_random_uuid()) ON CONFLICT DO "
    "NOTHING",
    0,
    {}};

Statement read_store = {R"(
  SELECT s.store_id, pg_catalog.encode(m.kek_id, 'hex'), pg_catalog.encode(m.kcv, 'hex')
    FROM @s@.key_store s LEFT JOIN @s@.master_keys m ON m.state = 'active')",
                        0,
                        {}};

Statement register_master_key = {R"(
  INSERT INTO @s@.master_keys (kek_id, kcv)
  VALUES (pg_catalog.decode($1, 'hex'), pg_catalog.decode($2, 'hex')) ON CONFLICT DO NOTHING)",
                                 2,
                                 {TEXTOID, TEXTOID}};

Statement retire_key = {R"(
  WITH current_key AS (
    SELECT t.credential_id AS id FROM @s@.tenant_api_keys t WHERE t.tenant_id = $2 AND t.provider = $1 AND t.is_active
    UNION ALL
    SELECT u.credential_id FROM @s@.user_api_keys u WHERE u.user_id = $3 AND u.provider = $1 AND u.is_active
    UNION ALL
    SELECT c.id FROM @s@.service_credentials c
     WHERE $2 IS NULL AND $3 IS NULL AND c.service_name = $1 AND c.tenant_id IS NULL AND c.user_id IS NULL AND c.is_active
  ), of_tenant AS (
    UPDATE @s@.tenant_api_keys t SET is_active = false FROM current_key k WHERE t.credential_id = k.id
  ), of_user AS (
    UPDATE @s@.user_api_keys u SET is_active = false FROM current_key k WHERE u.credential_id = k.id
  )
  UPDATE @s@.service_credentials c
     SET is_active = false, retired_at = pg_catalog.clock_timestamp() + $4::pg_catalog.interval
    FROM current_key k WHERE c.id = k.id RETURNING c.id)",
                        4,
                        {TEXTOID, TEXTOID, TEXTOID, TEXTOID}};

Statement insert_key = {R"(
  WITH credential AS (
    INSERT INTO @s@.service_credentials (id, service_name, identifier, tier, tenant_id, user_id, origin, sealed, hint,
                                         description, expires_at, previous_key_id)
    VALUES ($1, $2, coalesce($4, $5), $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ), of_tenant AS (
    INSERT INTO @s@.tenant_api_keys (tenant_id, provider, credential_id) SELECT $4, $2, $1 WHERE $4 IS NOT NULL
  )
  INSERT INTO @s@.user_api_keys (user_id, provider, credential_id) SELECT $5, $2, $1 WHERE $5 IS NOT NULL)",
                        11,
                        {UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BYTEAOID, TEXTOID,
                         TEXTOID, TIMESTAMPTZOID, UUIDOID}};

Statement find_key = {R"(
  SELECT k.provider, k.key_source, k.tenant_id, k.user_id, k.status FROM @s@.byok_keys k WHERE k.key_id = $1)",
                      1,
                      {UUIDOID}};

Statement revoke_key = {R"(
  WITH of_tenant AS (UPDATE @s@.tenant_api_keys t SET is_active = false WHERE t.credential_id = $1),
       of_user AS (UPDATE @s@.user_api_keys u SET is_active = false WHERE u.credential_id = $1)
  UPDATE @s@.service_credentials c SET is_active = false, revoked_at = pg_catalog.clock_timestamp()
   WHERE c.id = $1 AND c.revoked_at IS NULL)",
                        1,
                        {UUIDOID}};

Statement record_event = {
    "INSERT INTO @s@.key_events (key_id, event, actor, detail) VALUES ($1, $2, $3, $4)",
    4,
    {UUIDOID, TEXTOID, TEXTOID, TEXTOID}};

// Three probes rather than one OR, so that each uses its index.
#define LIST_COLUMNS                                                                         \
  "SELECT k.key_id, k.provider, k.key_source, k.owner_id, k.hint, k.status, k.description, " \
  "k.created_at, k.expires_at, k.last_used_at, k.last_verified_at, k.previous_key_id FROM "  \
  "@s@.byok_keys k "

Statement list_keys = {
    "SELECT l.key_id, l.provider, l.key_source, l.owner_id,"
    "       CASE WHEN $3 OR l.key_source <> 'system_key' THEN l.hint END, l.status,"
    "       CASE WHEN $3 OR l.key_source <> 'system_key' THEN l.description END, "
    "l.created_at,"
    "       l.expires_at, l.last_used_at, l.last_verified_at, l.previous_key_id FROM (" LIST_COLUMNS
    " WHERE k.key_id IN (SELECT t.credential_id FROM @s@.tenant_api_keys t WHERE t.tenant_id = $1) "
    "UNION ALL " LIST_COLUMNS
    " WHERE k.key_id IN (SELECT u.credential_id FROM @s@.user_api_keys u WHERE u.user_id = $2) "
    "UNION ALL " LIST_COLUMNS
    " WHERE k.tenant_id IS NULL AND k.user_id IS NULL) l ORDER BY l.provider, l.created_at, "
    "l.key_id",
    3,
    {TEXTOID, TEXTOID, BOOLOID}};

Statement list_all_keys = {LIST_COLUMNS "ORDER BY k.provider, k.created_at, k.key_id", 0, {}};

Status AddStoreRow(const char* store_id, const char* kek_id, const char* check_value,
                   StoreState& store) {
  store.store_id = Uuid::Parse(store_id).value_or(Uuid());
  if (kek_id != nullptr) store.master_keys.push_back({kek_id, check_value});
  return {};
}

/// Inside an owner section; the number of rows read.
uint64 ReadStoreRows(const Extension& extension, StoreState* store) {
  Execute(read_store, extension, nullptr, false);
  const uint64 rows = SPI_processed;
  for (uint64 row = 0; row < rows; ++row) {
    const char* store_id = Column(row, 1);
    const char* kek_id = Column(row, 2);
    const char* check_value = Column(row, 3);
    RunCore([=] { return AddStoreRow(store_id, kek_id, check_value, *store); });
  }
  return rows;
}

const char* CStr(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

/// A copy that outlives SPI.
const char* Keep(MemoryContext context, const char* text) {
  return text == nullptr ? nullptr : MemoryContextStrdup(context, text);
}

void AddEvent(const Extension& extension, const Caller& caller, const char* key_id,
              const char* event, const char* detail) {
  const Parameter parameters[] = {UuidParameter(key_id), TextParameter(event),
                                  TextParameter(caller.role_name), TextParameter(detail)};
  Execute(record_event, extension, parameters, false);
}

/// Two writers of one owner and provider take turns, so the loser never meets a unique violation,
/// whose text would name the other's key.
void LockKey(const char* provider, const char* tenant, const char* user) {
  const auto or_none = [](const char* text) { return text == nullptr ? "" : text; };
  LockName(LockClass::kKey, psprintf("%s\x01%s\x01%s", provider, or_none(tenant), or_none(user)));
}

/// The id of the key that went out of use, or nullptr; palloc'd in SPI's memory.
const char* Retire(const Extension& extension, const char* provider, const char* tenant,
                   const char* user, const char* overlap) {
  LockKey(provider, tenant, user);
  const Parameter parameters[] = {TextParameter(provider), TextParameter(tenant),
                                  TextParameter(user), TextParameter(overlap)};
  Execute(retire_key, extension, parameters, false);
  return SPI_processed == 0 ? nullptr : Column(0, 1);
}

}  // namespace

void ReadStore(const Extension& extension, StoreState* store) {
  const OwnerSection section = BeginOwnerSection(extension);
  ReadStoreRows(extension, store);
  EndOwnerSection(section);
}

void OpenStore(const Extension& extension, StoreState* store) {
  const OwnerSection section = BeginOwnerSection(extension);
  if (ReadStoreRows(extension, store) == 0) {
    Execute(make_store, extension, nullptr, false);
    ReadStoreRows(extension, store);
  }
  EndOwnerSection(section);
}

Status CheckPrimary(const Keyring& keyring, const StoreState& store) {
  if (keyring.empty()) return NoMasterKey();
  const std::string id = ToHex(keyring.primary_id());
  const std::string check_value = ToHex(keyring.CheckValue(keyring.primary_id(), store.store_id));
  std::string known;
  for (const auto& row : store.master_keys) {
    if (row.kek_id == id && row.check_value == check_value) return {};
    known += (known.empty() ? "" : ", ") + row.kek_id;
  }
  if (store.master_keys.empty()) return {};
  return Status(StatusCode::kMisconfigured, "master key " + id + " is not the one of this database")
      .WithDetail("Its keys are sealed under master key " + known + ".")
      .WithHint(
          "Put the master key this database was written with back where byok.master_key_source "
          "points.");
}

void InsertKey(const Extension& extension, const Caller& caller, const NewKey& key,
               const char* description, const Parameter& expires_at, const char* overlap) {
  const char* tenant = key.tier == KeySource::kTenantByok ? CStr(key.owner) : nullptr;
  const char* user = key.tier == KeySource::kUserKey ? CStr(key.owner) : nullptr;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter master[] = {TextParameter(key.kek_id.c_str()),
                              TextParameter(key.check_value.c_str())};
  Execute(register_master_key, extension, master, false);
  const char* retired = Retire(extension, key.provider.c_str(), tenant, user, overlap);
  if (key.rotation && (retired == nullptr || *key.previous_key_id != retired)) {
    Raise(StatusCode::kInvalidArgument,
          psprintf("key \"%s\" cannot be rotated", key.previous_key_id->c_str()),
          "It was replaced or revoked meanwhile.");
  }
  const char* previous = key.previous_key_id ? key.previous_key_id->c_str() : retired;
  const Parameter parameters[] = {UuidParameter(key.key_id.c_str()),
                                  TextParameter(key.provider.c_str()),
                                  TextParameter(KeySourceName(key.tier).data()),
                                  TextParameter(tenant),
                                  TextParameter(user),
                                  TextParameter(key.origin.c_str()),
                                  ByteaParameter(key.sealed.data(), key.sealed.size()),
                                  TextParameter(key.hint.c_str()),
                                  TextParameter(description),
                                  expires_at,
                                  UuidParameter(previous)};
  Execute(insert_key, extension, parameters, false);
  AddEvent(extension, caller, key.key_id.c_str(), "stored", nullptr);
  if (retired != nullptr) {
    AddEvent(extension, caller, retired, "rotated", psprintf("replaced by %s", key.key_id.c_str()));
  }
  EndOwnerSection(section);
}

KeyRow FindKey(const Extension& extension, const char* key_id) {
  KeyRow row;
  MemoryContext result_context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {UuidParameter(key_id)};
  Execute(find_key, extension, parameters, false);
  if (SPI_processed > 0) {
    row.provider = Keep(result_context, Column(0, 1));
    row.tier = Keep(result_context, Column(0, 2));
    row.tenant_id = Keep(result_context, Column(0, 3));
    row.user_id = Keep(result_context, Column(0, 4));
    row.state = Keep(result_context, Column(0, 5));
  }
  EndOwnerSection(section);
  return row;
}

bool RevokeKey(const Extension& extension, const Caller& caller, const char* key_id,
               const char* reason) {
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {UuidParameter(key_id)};
  Execute(revoke_key, extension, parameters, false);
  const bool revoked = SPI_processed > 0;
  if (revoked) AddEvent(extension, caller, key_id, "revoked", reason);
  EndOwnerSection(section);
  return revoked;
}

void RecordKeyEvent(const Extension& extension, const Caller& caller, const char* key_id,
                    const char* event, const char* detail) {
  const OwnerSection section = BeginOwnerSection(extension);
  AddEvent(extension, caller, key_id, event, detail);
  EndOwnerSection(section);
}

void ListKeys(FunctionCallInfo fcinfo, const Extension& extension, const Identity& who, bool all,
              bool show_platform_hints) {
  InitMaterializedSRF(fcinfo, 0);
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {TextParameter(who.tenant_id), TextParameter(who.user_id),
                                  BoolParameter(show_platform_hints)};
  Execute(all ? list_all_keys : list_keys, extension, parameters, false);
  for (uint64 row = 0; row < SPI_processed; ++row) {
    tuplestore_puttuple(result->setResult, SPI_tuptable->vals[row]);
  }
  EndOwnerSection(section);
}

}  // namespace byok::pg
