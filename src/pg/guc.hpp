#pragma once

namespace byok::pg {

/// The byok.* settings; strings are never null. docs/reference.md describes each.
struct Settings {
  char* ca_file;
  char* env_file;
  char* master_key_source;
  int max_in_flight;        ///< requests
  int result_retention;     ///< seconds
  int router_idle_timeout;  ///< seconds
  bool router_synchronous_commit;
  char* system_key_env;
  char* system_key_origins;
  int unknown_price;  ///< UnknownPrice
};
enum UnknownPrice { kRefuse, kEstimate };

extern Settings settings;

void DefineSettings();

}  // namespace byok::pg
