#include "router/openai.hpp"

#include "base/json.hpp"
#include "router/dialect.hpp"
#include "router/provider_error.hpp"

namespace byok {
namespace {

Json Message(const char* role, const std::string& content) {
  return Json::MakeObject().Set("role", role).Set("content", content);
}

/// A string, or on some compatible servers a list of parts; null beside a tool call or a refusal.
std::string ReadContent(const Json& content) {
  std::string text = TextOf(content);
  for (const Json& part : content.Elements()) text += TextOf(part["text"]);
  return text;
}

EndReason ReadEnd(const Json& choice) {
  // A refusal says so here, whatever finish_reason says.
  if (!TextOf(choice["message"]["refusal"]).empty()) return EndReason::kRefused;
  const std::string reason = TextOf(choice["finish_reason"]);
  if (reason == "length") return EndReason::kLength;
  if (reason == "content_filter") return EndReason::kFiltered;
  if (reason == "insufficient_system_resource") return EndReason::kCutOff;  // DeepSeek
  return EndReason::kStop;  // stop, tool_calls, function_call and those not yet invented
}

/// Cached tokens and cache writes are inside prompt_tokens, reasoning is inside completion_tokens.
std::optional<Usage> ReadUsage(const Json& said) {
  if (!said.IsObject()) return std::nullopt;
  const Json& in = said["prompt_tokens_details"];
  const bool detailed = !in["cached_tokens"].IsNull();
  CountReader read;
  Usage usage;
  usage.input = read.Required(said["prompt_tokens"]);
  usage.cached_input =
      read.Optional(detailed ? in["cached_tokens"] : said["prompt_cache_hit_tokens"]);
  usage.cache_write = read.Optional(in["cache_write_tokens"]);
  usage.output = read.Required(said["completion_tokens"]);
  usage.reasoning = read.Optional(said["completion_tokens_details"]["reasoning_tokens"]);
  return read.believable() && IsPlausible(usage) ? std::optional(usage) : std::nullopt;
}

Reply ReadAnswer(const http::Response& response, const Json& body) {
  const Json& choice = body["choices"][0];  // further choices were not asked for
  Answer answer;
  answer.text = ReadContent(choice["message"]["content"]);
  answer.end = ReadEnd(choice);
  answer.model = NameOf(body["model"]);
  answer.usage = ReadUsage(body["usage"]);
  answer.service_tier = SpecialTier(body["service_tier"]);
  const std::optional<Usage> usage = answer.usage;
  return {std::move(answer), CallState::kAnswered, false, RequestIdOf(response, body), usage};
}

}  // namespace

http::Request OpenAi::BuildRequest(const ProviderConfig& provider, const Question& question) const {
  Json messages = Json::MakeArray();
  if (question.system) messages.Append(Message("system", *question.system));
  messages.Append(Message("user", question.prompt));
  // Reasoning models refuse max_tokens; servers that know only that name it in their row.
  const std::string limit =
      provider.max_tokens_field.empty() ? "max_completion_tokens" : provider.max_tokens_field;
  Json body = Json::MakeObject()
                  .Set("model", provider.model)
                  .Set("messages", std::move(messages))
                  .Set(limit, question.max_tokens);
  if (question.temperature) body.Set("temperature", Json::Number(*question.temperature));
  return JsonPost(provider, "/chat/completions", body);
}

http::Request OpenAi::BuildVerification(const ProviderConfig& provider) const {
  return VerificationGet(provider, "/models");
}

Reply OpenAi::ParseReply(const http::Response& response, std::string_view key) const {
  const Json body = ReadBody(response);
  if (response.status != 200 || !body["error"].IsNull()) {
    return ErrorReply(response, body, key, ReadUsage(body["usage"]));
  }
  const Json& choice = body["choices"][0];
  if (!choice["error"].IsNull()) {  // OpenRouter: failed while generating
    return ErrorReply(response, choice, key, ReadUsage(body["usage"]));
  }
  if (!choice["message"].IsObject()) return UnreadableReply(response);
  return ReadAnswer(response, body);
}

Reply OpenAi::ParseVerification(const http::Response& response, std::string_view key) const {
  if (auto failure = VerificationFailure(response, key)) return *std::move(failure);
  return {Answer{}, CallState::kAnswered, false, RequestIdOf(response, Json()), std::nullopt};
}

}  // namespace byok
