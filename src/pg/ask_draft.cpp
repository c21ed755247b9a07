#include "pg/ask_draft.hpp"

#include <algorithm>
#include <utility>

#include "consensus/triangle_answer.hpp"
#include "keyring/random_uuid.hpp"
#include "keyring/sha256.hpp"

#include "dispatch/rows.hpp"
#include "dispatch/wire.hpp"

namespace byok::pg {
namespace {

/// No model reads more, and building a request of it must not keep a cancel waiting.
constexpr std::size_t kMaxPromptBytes = std::size_t{4} << 20;

Status TooLong(const std::string& what) {
  return Status::InvalidArgument(what + " is longer than " + std::to_string(kMaxPromptBytes) +
                                 " bytes");
}

/// Of prompt and options as they were given, the key itself left out.
std::string HashOf(const std::string& prompt, const Json& options) {
  Json others = Json::MakeObject();
  for (const auto& [name, value] : options.Members()) {
    if (name != "idempotency_key") others.Set(name, value);
  }
  return Sha256Hex(
      Json::MakeObject().Set("prompt", prompt).Set("options", std::move(others)).Dump());
}

OrderLeg LegOf(LoadedProvider provider, const Asker& asker, PlatformKeys platform_keys) {
  KeyChoice choice = VaultBridge::GetKey(asker, std::move(provider.candidates), platform_keys);
  OrderLeg leg{.provider = std::move(provider.config),
               .origin = std::move(provider.origin),
               .keys = {},
               .refusal = {}};
  if (!choice.key) leg.refusal = NoKeyAvailable(leg.provider.name, choice.passed_over);
  for (auto* key : {&choice.key, &choice.platform_fallback}) {
    if (*key) leg.keys.push_back(*std::move(*key));
  }
  return leg;
}

}  // namespace

Status NoKeyAvailable(const std::string& provider, const std::vector<PassedOver>& passed_over) {
  return Status(StatusCode::kKeyNotFound, "No " + provider + " API key available")
      .WithDetail(DescribePassedOver(passed_over))
      .WithHint("Store one with store_key('" + provider +
                "', …), or set the platform's key in the server's environment.");
}

Result<std::string> NewRequestId() {
  auto id = RandomUuid();
  if (!id.ok()) return id.status();
  return id->ToString();
}

void AskDraft::SetIdentity(const char* user_id, const char* tenant_id) {
  order.user_id = user_id;
  order.tenant_id = tenant_id == nullptr ? std::nullopt : std::optional<std::string>(tenant_id);
}

Status AskDraft::ReadArguments(const char* prompt_text, const char* options_text) {
  order.prompt = prompt_text;
  if (order.prompt.size() > kMaxPromptBytes) return TooLong("prompt");
  Json json;
  if (options_text != nullptr) {
    auto parsed = Json::Parse(options_text);
    if (!parsed.ok()) return parsed.status();
    json = *std::move(parsed);
  }
  auto read = ParseAskOptions(json);
  if (!read.ok()) return read.status();
  order.options = *std::move(read);
  if (order.options.idempotency_key) order.request_hash = HashOf(order.prompt, json);
  if (order.options.system.value_or("").size() > kMaxPromptBytes)
    return TooLong("option \"system\"");
  auto id = NewRequestId();
  if (!id.ok()) return id.status();
  order.request_id = *std::move(id);
  return {};
}

Status AskDraft::ApplyModels() {
  for (const auto& [name, model] : order.options.models) {
    const auto provider =
        std::find_if(keys.providers.begin(), keys.providers.end(),
                     [&name = name](const LoadedProvider& p) { return p.config.name == name; });
    if (provider == keys.providers.end()) {
      return Status::InvalidArgument("option \"models\" names provider \"" + name +
                                     "\", which is not asked");
    }
    provider->config.model = model;
  }
  return {};
}

Status AskDraft::CheckPanel() const {
  const std::size_t size = keys.providers.size();
  if (size == 0) {
    return Status(StatusCode::kMisconfigured, "no provider is enabled")
        .WithHint("Enable one: UPDATE providers SET enabled = true WHERE name = …");
  }
  if (size > kMaxPanel) {
    return Status(StatusCode::kMisconfigured, "more than 8 providers are asked by default")
        .WithHint("Name at most 8 in options.providers, or set by_default to false for some.");
  }
  const std::int64_t wanted = order.options.min_answers;
  if (static_cast<std::size_t>(wanted) > size) {
    return Status::InvalidArgument("option \"min_answers\" is " + std::to_string(wanted) +
                                   ", but only " + std::to_string(size) + " providers are asked");
  }
  return {};
}

Status AskDraft::RequireProviders() const {
  for (const std::string& name : order.options.providers.value_or(std::vector<std::string>())) {
    const bool loaded =
        std::any_of(keys.providers.begin(), keys.providers.end(),
                    [&name](const LoadedProvider& p) { return p.config.name == name; });
    if (!loaded) return Status::InvalidArgument("provider \"" + name + "\" is not known");
  }
  return {};
}

Status AskDraft::ChooseKeys() {
  if (Status status = CheckPanel(); !status.ok()) return status;
  if (Status status = ApplyModels(); !status.ok()) return status;
  if (Status status = AddEnvironmentKeys(environment, keys); !status.ok()) return status;
  const Asker asker{.user_id = order.user_id, .tenant_id = order.tenant_id};
  order.store_id = keys.store_id;
  order.env_file = environment.env_file;
  for (LoadedProvider& provider : keys.providers) {
    order.legs.push_back(LegOf(std::move(provider), asker, order.options.allow_platform_keys));
  }
  keys.providers.clear();
  return {};
}

Status AskDraft::RequireKeys() const {
  const auto keyless = [](const OrderLeg& leg) { return leg.keys.empty(); };
  const auto without = std::count_if(order.legs.begin(), order.legs.end(), keyless);
  const auto with = static_cast<std::int64_t>(order.legs.size()) - without;
  if (!order.options.raise_on_error || with >= order.options.min_answers) return {};
  return std::find_if(order.legs.begin(), order.legs.end(), keyless)->refusal;
}

Status AskDraft::Encode() {
  message = EncodeOrder(order);
  order.legs.clear();  // the router has them now
  return {};
}

Status AskDraft::ComposeResult() {
  if (!reply.status.ok()) return reply.status;
  if (!reply.result.empty()) {  // kept for whoever asks again: everybody gets the same
    result_json = std::move(reply.result);
    return {};
  }
  const auto wanted = static_cast<std::size_t>(order.options.min_answers);
  if (order.options.raise_on_error && CountAnswers(reply.legs) < wanted) {
    return NotEnoughAnswers(reply.legs, order.options.min_answers);
  }
  auto charge = Json::Parse(reply.charge);
  if (!charge.ok()) return charge.status();
  TriangleAnswer answer;
  answer.request_id = order.request_id;
  answer.consensus = TriangleConsensusEngine::Decide(order.prompt, PanelOf(reply.legs));
  answer.legs = std::move(reply.legs);
  answer.charge = *std::move(charge);
  answer.latency = http::Milliseconds(reply.latency_ms);
  answer.min_answers = order.options.min_answers;
  result_json = TriangleAnswerToJson(answer).Dump();
  return {};
}

Status AskDraft::ComposeRow() {
  const Status status = ComposeResult();
  if (status.ok()) return {};
  result_json = Json::MakeObject()
                    .Set("success", false)
                    .Set("request_id", order.request_id)
                    .Set("error", ErrorToJson(status))
                    .Dump();
  return {};
}

}  // namespace byok::pg
