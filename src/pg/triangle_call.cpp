#include "pg/triangle_call.hpp"

#include <algorithm>
#include <utility>

#include "keyring/random_uuid.hpp"
#include "router/provider.hpp"

#include "pg/master_key_source.hpp"

namespace byok::pg {
namespace {

/// No model reads more, and building a request of it must not keep a cancel waiting.
constexpr std::size_t kMaxPromptBytes = std::size_t{4} << 20;

Status TooLong(const std::string& what) {
  return Status::InvalidArgument(what + " is longer than " + std::to_string(kMaxPromptBytes) +
                                 " bytes");
}

Question QuestionOf(const TriangleCall& call) {
  return {.prompt = call.prompt,
          .system = call.options.system,
          .max_tokens = call.options.max_tokens,
          .temperature = call.options.temperature};
}

std::size_t RequestBytes(const ProviderConfig& provider, const Question& question) {
  const Provider* dialect = FindDialect(provider.dialect);
  return dialect == nullptr ? 0 : dialect->BuildRequest(provider, question).body.size();
}

/// A leg that may move to the platform's key is bounded as if it did.
KeySource DearestSource(const Leg& leg) {
  return leg.keys.back().source;
}

/// {"key_sources": {…}} as in the seed, and what the caller wanted kept beside it.
Json LedgerMetadata(const TriangleCall& call) {
  Json sources = Json::MakeObject();
  for (const LegResult& leg : call.legs) {
    if (leg.key_source) sources.Set(leg.provider, KeySourceName(*leg.key_source));
  }
  Json metadata = Json::MakeObject().Set("key_sources", std::move(sources));
  if (!call.options.metadata.IsNull()) metadata.Set("metadata", call.options.metadata);
  return metadata;
}

}  // namespace

Status NoKeyAvailable(const std::string& provider, const std::vector<PassedOver>& passed_over) {
  return Status(StatusCode::kKeyNotFound, "No " + provider + " API key available")
      .WithDetail(DescribePassedOver(passed_over))
      .WithHint("Store one with store_key('" + provider +
                "', …), or set the platform's key in the server's environment.");
}

Status TriangleCall::ReadArguments(const char* prompt_text, const char* options_text) {
  prompt = prompt_text;
  if (prompt.size() > kMaxPromptBytes) return TooLong("prompt");
  Json json;
  if (options_text != nullptr) {
    auto parsed = Json::Parse(options_text);
    if (!parsed.ok()) return parsed.status();
    json = *std::move(parsed);
  }
  auto read = ParseAskOptions(json);
  if (!read.ok()) return read.status();
  options = *std::move(read);
  if (options.system.value_or("").size() > kMaxPromptBytes) return TooLong("option \"system\"");
  auto id = RandomUuid();
  if (!id.ok()) return id.status();
  request_id = id->ToString();
  return {};
}

void TriangleCall::Refuse(ErrorReason reason, std::optional<KeySource> source, Status why) {
  LegResult& leg = legs.back();
  leg.key_source = source;
  leg.error = LegError{.reason = reason,
                       .http_status = 0,
                       .message = why.message() + (why.detail().empty() ? "" : ": " + why.detail()),
                       .retryable = false,
                       .retry_after = {}};
  refusals.back() = std::move(why);
}

void TriangleCall::ChooseKey(const LoadedProvider& provider, const Keyring& keyring) {
  LegResult& leg_result = legs.emplace_back();
  leg_result.provider = provider.config.name;
  leg_result.model_asked = provider.config.model;
  refusals.emplace_back();
  KeyChoice choice = VaultBridge::GetKey(asker, provider.candidates, options.allow_platform_keys);
  if (!choice.key) {
    return Refuse(ErrorReason::kNoKey, {},
                  NoKeyAvailable(provider.config.name, choice.passed_over));
  }
  Leg leg{.provider = provider.config, .keys = {}};
  for (auto* candidate : {&choice.key, &choice.platform_fallback}) {
    if (!*candidate) continue;
    auto key = OpenKey(environment, keyring, keys.store_id, provider, **candidate);
    if (!key.ok()) {
      if (!leg.keys.empty()) break;  // the fallback is a courtesy, the chosen key is not
      return Refuse(ErrorReason::kUndecryptable, (*candidate)->source, key.status());
    }
    const auto& record = (*candidate)->record;
    leg.keys.push_back({.source = (*candidate)->source,
                        .key_id = record ? std::optional(record->key_id) : std::nullopt,
                        .key = *std::move(key)});
  }
  legs.back().key_source = leg.keys.front().source;
  asked.push_back(legs.size() - 1);
  flight.ask.legs.push_back(std::move(leg));
}

Status TriangleCall::ApplyModels() {
  for (const auto& [name, model] : options.models) {
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

Status TriangleCall::CheckPanel() const {
  const std::size_t size = keys.providers.size();
  if (size == 0) {
    return Status(StatusCode::kMisconfigured, "no provider is enabled")
        .WithHint("Enable one: UPDATE providers SET enabled = true WHERE name = …");
  }
  if (size > kMaxPanel) {
    return Status(StatusCode::kMisconfigured, "more than 8 providers are asked by default")
        .WithHint("Name at most 8 in options.providers, or set by_default to false for some.");
  }
  if (static_cast<std::size_t>(options.min_answers) > size) {
    return Status::InvalidArgument("option \"min_answers\" is " +
                                   std::to_string(options.min_answers) + ", but only " +
                                   std::to_string(size) + " providers are asked");
  }
  return {};
}

Status TriangleCall::ChooseKeys() {
  if (Status status = CheckPanel(); !status.ok()) return status;
  if (Status status = ApplyModels(); !status.ok()) return status;
  if (Status status = AddEnvironmentKeys(environment, keys); !status.ok()) return status;
  auto keyring = LoadKeyring(master_key_source.c_str(), environment.data_directory.c_str());
  if (!keyring.ok()) return keyring.status();
  for (const LoadedProvider& provider : keys.providers) ChooseKey(provider, *keyring);
  if (asked.size() >= static_cast<std::size_t>(options.min_answers)) return {};
  asked.clear();
  flight.ask.legs.clear();
  if (!options.raise_on_error) return {};
  return *std::find_if(refusals.begin(), refusals.end(), [](const Status& s) { return !s.ok(); });
}

Status TriangleCall::CheckMoney() {
  price_table.emplace(std::move(prices.rows), std::move(prices.aliases));
  const auto deadline =
      pricing.started_at.unix_micros +
      std::chrono::duration_cast<std::chrono::microseconds>(options.timeout).count();
  bounds.resize(legs.size());
  std::vector<LegBound> asked_bounds;
  std::vector<KeySource> sources;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Leg& leg = flight.ask.legs[i];
    sources.push_back(DearestSource(leg));
    bounds[asked[i]] = BoundLeg(*price_table, prices.rules, leg.provider, sources.back(),
                                RequestBytes(leg.provider, QuestionOf(*this)), options.max_tokens,
                                pricing.started_at.unix_micros, deadline);
    asked_bounds.push_back(bounds[asked[i]]);
  }
  pricing.max_charge = options.max_charge;
  return CheckBounds(asked_bounds, sources, pricing);
}

void TriangleCall::PrepareFlight(http::TimePoint now) {
  flight.ask.question = QuestionOf(*this);
  flight.ask.deadline = now + options.timeout;
}

Status TriangleCall::Land(http::Milliseconds latency) {
  for (std::size_t i = 0; i < asked.size(); ++i) {
    legs[asked[i]] = std::move(flight.result.legs[i]);
  }
  settlement = Settle(legs, bounds, *price_table, prices.rules, pricing);
  posting = PostWithCarry(settlement.charge, Usd());
  amount_usd = (-settlement.charge).ToString();
  calls_json = CallsToJson(settlement).Dump();
  metadata_json = LedgerMetadata(*this).Dump();

  TriangleAnswer answer;
  answer.request_id = request_id;
  answer.legs = legs;
  answer.consensus = TriangleConsensusEngine::Decide(prompt, PanelOf(legs));
  answer.charge = ChargeToJson(settlement);
  answer.latency = latency;
  answer.min_answers = options.min_answers;
  result_json = TriangleAnswerToJson(answer).Dump();
  return {};
}

Status TriangleCall::CheckAnswers() const {
  const auto wanted = static_cast<std::size_t>(options.min_answers);
  if (!options.raise_on_error || CountAnswers(legs) >= wanted) return {};
  return NotEnoughAnswers(legs, options.min_answers);
}

}  // namespace byok::pg
