#include "pg/entry.hpp"
#include "pg/environment.hpp"
#include "pg/guc.hpp"
#include "pg/log_hygiene.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"
#include "pg/router_launcher.hpp"

extern "C" {
PG_MODULE_MAGIC;
// The server looks for exactly this name.
PGDLLEXPORT void _PG_init(void);  // NOLINT(bugprone-reserved-identifier)
}

extern "C" void _PG_init(void) {  // NOLINT(bugprone-reserved-identifier)
  byok::pg::DefineSettings();
  byok::pg::InstallLogHygiene();
  byok::pg::RunCore([] {
    byok::pg::CaptureEnvironment(byok::pg::settings.master_key_source,
                                 byok::pg::settings.system_key_env);
    return byok::Status();
  });
  if (process_shared_preload_libraries_in_progress) byok::pg::InstallLauncher();
}
