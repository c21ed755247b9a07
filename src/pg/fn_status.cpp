// The SQL surface of the extension itself: byok_version, byok_status, the check behind the
// providers table.

#include <cstring>

#include "base/json.hpp"
#include "http/header_rules.hpp"
#include "http/origin.hpp"
#include "router/provider.hpp"

#include "pg/credential_table.hpp"
#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/guc.hpp"
#include "pg/key_access.hpp"
#include "pg/master_key_source.hpp"
#include "pg/owned.hpp"
#include "pg/router_figures.hpp"

namespace byok::pg {
namespace {

Statement sql_version = {
    "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'byok'", 0, {}};

Statement count_keys = {R"(
  SELECT k.key_source, k.status, pg_catalog.count(*) FROM @s@.byok_keys k GROUP BY 1, 2 ORDER BY 1, 2)",
                        0,
                        {}};

const char* SqlVersion(const Extension& extension) {
  MemoryContext result_context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  Execute(sql_version, extension, nullptr, false);
  const char* version =
      SPI_processed == 0 ? "none" : MemoryContextStrdup(result_context, Column(0, 1));
  EndOwnerSection(section);
  return version;
}

/// What byok_status collects from the database.
struct StatusFacts {
  StoreState store;
  LoadedKeys keys;
  Json counts = Json::MakeObject();
  int router_pid = 0;  ///< 0: none runs
  RouterFigures router{};
  std::string json;
};

void ReadFacts(const Extension& extension, StatusFacts* facts) {
  ReadStore(extension, &facts->store);
  if (!ReadFigures(&facts->router, &facts->router_pid)) facts->router_pid = 0;
  const OwnerSection section = BeginOwnerSection(extension);
  Execute(count_keys, extension, nullptr, false);
  for (uint64 row = 0; row < SPI_processed; ++row) {
    const char *source = Column(row, 1), *status = Column(row, 2), *count = Column(row, 3);
    RunCore([=] {
      facts->counts.Set(std::string(source) + " " + status, Json::Number(count));
      return Status();
    });
  }
  EndOwnerSection(section);
  LoadProviders(extension, nullptr, {.user_id = "", .tenant_id = nullptr}, &facts->keys);
}

Json MasterKeyStatus(const StatusFacts& facts) {
  Json json = Json::MakeObject().Set("source", settings.master_key_source);
  auto keyring = LoadKeyring(settings.master_key_source, DataDir);
  const Status status = keyring.ok() ? CheckPrimary(*keyring, facts.store) : keyring.status();
  if (keyring.ok() && !keyring->empty()) json.Set("kek_id", ToHex(keyring->primary_id()));
  json.Set("ready", status.ok());
  if (!status.ok()) json.Set("problem", status.message());
  return json;
}

/// Where each provider's platform key would come from.
Json PlatformKeyStatus(StatusFacts& facts) {
  Json json = Json::MakeObject();
  const Status status = AddEnvironmentKeys(CurrentEnvironment(), facts.keys);
  for (const LoadedProvider& provider : facts.keys.providers) {
    KeyChoice choice = VaultBridge::GetKey({}, provider.candidates, PlatformKeys::kMissingOnly);
    json.Set(provider.config.name, !choice.key ? choice.passed_over.back().reason
                                   : choice.key->record
                                       ? "keyring"
                                       : "environment variable " + choice.key->variable);
  }
  if (!status.ok()) json.Set("problem", status.message());
  return json;
}

Json RouterStatus(const StatusFacts& facts) {
  Json json = Json::MakeObject().Set("running", facts.router_pid != 0);
  if (facts.router_pid == 0) return json;
  json.Set("pid", facts.router_pid);
  json.Set("in_flight", std::int64_t{facts.router.in_flight});
  json.Set("unsettled", std::int64_t{facts.router.unsettled});
  return json;
}

Status WriteStatus(const char* sql_version_text, bool preloaded, StatusFacts& facts) {
  Json json = Json::MakeObject();
  json.Set("version", BYOK_VERSION);
  json.Set("sql_version", sql_version_text);
  json.Set("preloaded", preloaded);
  json.Set("master_key", MasterKeyStatus(facts));
  json.Set("platform_keys", PlatformKeyStatus(facts));
  json.Set("stored_keys", facts.counts);
  json.Set("router", RouterStatus(facts));
  json.Set("unknown_price", settings.unknown_price == kEstimate ? "estimate" : "refuse");
  facts.json = json.Dump();
  return {};
}

Status CheckTextMembers(const char* column, const Json& object) {
  for (const auto& [name, value] : object.Members()) {
    if (!value.IsString()) {
      return Status::InvalidArgument(std::string(column) + " member \"" + name +
                                     "\" must be a string");
    }
  }
  return object.IsObject()
             ? Status()
             : Status::InvalidArgument(std::string(column) + " must be a JSON object");
}

Status CheckHeader(const std::string& column, const std::string& name, const std::string& value) {
  if (!http::IsSafeHeader(name, value)) {
    return Status::InvalidArgument(column + " header \"" + name + "\" is malformed")
        .WithHint("Names are tokens, values visible ASCII characters.");
  }
  if (http::IsReservedHeader(name)) {
    return Status::InvalidArgument(column + " header \"" + name + "\" is reserved")
        .WithDetail("It belongs to the transport: framing, routing and connection.");
  }
  return {};
}

/// Further headers: none that is the transport's, the dialect's or carries a key.
Status CheckHeaders(const Json& headers, const Json& auth) {
  if (Status status = CheckTextMembers("headers", headers); !status.ok()) return status;
  for (const auto& [name, value] : headers.Members()) {
    if (Status status = CheckHeader("headers", name, *value.AsString()); !status.ok())
      return status;
    const std::string key_header = *auth["header"].AsString();
    for (const std::string_view taken :
         {std::string_view("authorization"), std::string_view("x-api-key"),
          std::string_view("content-type"), std::string_view(key_header)}) {
      if (http::SameHeaderName(name, taken)) {
        return Status::InvalidArgument("headers header \"" + name + "\" is reserved")
            .WithDetail("The key's header is set by auth, the content's by the dialect.");
      }
    }
  }
  return {};
}

Status CheckAuth(const Json& auth) {
  if (Status status = CheckTextMembers("auth", auth); !status.ok()) return status;
  for (const auto& [name, value] : auth.Members()) {
    if (name != "header" && name != "prefix") {
      return Status::InvalidArgument("auth member \"" + name + "\" is not known")
          .WithHint("auth is {\"header\": …, \"prefix\": …}.");
    }
  }
  if (auth["header"].AsString().value_or("").empty()) {
    return Status::InvalidArgument("auth must name the header that carries the key");
  }
  return CheckHeader("auth", *auth["header"].AsString(), auth["prefix"].AsString().value_or(""));
}

Status CheckProvider(const char* dialect, const char* base_url, const char* auth,
                     const char* headers, bool allow_private) {
  if (FindDialect(dialect) == nullptr) {
    return Status::InvalidArgument("dialect \"" + std::string(dialect) + "\" is not known")
        .WithHint("Known dialects are " + DialectNames() + ".");
  }
  auto origin = http::OriginOf(base_url);
  if (!origin.ok()) return origin.status();
  if (!http::SchemeAllowed(*origin, allow_private)) {
    return Status::InvalidArgument("base_url must begin with https://")
        .WithHint("Only a superuser may set allow_private for a plain http or private address.");
  }
  const auto auth_json = Json::Parse(auth);
  const auto headers_json = Json::Parse(headers);
  if (!auth_json.ok()) return auth_json.status();
  if (!headers_json.ok()) return headers_json.status();
  if (Status status = CheckAuth(*auth_json); !status.ok()) return status;
  return CheckHeaders(*headers_json, *auth_json);
}

}  // namespace

BYOK_SQL_FUNCTION(byok_version) {
  const char* sql = SqlVersion(ExtensionOf(fcinfo));
  if (strcmp(sql, BYOK_VERSION) == 0) return TextResult(sql);
  return TextResult(psprintf("library %s, SQL objects %s", BYOK_VERSION, sql));
}

BYOK_SQL_FUNCTION(byok_status) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAuditor | kKeyAdmin | kBillingAdmin | kAdmin,
                    "see the status of pg_byok");
  auto* facts = NewInContext<StatusFacts>(CurrentMemoryContext);
  ReadFacts(extension, facts);
  const char* sql = SqlVersion(extension);
  const char* preloaded = GetConfigOption("shared_preload_libraries", true, false);
  const bool is_preloaded = preloaded != nullptr && strstr(preloaded, "byok") != nullptr;
  RunCore([=] { return WriteStatus(sql, is_preloaded, *facts); });
  return JsonbResult(facts->json.c_str());
}

BYOK_SQL_FUNCTION(byok_check_provider) {
  const char* dialect = RequiredText(fcinfo, 0, "dialect");
  const char* base_url = RequiredText(fcinfo, 1, "base_url");
  const char* auth = JsonArgument(fcinfo, 2);
  const char* headers = JsonArgument(fcinfo, 3);
  const bool allow_private = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
  if (allow_private && !superuser()) {
    Raise(StatusCode::kPermissionDenied, "permission denied to set allow_private", nullptr,
          "Only a superuser may let requests go to plain http or private addresses.");
  }
  RunCore([=] {
    return CheckProvider(dialect, base_url, auth == nullptr ? "null" : auth,
                         headers == nullptr ? "null" : headers, allow_private);
  });
  PG_RETURN_VOID();
}

}  // namespace byok::pg
