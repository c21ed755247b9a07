#include "pg/entry.hpp"
#include "pg/environment.hpp"
#include "pg/guc.hpp"
#include "pg/log_hygiene.hpp"
#include "pg/raise.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

extern "C" void _PG_init(void) {
  byok::pg::DefineSettings();
  byok::pg::InstallLogHygiene();
  byok::pg::RunCore([] {
    byok::pg::CaptureEnvironment(byok::pg::settings.master_key_source,
                                 byok::pg::settings.system_key_env);
    return byok::Status();
  });
}
