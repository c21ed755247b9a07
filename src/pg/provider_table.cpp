#include "pg/provider_table.hpp"

#include <algorithm>
#include <cstring>

#include "base/json.hpp"
#include "http/origin.hpp"

#include "pg/raise.hpp"

namespace byok::pg {
namespace {

// The columns every statement here yields, in this order (see ReadRow).
#define PROVIDER_COLUMNS                                                                    \
  "p.name, p.dialect, p.base_url, p.default_model, p.auth, p.headers, p.max_tokens_field, " \
  "p.verify_path, p.connect_timeout_ms, p.max_retries, p.allow_private, p.position, "       \
  "p.max_in_flight, "
#define KEY_COLUMNS                                                                            \
  "k.tier, k.id, k.generation, k.tenant_id, k.user_id, k.origin, pg_catalog.encode(k.sealed, " \
  "'hex'), k.hint, "                                                                           \
  "CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked'"                                          \
  "     WHEN k.id IS NULL THEN NULL"                                                           \
  "     WHEN NOT k.is_active THEN 'retired'"                                                   \
  "     WHEN k.expires_at <= pg_catalog.statement_timestamp() THEN 'expired'"                  \
  "     ELSE 'active' END,"                                                                    \
  "pg_catalog.to_char(coalesce(k.revoked_at, k.expires_at), 'YYYY-MM-DD'),"                    \
  "(SELECT s.store_id FROM @s@.key_store s) "

enum ColumnOf {
  kName = 1,
  kDialect,
  kBaseUrl,
  kModel,
  kAuth,
  kHeaders,
  kTokenField,
  kVerifyPath,
  kConnectTimeout,
  kMaxRetries,
  kAllowPrivate,
  kPosition,
  kMaxInFlight,
  kTier,
  kId,
  kGeneration,
  kTenantId,
  kUserId,
  kOrigin,
  kSealed,
  kHint,
  kState,
  kSince,
  kStoreId,
  kColumnCount = kStoreId
};

// One probe per tier; each is an index scan of one row whatever the number of keys.
Statement load_providers = {"SELECT " PROVIDER_COLUMNS KEY_COLUMNS R"(
       FROM @s@.providers p
       LEFT JOIN LATERAL (
         (SELECT c.* FROM @s@.tenant_api_keys t JOIN @s@.service_credentials c ON c.id = t.credential_id
           WHERE t.tenant_id = $2 AND t.provider = p.name
           ORDER BY t.is_active DESC, t.created_at DESC LIMIT 1)
         UNION ALL
         (SELECT c.* FROM @s@.user_api_keys u JOIN @s@.service_credentials c ON c.id = u.credential_id
           WHERE u.user_id = $3 AND u.provider = p.name
           ORDER BY u.is_active DESC, u.created_at DESC LIMIT 1)
         UNION ALL
         (SELECT c.* FROM @s@.service_credentials c
           WHERE c.service_name = p.name AND c.tenant_id IS NULL AND c.user_id IS NULL
           ORDER BY c.is_active DESC, c.created_at DESC LIMIT 1)) k ON true
      WHERE p.enabled AND CASE WHEN $1 IS NULL THEN p.by_default ELSE p.name = ANY ($1) END
      ORDER BY p.position, p.name)",
                            3,
                            {TEXTARRAYOID, TEXTOID, TEXTOID}};

Statement load_key_by_id = {"SELECT " PROVIDER_COLUMNS KEY_COLUMNS R"(
       FROM @s@.service_credentials k JOIN @s@.providers p ON p.name = k.service_name
      WHERE k.id = $1)",
                            1,
                            {UUIDOID}};

Statement load_provider = {"SELECT " PROVIDER_COLUMNS KEY_COLUMNS R"(
       FROM @s@.providers p LEFT JOIN @s@.service_credentials k ON false
      WHERE p.name = $1)",
                           1,
                           {TEXTOID}};

Statement provider_names = {
    R"(SELECT pg_catalog.string_agg('"' || p.name || '"', ', ' ORDER BY p.position, p.name)
         FROM @s@.providers p WHERE p.enabled)",
    0,
    {}};

/// One row as the server gives it: texts in SPI's memory.
struct Row {
  const char* column[kColumnCount + 1];
  const char* operator[](int index) const { return column[index]; }
  [[nodiscard]] std::string Text(int index) const {
    return column[index] == nullptr ? std::string() : column[index];
  }
  [[nodiscard]] std::optional<std::string> Optional(int index) const {
    return column[index] == nullptr ? std::nullopt : std::optional<std::string>(column[index]);
  }
};

int Integer(const char* text) {
  return static_cast<int>(std::strtol(text, nullptr, 10));
}

CandidateState StateOf(std::string_view name) {
  if (name == "expired") return CandidateState::kExpired;
  if (name == "revoked") return CandidateState::kRevoked;
  return name == "retired" ? CandidateState::kRetired : CandidateState::kActive;
}

Candidate CandidateOf(const Row& row) {
  Candidate::Record record;
  record.key_id = Uuid::Parse(row.Text(kId)).value_or(Uuid());
  record.generation = std::strtoull(row[kGeneration], nullptr, 10);
  record.tenant_id = row.Optional(kTenantId);
  record.user_id = row.Optional(kUserId);
  record.origin = row.Text(kOrigin);
  record.sealed = FromHex(row[kSealed]).value_or(Bytes());
  return {.source = ParseKeySource(row[kTier]).value_or(KeySource::kSystemKey),
          .state = StateOf(row[kState]),
          .since = row.Text(kSince),
          .hint = row.Text(kHint),
          .record = std::move(record),
          .variable = {}};
}

/// auth and headers were checked when the row was written; a member of another type reads as
/// absent.
void ReadHeaders(const Row& row, ProviderConfig& config) {
  if (const auto auth = Json::Parse(row[kAuth]); auth.ok()) {
    config.auth_header = (*auth)["header"].AsString().value_or("Authorization");
    config.auth_prefix = (*auth)["prefix"].AsString().value_or("");
  }
  if (const auto headers = Json::Parse(row[kHeaders]); headers.ok()) {
    for (const auto& [name, value] : headers->Members()) {
      config.extra_headers.emplace_back(name, value.AsString().value_or(""));
    }
  }
}

LoadedProvider ProviderOf(const Row& row) {
  LoadedProvider loaded;
  ProviderConfig& config = loaded.config;
  config.name = row.Text(kName);
  config.dialect = row.Text(kDialect);
  config.base_url = row.Text(kBaseUrl);
  config.model = row.Text(kModel);
  config.max_tokens_field = row.Text(kTokenField);
  config.verify_path = row.Text(kVerifyPath);
  config.connect_timeout = http::Milliseconds(Integer(row[kConnectTimeout]));
  config.max_retries = Integer(row[kMaxRetries]);
  config.allow_private = row.Text(kAllowPrivate) == "t";
  config.position = Integer(row[kPosition]);
  config.max_in_flight = static_cast<std::size_t>(Integer(row[kMaxInFlight]));
  ReadHeaders(row, config);
  return loaded;
}

Status AddRow(const Row& row, LoadedKeys& keys) {
  if (keys.providers.empty() || keys.providers.back().config.name != row[kName]) {
    LoadedProvider loaded = ProviderOf(row);
    auto origin = http::OriginOf(loaded.config.base_url);
    if (!origin.ok()) return origin.status();
    loaded.origin = *std::move(origin);
    keys.providers.push_back(std::move(loaded));
  }
  if (row[kId] != nullptr) keys.providers.back().candidates.push_back(CandidateOf(row));
  if (row[kStoreId] != nullptr) keys.store_id = Uuid::Parse(row[kStoreId]).value_or(Uuid());
  return {};
}

/// Runs one of the statements above and adds its rows.
void Read(Statement& statement, const Extension& extension, const Parameter* parameters,
          LoadedKeys* keys) {
  const OwnerSection section = BeginOwnerSection(extension);
  Execute(statement, extension, parameters, false);
  for (uint64 i = 0; i < SPI_processed; ++i) {
    Row row;
    for (int column = 1; column <= kColumnCount; ++column) row.column[column] = Column(i, column);
    RunCore([&row, keys] { return AddRow(row, *keys); });
  }
  EndOwnerSection(section);
}

[[noreturn]] void RaiseUnknownProvider(const Extension& extension, const char* name) {
  // The error ends the section.
  BeginOwnerSection(extension);
  Execute(provider_names, extension, nullptr, false);
  const char* known = Column(0, 1);
  Raise(StatusCode::kInvalidArgument, psprintf("provider \"%s\" is not known", name), nullptr,
        known == nullptr ? "No provider is enabled." : psprintf("Known providers are %s.", known));
}

/// 22023 for the first name that was not loaded; its HINT lists the known ones.
void RequireLoaded(const Extension& extension, const std::vector<std::string>& names,
                   const LoadedKeys& keys) {
  for (const std::string& name : names) {
    const bool loaded =
        std::any_of(keys.providers.begin(), keys.providers.end(),
                    [&name](const LoadedProvider& p) { return p.config.name == name; });
    if (!loaded) RaiseUnknownProvider(extension, name.c_str());
  }
}

}  // namespace

void LoadKnownProviders(const Extension& extension, const std::vector<std::string>* names,
                        const Identity& asker, LoadedKeys* keys) {
  Parameter parameters[] = {{}, TextParameter(asker.tenant_id), TextParameter(asker.user_id)};
  if (names != nullptr) {
    auto** texts = static_cast<const char**>(palloc(sizeof(char*) * names->size()));
    for (size_t i = 0; i < names->size(); ++i) texts[i] = (*names)[i].c_str();
    parameters[0] = TextArrayParameter(texts, static_cast<int>(names->size()));
  }
  Read(load_providers, extension, parameters, keys);
}

void LoadKeyById(const Extension& extension, const char* key_id, LoadedKeys* keys) {
  const Parameter parameters[] = {UuidParameter(key_id)};
  Read(load_key_by_id, extension, parameters, keys);
}

void LoadProvider(const Extension& extension, const char* name, LoadedKeys* keys) {
  const Parameter parameters[] = {TextParameter(name)};
  Read(load_provider, extension, parameters, keys);
  if (keys->providers.empty()) RaiseUnknownProvider(extension, name);
}

void LoadProviders(const Extension& extension, const std::vector<std::string>* names,
                   const Identity& asker, LoadedKeys* keys) {
  LoadKnownProviders(extension, names, asker, keys);
  if (names != nullptr) RequireLoaded(extension, *names, *keys);
}

}  // namespace byok::pg
