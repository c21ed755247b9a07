#include "pg/guc.hpp"

#include "pg/pg.hpp"

namespace byok::pg {

Settings settings;

namespace {

const config_enum_entry kUnknownPrices[] = {
    {"refuse", kRefuse, false}, {"estimate", kEstimate, false}, {nullptr, 0, false}};

struct StringSetting {
  const char* name;
  const char* description;
  const char* detail;
  char** variable;
  const char* initial;
  GucContext context;
};

// Alphabetical. None is USERSET: each one decides where keys come from or go to.
const StringSetting kStrings[] = {
    {"byok.ca_file",
     "Sets the PEM file of certificate authorities that providers are verified with.",
     "Empty means the system's bundle.", &settings.ca_file, "", PGC_SUSET},
    {"byok.env_file", "Sets a .env file with platform keys, read after the server's environment.",
     "Must belong to the server's user with mode 0600 or stricter.", &settings.env_file, "",
     PGC_SUSET},
    {"byok.master_key_source", "Sets where the master key comes from.",
     "env:VARIABLE or file:/absolute/path.", &settings.master_key_source,
     "env:KEYRING_ENCRYPTION_KEY", PGC_SIGHUP},
    {"byok.system_key_env", "Sets the environment variables that hold the platform's keys.",
     "provider=VARIABLE, separated by commas.", &settings.system_key_env,
     "openai=OPENAI_API_KEY,anthropic=ANTHROPIC_API_KEY,deepseek=DEEPSEEK_API_KEY", PGC_SIGHUP},
    {"byok.system_key_origins", "Sets further origins that keys of the environment may be sent to.",
     "scheme://host:port, separated by commas; a provider's built-in origin is always allowed.",
     &settings.system_key_origins, "", PGC_SUSET},
};

}  // namespace

void DefineSettings() {
  for (const StringSetting& setting : kStrings) {
    DefineCustomStringVariable(setting.name, setting.description, setting.detail, setting.variable,
                               setting.initial, setting.context, GUC_SUPERUSER_ONLY, nullptr,
                               nullptr, nullptr);
  }
  DefineCustomEnumVariable("byok.unknown_price",
                           "Sets what happens to a platform-paid call whose price is not known.",
                           nullptr, &settings.unknown_price, kRefuse, kUnknownPrices, PGC_SUSET, 0,
                           nullptr, nullptr, nullptr);
  MarkGUCPrefixReserved("byok");
}

}  // namespace byok::pg
