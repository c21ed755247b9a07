#include "pg/key_access.hpp"

#include <algorithm>
#include <utility>

#include "vault/environment_keys.hpp"

#include "pg/environment.hpp"
#include "pg/guc.hpp"

namespace byok::pg {
namespace {

constexpr std::pair<std::string_view, std::string_view> kBuiltinOrigins[] = {
    {"openai", "https://api.openai.com:443"},
    {"anthropic", "https://api.anthropic.com:443"},
    {"deepseek", "https://api.deepseek.com:443"},
};

bool Lists(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
    if (entry == item) return true;
  }
  return false;
}

bool OriginAllowed(const EnvironmentPolicy& policy, const LoadedProvider& provider) {
  for (const auto& [name, origin] : kBuiltinOrigins) {
    if (name == provider.config.name && origin == provider.origin) return true;
  }
  return Lists(policy.origins, provider.origin);
}

/// The environment first, then the .env file.
Result<Secret> FindKey(const EnvironmentPolicy& policy, const std::string& variable) {
  if (auto value = EnvironmentSecret(variable)) return *std::move(value);
  if (policy.env_file.empty()) return Secret();
  auto text = ReadSecretFile(policy.env_file, policy.data_directory, "byok.env_file");
  if (!text.ok()) return text.status();
  auto value = ValueInEnvFile(text->Reveal(), variable);
  return value ? *std::move(value) : Secret();
}

bool HasActivePlatformKey(const LoadedProvider& provider) {
  return std::any_of(
      provider.candidates.begin(), provider.candidates.end(), [](const Candidate& c) {
        return c.source == KeySource::kSystemKey && c.state == CandidateState::kActive;
      });
}

Status AddEnvironmentKey(const EnvironmentPolicy& policy, LoadedProvider& provider) {
  const auto variable = EnvironmentVariableOf(policy.variables, provider.config.name);
  if (!variable || HasActivePlatformKey(provider)) return {};
  auto key = FindKey(policy, *variable);
  if (!key.ok()) return key.status();
  if (key->empty()) return {};
  std::erase_if(provider.candidates,
                [](const Candidate& c) { return c.source == KeySource::kSystemKey; });
  Candidate candidate;
  candidate.variable = *variable;
  candidate.state =
      OriginAllowed(policy, provider) ? CandidateState::kActive : CandidateState::kOtherOrigin;
  provider.candidates.push_back(std::move(candidate));
  return {};
}

}  // namespace

EnvironmentPolicy CurrentEnvironment() {
  return {.variables = settings.system_key_env,
          .env_file = settings.env_file,
          .origins = settings.system_key_origins,
          .data_directory = DataDir};
}

Status AddEnvironmentKeys(const EnvironmentPolicy& policy, LoadedKeys& keys) {
  for (LoadedProvider& provider : keys.providers) {
    if (Status status = AddEnvironmentKey(policy, provider); !status.ok()) return status;
  }
  return {};
}

Result<Secret> OpenKey(const EnvironmentPolicy& policy, const Keyring& keyring,
                       const Uuid& store_id, std::string_view provider, std::string_view origin,
                       const Candidate& candidate) {
  if (!candidate.record) return FindKey(policy, candidate.variable);
  return VaultBridge::Open(keyring, store_id, provider, origin, candidate);
}

}  // namespace byok::pg
