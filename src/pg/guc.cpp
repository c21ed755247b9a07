#include "pg/guc.hpp"

#include <climits>

#include "base/usd.hpp"

#include "pg/pg.hpp"

namespace byok::pg {

Settings settings;

namespace {

const config_enum_entry kCancelPolicies[] = {
    {"finish", kFinish, false}, {"charge_input", kChargeInput, false}, {nullptr, 0, false}};
const config_enum_entry kChargePolicies[] = {{"answered_legs", kAnsweredLegs, false},
                                             {"consensus_only", kConsensusOnly, false},
                                             {nullptr, 0, false}};
const config_enum_entry kPayers[] = {
    {"tenant_first", kTenantFirst, false}, {"user", kUserPays, false}, {nullptr, 0, false}};
const config_enum_entry kUnknownPrices[] = {
    {"refuse", kRefuse, false}, {"estimate", kEstimate, false}, {nullptr, 0, false}};

struct EnumSetting {
  const char* name;
  const char* description;
  const char* detail;
  int* variable;
  int initial;
  const config_enum_entry* values;
  GucContext context;
};

const EnumSetting kEnums[] = {
    {"byok.cancel_policy", "Sets what becomes of calls that were sent when their caller goes.",
     "finish completes and bills them; charge_input ends them and charges their input.",
     &settings.cancel_policy, kFinish, kCancelPolicies, PGC_SIGHUP},
    {"byok.charge_policy", "Sets for which answers users are charged.",
     "consensus_only charges nothing for a query with fewer than two answers.",
     &settings.charge_policy, kAnsweredLegs, kChargePolicies, PGC_SIGHUP},
    {"byok.payer", "Sets whose account a query with a tenant is charged to.",
     "tenant_first means the tenant's if it has one.", &settings.payer, kTenantFirst, kPayers,
     PGC_SIGHUP},
    {"byok.unknown_price", "Sets what happens to a platform-paid call whose price is not known.",
     nullptr, &settings.unknown_price, kRefuse, kUnknownPrices, PGC_SUSET},
};

/// A decimal that numeric(20,12) holds, not negative.
bool CheckAmount(char** value, void** /*extra*/, GucSource /*source*/) {
  const auto amount = Usd::Parse(*value);
  return amount && *amount >= Usd();
}

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
     "Empty means the system's bundle.", &settings.ca_file, "", PGC_SIGHUP},
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

struct IntegerSetting {
  const char* name;
  const char* description;
  const char* detail;
  int* variable;
  int initial, least, most;
  int flags;
};

const IntegerSetting kIntegers[] = {
    {"byok.max_in_flight",
     "Sets how many running requests keep the router from taking more out of the queue.",
     "Callers who wait are always served at once.", &settings.max_in_flight, 4000, 1, 100'000, 0},
    {"byok.result_retention", "Sets how long prompts and results of submitted requests are kept.",
     "Ids, counts and money stay.", &settings.result_retention, 7 * 86'400, 60, INT_MAX,
     GUC_UNIT_S},
    {"byok.router_idle_timeout", "Sets how long a router without work stays.", nullptr,
     &settings.router_idle_timeout, 60, 1, 86'400, GUC_UNIT_S},
};

}  // namespace

void DefineSettings() {
  for (const StringSetting& setting : kStrings) {
    DefineCustomStringVariable(setting.name, setting.description, setting.detail, setting.variable,
                               setting.initial, setting.context, GUC_SUPERUSER_ONLY, nullptr,
                               nullptr, nullptr);
  }
  for (const IntegerSetting& setting : kIntegers) {
    DefineCustomIntVariable(setting.name, setting.description, setting.detail, setting.variable,
                            setting.initial, setting.least, setting.most, PGC_SIGHUP, setting.flags,
                            nullptr, nullptr, nullptr);
  }
  DefineCustomBoolVariable("byok.router_synchronous_commit",
                           "Makes the router wait for the disk before a call is sent or answered.",
                           "Off, a crash of the server can lose the bills of its last moments.",
                           &settings.router_synchronous_commit, true, PGC_SIGHUP,
                           GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  for (const EnumSetting& setting : kEnums) {
    DefineCustomEnumVariable(setting.name, setting.description, setting.detail, setting.variable,
                             setting.initial, setting.values, setting.context, 0, nullptr, nullptr,
                             nullptr);
  }
  DefineCustomStringVariable(
      "byok.min_charge_usd", "Sets the least a query with a platform-paid answer is charged.",
      nullptr, &settings.min_charge_usd, "0", PGC_SIGHUP, 0, CheckAmount, nullptr, nullptr);
  MarkGUCPrefixReserved("byok");
}

}  // namespace byok::pg
