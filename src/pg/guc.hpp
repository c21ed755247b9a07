#pragma once

namespace byok::pg {

/// The byok.* settings; strings are never null. docs/reference.md describes each.
struct Settings {
  char* ca_file;
  int cancel_policy;  ///< CancelPolicy
  int charge_policy;  ///< ChargePolicy
  char* env_file;
  char* master_key_source;
  int max_in_flight;  ///< requests
  char* min_charge_usd;
  int payer;                ///< PayerPolicy
  int result_retention;     ///< seconds
  int router_idle_timeout;  ///< seconds
  bool router_synchronous_commit;
  char* system_key_env;
  char* system_key_origins;
  int unknown_price;  ///< UnknownPrice
};
enum CancelPolicy { kFinish, kChargeInput };
enum ChargePolicy { kAnsweredLegs, kConsensusOnly };
enum PayerPolicy { kTenantFirst, kUserPays };
enum UnknownPrice { kRefuse, kEstimate };

extern Settings settings;

void DefineSettings();

}  // namespace byok::pg
