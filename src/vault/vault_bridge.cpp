#include "vault/vault_bridge.hpp"

#include <algorithm>
#include <array>

namespace byok {
namespace {

constexpr std::array kTiers = {KeySource::kTenantByok, KeySource::kUserKey, KeySource::kSystemKey};

std::string ReasonOf(const Candidate& candidate) {
  switch (candidate.state) {
    case CandidateState::kActive:
      return "";
    case CandidateState::kExpired:
      return "expired " + candidate.since;
    case CandidateState::kRevoked:
      return "revoked " + candidate.since;
    case CandidateState::kRetired:
      return "retired";
    case CandidateState::kOtherOrigin:
      return "environment variable " + candidate.variable +
             " is not for this provider's base_url (see byok.system_key_origins)";
  }
  return "";
}

/// Why a tier without any row has none.
std::string ReasonForNothing(KeySource tier, const Asker& asker) {
  if (tier == KeySource::kTenantByok && !asker.tenant_id) return "no tenant given";
  return "none stored";
}

}  // namespace

KeyChoice VaultBridge::GetKey(const Asker& asker, std::vector<Candidate> candidates,
                              PlatformKeys platform_keys) {
  KeyChoice choice;
  for (const KeySource tier : kTiers) {
    const auto candidate = std::find_if(candidates.begin(), candidates.end(),
                                        [tier](const Candidate& c) { return c.source == tier; });
    const bool served = choice.key.has_value();
    const bool platform = tier == KeySource::kSystemKey;
    if (served && !(platform && platform_keys == PlatformKeys::kAnyFailure)) continue;
    std::string reason;
    if (platform && platform_keys == PlatformKeys::kNever) {
      reason = "not allowed by allow_platform_keys";
    } else if (candidate == candidates.end()) {
      reason = ReasonForNothing(tier, asker);
    } else {
      reason = ReasonOf(*candidate);
    }
    if (reason.empty()) {
      (served ? choice.platform_fallback : choice.key) = std::move(*candidate);
    } else if (!served) {
      choice.passed_over.push_back({tier, std::move(reason)});
    }
  }
  return choice;
}

RecordBinding BindingOf(const Uuid& store_id, std::string_view provider, KeySource source,
                        const Candidate::Record& record) {
  return {.store_id = store_id,
          .credential_id = record.key_id,
          .generation = record.generation,
          .tier = std::string(KeySourceName(source)),
          .tenant_id = record.tenant_id,
          .user_id = record.user_id,
          .provider = std::string(provider),
          .origin = record.origin};
}

Result<Secret> VaultBridge::Open(const Keyring& keyring, const Uuid& store_id,
                                 std::string_view provider, std::string_view origin,
                                 const Candidate& candidate) {
  const std::string message =
      "could not open the stored key for provider \"" + std::string(provider) + "\"";
  const Candidate::Record& record = *candidate.record;
  if (record.origin != origin) {
    return Status(StatusCode::kUnauthentic, message)
        .WithDetail("The key was stored for " + record.origin + ", the provider now points to " +
                    std::string(origin) + ".")
        .WithHint("Store the key again if the new base_url is meant.");
  }
  auto key = keyring.Open(record.sealed, BindingOf(store_id, provider, candidate.source, record));
  if (key.ok() || key.status().code() != StatusCode::kUnauthentic) return key;
  return Status(StatusCode::kUnauthentic, message).WithDetail(key.status().detail());
}

std::string DescribePassedOver(const std::vector<PassedOver>& passed_over) {
  std::string text;
  for (const auto& [source, reason] : passed_over) {
    if (!text.empty()) text += "; ";
    text.append(KeySourceName(source)).append(": ").append(reason);
  }
  return text + ".";
}

Json PassedOverToJson(const std::vector<PassedOver>& passed_over) {
  Json list = Json::MakeArray();
  for (const auto& [source, reason] : passed_over) {
    list.Append(Json::MakeObject().Set("key_source", KeySourceName(source)).Set("reason", reason));
  }
  return list;
}

}  // namespace byok
