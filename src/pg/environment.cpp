#include "pg/environment.hpp"

#include <climits>
#include <cstdlib>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.hpp"

// No server header here: plain POSIX, so that values with destructors are safe.

namespace byok::pg {
namespace {

constexpr std::size_t kMaxSecretFile = 65'536;

/// What libcurl and OpenSSL would take from the environment (SECURITY.md).
constexpr const char* kSteering[] = {
    "http_proxy", "HTTP_PROXY",    "https_proxy", "HTTPS_PROXY",   "all_proxy",
    "ALL_PROXY",  "no_proxy",      "NO_PROXY",    "SSLKEYLOGFILE", "CURL_CA_BUNDLE",
    "NETRC",      "SSL_CERT_FILE", "SSL_CERT_DIR"};

std::map<std::string, Secret>& Captured() {
  static auto* const captured = new std::map<std::string, Secret>;  // lives as long as the process
  return *captured;
}

void Capture(const std::string& name) {
  char* value = getenv(name.c_str());
  if (value == nullptr) return;
  const std::string_view text(value);
  if (!text.empty()) Captured()[name] = Secret::CopyOf(text);
  Wipe(value, text.size());
  unsetenv(name.c_str());
}

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int opened) : fd(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }

  const int fd;
};

bool IsInside(const std::string& path, const std::string& directory) {
  char real_path[PATH_MAX];
  char real_directory[PATH_MAX];
  if (realpath(path.c_str(), real_path) == nullptr) return false;
  if (realpath(directory.c_str(), real_directory) == nullptr) return false;
  return std::string_view(real_path).starts_with(std::string(real_directory) + "/");
}

bool ModeIsSafe(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return false;
  if (info.st_uid == geteuid()) return (info.st_mode & 0177) == 0;
  return info.st_uid == 0 && (info.st_mode & 0137) == 0;
}

Status Unusable(const std::string& what, const std::string& path, std::string why) {
  return Status(StatusCode::kMisconfigured, what + " \"" + path + "\" cannot be used")
      .WithDetail(std::move(why));
}

}  // namespace

void CaptureEnvironment(const char* master_key_source, const char* system_key_env) {
  for (const char* name : kSteering) unsetenv(name);
  constexpr std::string_view kEnv = "env:";
  if (const std::string_view source(master_key_source); source.starts_with(kEnv)) {
    const std::string name(source.substr(kEnv.size()));
    Capture(name);
    Capture(name + "_PREVIOUS");
  }
  std::string_view mapping(system_key_env);
  while (!mapping.empty()) {
    const std::string_view entry = mapping.substr(0, mapping.find(','));
    mapping.remove_prefix(std::min(mapping.size(), entry.size() + 1));
    if (const std::size_t equals = entry.find('='); equals != std::string_view::npos) {
      Capture(std::string(entry.substr(equals + 1)));
    }
  }
}

std::optional<Secret> EnvironmentSecret(const std::string& name) {
  Capture(name);
  const auto found = Captured().find(name);
  return found == Captured().end() ? std::nullopt : std::optional(found->second.Clone());
}

Result<Secret> ReadSecretFile(const std::string& path, const std::string& data_directory,
                              const std::string& what) {
  if (!path.starts_with('/')) return Unusable(what, path, "The path is not absolute.");
  if (IsInside(path, data_directory)) {
    return Unusable(what, path,
                    "The file lies in the data directory, so every base backup would carry it.");
  }
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info = {};
  if (file.fd < 0 || fstat(file.fd, &info) != 0) {
    return Unusable(what, path, "The file cannot be opened by the server.");
  }
  if (!ModeIsSafe(info)) {
    return Unusable(what, path,
                    "It must be a regular file of the server's user with mode 0600 or stricter, "
                    "or of root with mode 0640 or stricter.");
  }
  if (static_cast<std::size_t>(info.st_size) > kMaxSecretFile) {
    return Unusable(what, path, "The file is longer than 64 kB.");
  }
  Secret text(static_cast<std::size_t>(info.st_size));
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = read(file.fd, text.mutable_bytes().data() + filled, text.size() - filled);
    if (got <= 0) return Unusable(what, path, "The file could not be read.");
    filled += static_cast<std::size_t>(got);
  }
  return text;
}

}  // namespace byok::pg
