#include "pg/master_key_source.hpp"

#include <string>

#include "pg/environment.hpp"

namespace byok::pg {
namespace {

constexpr std::string_view kEnv = "env:";
constexpr std::string_view kFile = "file:";

Result<Keyring> FromEnvironment(const std::string& variable) {
  const auto value = EnvironmentSecret(variable);
  if (!value) return Keyring();
  auto keyring = Keyring::Parse(value->Reveal());
  if (!keyring.ok()) return keyring;
  if (const auto previous = EnvironmentSecret(variable + "_PREVIOUS")) {
    if (Status status = keyring->AddPrevious(previous->Reveal()); !status.ok()) return status;
  }
  return keyring;
}

}  // namespace

Result<Keyring> LoadKeyring(const char* source, const char* data_directory) {
  const std::string_view text(source);
  if (text.starts_with(kEnv)) return FromEnvironment(std::string(text.substr(kEnv.size())));
  if (text.starts_with(kFile)) {
    auto contents =
        ReadSecretFile(std::string(text.substr(kFile.size())), data_directory, "master key file");
    if (!contents.ok()) return contents.status();
    return Keyring::Parse(contents->Reveal());
  }
  return Status(StatusCode::kMisconfigured, "byok.master_key_source is malformed")
      .WithHint("Use env:VARIABLE or file:/absolute/path.");
}

}  // namespace byok::pg
