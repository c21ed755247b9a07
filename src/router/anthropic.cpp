#include "router/anthropic.hpp"

#include "base/json.hpp"
#include "router/dialect.hpp"
#include "router/provider_error.hpp"

namespace byok {
namespace {

/// The text blocks alone: there may be several, around thinking, tools and citations, or none.
std::string ReadContent(const Json& content) {
  std::string text;
  for (const Json& block : content.Elements()) {
    if (block["type"].AsString() == "text") text += TextOf(block["text"]);
  }
  return text;
}

EndReason ReadEnd(const Json& stop_reason) {
  const std::string reason = TextOf(stop_reason);
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") {
    return EndReason::kLength;
  }
  if (reason == "refusal") return EndReason::kRefused;
  return EndReason::kStop;  // end_turn, stop_sequence, tool_use, pause_turn, those not yet invented
}

/// input_tokens leaves the cache out: the whole input is the sum of three.
std::optional<Usage> ReadUsage(const Json& said) {
  if (!said.IsObject()) return std::nullopt;
  CountReader read;
  Usage usage;
  usage.cached_input = read.Optional(said["cache_read_input_tokens"]);
  usage.cache_write = read.Optional(said["cache_creation_input_tokens"]);
  usage.cache_write_1h = read.Optional(said["cache_creation"]["ephemeral_1h_input_tokens"]);
  usage.input = read.Required(said["input_tokens"]) + usage.cached_input + usage.cache_write;
  usage.output = read.Required(said["output_tokens"]);
  usage.reasoning = read.Optional(said["output_tokens_details"]["thinking_tokens"]);
  return read.believable() && IsPlausible(usage) ? std::optional(usage) : std::nullopt;
}

Reply ReadAnswer(const http::Response& response, const Json& body) {
  Answer answer;
  answer.text = ReadContent(body["content"]);
  answer.end = ReadEnd(body["stop_reason"]);
  answer.model = NameOf(body["model"]);
  answer.usage = ReadUsage(body["usage"]);
  answer.service_tier = SpecialTier(body["usage"]["service_tier"]);
  const std::optional<Usage> usage = answer.usage;
  return {std::move(answer), CallState::kAnswered, false, RequestIdOf(response, body), usage};
}

}  // namespace

http::Request Anthropic::BuildRequest(const ProviderConfig& provider,
                                      const Question& question) const {
  Json messages = Json::MakeArray();
  messages.Append(Json::MakeObject().Set("role", "user").Set("content", question.prompt));
  const std::string limit =
      provider.max_tokens_field.empty() ? "max_tokens" : provider.max_tokens_field;
  Json body = Json::MakeObject().Set("model", provider.model).Set(limit, question.max_tokens);
  if (question.system) body.Set("system", *question.system);
  body.Set("messages", std::move(messages));
  if (question.temperature) body.Set("temperature", Json::Number(*question.temperature));
  return JsonPost(provider, "/v1/messages", body);
}

http::Request Anthropic::BuildVerification(const ProviderConfig& provider) const {
  return VerificationGet(provider, "/v1/models");
}

Reply Anthropic::ParseReply(const http::Response& response, std::string_view key) const {
  const Json body = ReadBody(response);
  if (response.status != 200 || !body["error"].IsNull()) {
    return ErrorReply(response, body, key, ReadUsage(body["usage"]));
  }
  if (!body["content"].IsArray()) return UnreadableReply(response);
  return ReadAnswer(response, body);
}

Reply Anthropic::ParseVerification(const http::Response& response, std::string_view key) const {
  if (auto failure = VerificationFailure(response, key)) return *std::move(failure);
  return {Answer{}, CallState::kAnswered, false, RequestIdOf(response, Json()), std::nullopt};
}

}  // namespace byok
