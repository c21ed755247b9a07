#include "fake_provider/openai_dialect.hpp"

#include <utility>

namespace fake {
namespace {

std::string Masked(const std::string& key) {
  if (key.size() <= 12) return key;  // OpenAI does echo short keys whole
  return key.substr(0, 8) + std::string(key.size() - 12, '*') + key.substr(key.size() - 4);
}

Failure Invalid(std::string message, Json param = nullptr, Json code = nullptr) {
  return {400, "invalid_request_error", std::move(message), std::move(code), std::move(param)};
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
  for (std::string_view each : list) {
    if (each == text) return true;
  }
  return false;
}

std::optional<Failure> CheckMessage(const Json& message, const std::string& where) {
  const bool has_role =
      message.is_object() && message.contains("role") && message["role"].is_string();
  if (!has_role)
    return Invalid("Missing required parameter: '" + where + ".role'.", where + ".role");
  const std::string role = message["role"];
  if (!IsOneOf(role, {"developer", "system", "user", "assistant", "tool", "function"})) {
    return Invalid("Invalid value: '" + role + "'.", where, "invalid_value");
  }
  const auto content = message.find("content");
  const bool readable = content != message.end() && (content->is_string() || content->is_array());
  if (readable || role == "assistant") return std::nullopt;
  return Invalid("Missing required parameter: '" + where + ".content'.", where + ".content");
}

std::optional<Failure> CheckMessages(const Json& body) {
  const auto messages = body.find("messages");
  if (messages == body.end()) {
    return Invalid("Missing required parameter: 'messages'.", "messages",
                   "missing_required_parameter");
  }
  if (!messages->is_array() || messages->empty()) {
    return Invalid("Invalid 'messages': expected a non-empty array.", "messages", "invalid_type");
  }
  for (std::size_t i = 0; i < messages->size(); ++i) {
    auto failure = CheckMessage((*messages)[i], "messages[" + std::to_string(i) + "]");
    if (failure) return failure;
  }
  return std::nullopt;
}

/// input_tokens and output_tokens under their chat names, total_tokens kept the sum unless given.
Json MergeUsage(Json usage, Json patch) {
  for (const auto& [common, own] : {std::pair("input_tokens", "prompt_tokens"),
                                    std::pair("output_tokens", "completion_tokens")}) {
    if (!patch.contains(common)) continue;
    patch[own] = patch[common];
    patch.erase(common);
  }
  usage.merge_patch(patch);
  const auto prompt = usage.find("prompt_tokens");
  const auto completion = usage.find("completion_tokens");
  const bool countable = prompt != usage.end() && completion != usage.end() &&
                         prompt->is_number_integer() && completion->is_number_integer();
  if (countable && !patch.contains("total_tokens")) {
    usage["total_tokens"] = prompt->get<std::int64_t>() + completion->get<std::int64_t>();
  }
  return usage;
}

}  // namespace

Endpoint OpenAiDialect::Locate(std::string_view method, std::string_view path) const {
  if (method == "POST" && path == "/v1/chat/completions") return Endpoint::kCompletion;
  if (method == "GET" && path == "/v1/models") return Endpoint::kModels;
  return Endpoint::kNone;
}

std::optional<Failure> OpenAiDialect::CheckBody(const Headers&, const Json& body) const {
  if (!body.contains("model") || !body["model"].is_string()) {
    return Invalid("you must provide a model parameter");
  }
  return CheckMessages(body);
}

Json OpenAiDialect::Completion(const Reply& reply) const {
  const bool refused = reply.refusal.is_string();
  Json message = {{"role", "assistant"}, {"content", refused ? Json() : reply.text}};
  AddMessageMembers(message, reply);
  Json choice = {{"index", 0},
                 {"message", message},
                 {"logprobs", nullptr},
                 {"finish_reason", reply.finish_reason.is_null() ? "stop" : reply.finish_reason}};
  Json answer = {{"id", CompletionId(reply.seq)},
                 {"object", "chat.completion"},
                 {"created", kCreated},
                 {"model", reply.model},
                 {"choices", Json::array({choice})},
                 {"system_fingerprint", "fp_fake"}};
  if (!reply.usage.is_null()) answer["usage"] = MergeUsage(UsualUsage(), reply.usage);
  return answer;
}

Json OpenAiDialect::Models() const {
  return ModelList({"gpt-4", "gpt-4o-mini", "gpt-4.1-nano", "gpt-5.4-mini"}, "openai");
}

Failure OpenAiDialect::Refuse(Refusal refusal, const std::string& subject) const {
  switch (refusal) {
    case Refusal::kPath:
      return {404, "invalid_request_error", "Invalid URL (" + subject + ")", {}, {}};
    case Refusal::kContentType:
      return {415,
              "invalid_request_error",
              "Unsupported content type: '" + subject +
                  "'. This API method only accepts 'application/json' requests, but you "
                  "specified the "
                  "header 'Content-Type: " +
                  subject + "'. Please try again with a supported content type.",
              "unsupported_content_type",
              {}};
    case Refusal::kBody:
      return Invalid(
          "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
          "using your "
          "HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was "
          "not valid JSON.)");
    case Refusal::kNoKey:
      return {401,
              "invalid_request_error",
              "You didn't provide an API key. You need to provide your API key in an "
              "Authorization header using "
              "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
              {},
              {}};
    case Refusal::kBadKey:
      break;
  }
  return {401,
          "invalid_request_error",
          "Incorrect API key provided: " + Masked(subject) +
              ". You can find your API key at https://platform.openai.com/account/api-keys.",
          "invalid_api_key",
          {}};
}

Failure OpenAiDialect::Usual(int status, const std::string& model) const {
  switch (status) {
    case 403:
      return {
          403, "invalid_request_error", "You are not allowed to sample from this model", {}, {}};
    case 404:
      return {404,
              "invalid_request_error",
              "The model `" + model + "` does not exist or you do not have access to it.",
              "model_not_found",
              {}};
    case 429:
      return {429,
              "tokens",
              "Rate limit reached for " + model +
                  " in organization org-FAKE on tokens per min (TPM): Limit 30000, "
                  "Used 28039, Requested 3906. Please try again in 3.89s.",
              "rate_limit_exceeded",
              {}};
    case 503:
      return {503,
              "service_unavailable_error",
              "The server is currently overloaded with other requests.",
              "server_is_overloaded",
              {}};
    default:
      break;
  }
  if (status < 500)
    return {status, "invalid_request_error", "The request is not acceptable.", {}, {}};
  return {status, "server_error", "The server had an error while processing your request.", {}, {}};
}

Json OpenAiDialect::Error(const Failure& failure, std::uint64_t) const {
  return {{"error",
           {{"message", failure.message},
            {"type", failure.type},
            {"param", failure.param},
            {"code", failure.code}}}};
}

Headers OpenAiDialect::UsualHeaders(std::uint64_t seq) const {
  return {{"x-request-id", MakeId("req_", seq)},     {"openai-processing-ms", "42"},
          {"openai-version", "2020-10-01"},          {"openai-organization", "org-FAKE"},
          {"x-ratelimit-limit-requests", "500"},     {"x-ratelimit-limit-tokens", "200000"},
          {"x-ratelimit-remaining-requests", "499"}, {"x-ratelimit-remaining-tokens", "199990"},
          {"x-ratelimit-reset-requests", "120ms"},   {"x-ratelimit-reset-tokens", "3ms"}};
}

std::string OpenAiDialect::CompletionId(std::uint64_t seq) const {
  return MakeId("chatcmpl-fake", seq);
}

void OpenAiDialect::AddMessageMembers(Json& message, const Reply& reply) const {
  message["refusal"] = reply.refusal;
  message["annotations"] = Json::array();
}

Json OpenAiDialect::UsualUsage() const {
  return {{"prompt_tokens", kUsualInputTokens},
          {"completion_tokens", kUsualOutputTokens},
          {"prompt_tokens_details", {{"cached_tokens", 0}, {"audio_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}, {"audio_tokens", 0}}}};
}

Json OpenAiDialect::ModelList(std::initializer_list<const char*> names, const char* owner) {
  Json list = Json::array();
  for (const char* name : names) {
    list.push_back({{"id", name}, {"object", "model"}, {"created", kCreated}, {"owned_by", owner}});
  }
  return {{"object", "list"}, {"data", list}};
}

const Dialect& OpenAi() {
  static const OpenAiDialect dialect;
  return dialect;
}

}  // namespace fake
