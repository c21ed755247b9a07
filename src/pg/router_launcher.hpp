#pragma once

namespace byok::pg {

/// With the library in shared_preload_libraries: reserves the directory's memory and registers a
/// worker that starts, once after each start of the server, the router of every database, so that
/// queued work resumes and calls cut off by a crash are settled without waiting for a caller. A
/// router of a database without the extension ends at once.
void InstallLauncher();

}  // namespace byok::pg
