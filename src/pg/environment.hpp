#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace byok::pg {

/// At library load: takes the secrets of the server's environment into wiped memory and removes
/// them, with every variable that could steer or spy on libcurl and OpenSSL, from this process's
/// environment.
void CaptureEnvironment(const char* master_key_source, const char* system_key_env);

/// The value of a secret variable, captured at load or now; nothing when unset or empty.
std::optional<Secret> EnvironmentSecret(const std::string& name);

/// A secret file's text. Refuses (55000) anything but a regular file of the server's user with mode
/// 0600 or stricter, or of root with 0640 or stricter, and any file inside `data_directory`; `what`
/// names the setting.
Result<Secret> ReadSecretFile(const std::string& path, const std::string& data_directory,
                              const std::string& what);

}  // namespace byok::pg
