// Anthropic's messages API, versions 2023-06-01 and 2026-10-21.
#include <array>

#include "fake_provider/dialect.hpp"

namespace fake {
namespace {

constexpr std::string_view kFirstVersion = "2023-06-01";
constexpr std::string_view kNoSamplingVersion = "2026-10-21";

constexpr std::array<std::string_view, 19> kMembers = {
    "model",           "messages",      "system",        "thinking",      "tools",
    "tool_choice",     "output_config", "cache_control", "max_tokens",    "stop_sequences",
    "stream",          "metadata",      "service_tier",  "inference_geo", "container",
    "user_profile_id", "temperature",   "top_p",         "top_k"};
constexpr std::array<std::string_view, 3> kSampling = {"temperature", "top_p", "top_k"};

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& list, std::string_view name) {
  for (std::string_view each : list) {
    if (each == name) return true;
  }
  return false;
}

Failure Invalid(std::string message) {
  return {400, "invalid_request_error", std::move(message), {}, {}};
}

std::optional<Failure> CheckMembers(const Json& body, bool sampling_allowed) {
  for (const auto& [name, value] : body.items()) {
    if (!IsOneOf(kMembers, name)) return Invalid(name + ": Extra inputs are not permitted");
    if (!sampling_allowed && IsOneOf(kSampling, name)) {
      return Invalid(name + ": not supported with this anthropic-version");
    }
  }
  for (const char* name : {"model", "messages", "max_tokens"}) {
    if (!body.contains(name)) return Invalid(std::string(name) + ": Field required");
  }
  return std::nullopt;
}

std::optional<Failure> CheckMessages(const Json& messages) {
  if (!messages.is_array() || messages.empty())
    return Invalid("messages: at least one message is required");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string where = "messages." + std::to_string(i);
    const Json role = messages[i].is_object() ? messages[i].value("role", Json()) : Json();
    if (role != "user" && role != "assistant")
      return Invalid(where + ".role: Input should be 'user' or 'assistant'");
    const Json content = messages[i].value("content", Json());
    if (!content.is_string() && !content.is_array())
      return Invalid(where + ".content: Field required");
    if (content.empty() || content == "")
      return Invalid(where + ": user messages must have non-empty content");
  }
  return std::nullopt;
}

std::string_view ErrorType(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string UsualMessage(int status, const std::string& model) {
  switch (status) {
    case 402:
      return "There's an issue with your billing or payment information.";
    case 403:
      return "Your API key does not have permission to use the specified resource.";
    case 404:
      return "model: " + model;
    case 413:
      return "Request exceeds the maximum size";
    case 429:
      return "This request would exceed your account's rate limit. Please try again later.";
    case 529:
      return "Overloaded";
    default:
      return status < 500 ? "The request is not acceptable." : "Internal server error";
  }
}

class AnthropicDialect final : public Dialect {
 public:
  Endpoint Locate(std::string_view method, std::string_view path) const override {
    if (method == "POST" && path == "/v1/messages") return Endpoint::kCompletion;
    if (method == "GET" && path == "/v1/models") return Endpoint::kModels;
    return Endpoint::kNone;
  }

  std::string Key(const Headers& headers) const override {
    const std::string_view key = Find(headers, "x-api-key");
    return key.empty() ? BearerKey(headers) : std::string(key);
  }

  std::optional<Failure> CheckHeaders(const Headers& headers) const override {
    const std::string_view version = Find(headers, "anthropic-version");
    if (version.empty()) return Invalid("anthropic-version: header is required");
    if (version == kFirstVersion || version == kNoSamplingVersion) return std::nullopt;
    return Invalid("anthropic-version: \"" + std::string(version) + "\" is not a valid version");
  }

  std::optional<Failure> CheckBody(const Headers& headers, const Json& body) const override {
    const bool sampling_allowed = Find(headers, "anthropic-version") != kNoSamplingVersion;
    if (auto failure = CheckMembers(body, sampling_allowed)) return failure;
    if (!body["model"].is_string()) return Invalid("model: Input should be a valid string");
    const Json& limit = body["max_tokens"];
    if (!limit.is_number_integer()) return Invalid("max_tokens: Input should be a valid integer");
    if (limit < 1) return Invalid("max_tokens: must be greater than or equal to 1");
    return CheckMessages(body["messages"]);
  }

  Json Completion(const Reply& reply) const override {
    const bool refused = reply.refusal.is_string();
    Json content = Json::array();
    if (!refused && reply.text.is_string())
      content.push_back({{"type", "text"}, {"text", reply.text}});
    Json answer = {{"id", MakeId("msg_fake", reply.seq)},
                   {"type", "message"},
                   {"role", "assistant"},
                   {"model", reply.model},
                   {"content", content},
                   {"stop_sequence", nullptr},
                   {"stop_reason", StopReason(reply)}};
    if (refused) answer["stop_details"] = {{"type", "refusal"}, {"explanation", reply.refusal}};
    if (reply.usage.is_null()) return answer;
    answer["usage"] = {
        {"input_tokens", kUsualInputTokens},
        {"cache_creation_input_tokens", 0},
        {"cache_read_input_tokens", 0},
        {"cache_creation", {{"ephemeral_5m_input_tokens", 0}, {"ephemeral_1h_input_tokens", 0}}},
        {"output_tokens", kUsualOutputTokens},
        {"service_tier", "standard"}};
    answer["usage"].merge_patch(reply.usage);
    return answer;
  }

  Json Models() const override {
    Json list = Json::array();
    for (const char* name : {"claude-opus-5", "claude-sonnet-4-6", "claude-3-sonnet"}) {
      list.push_back({{"type", "model"},
                      {"id", name},
                      {"display_name", name},
                      {"created_at", "2026-01-01T00:00:00Z"}});
    }
    return {{"data", list},
            {"has_more", false},
            {"first_id", "claude-opus-5"},
            {"last_id", "claude-3-sonnet"}};
  }

  Failure Refuse(Refusal refusal, const std::string& subject) const override {
    switch (refusal) {
      case Refusal::kPath:
        return {404, "not_found_error", "Not found: " + subject, {}, {}};
      case Refusal::kContentType:
        return Invalid("content-type: \"" + subject + "\" is not application/json");
      case Refusal::kBody:
        return Invalid("The request body is not valid JSON");
      case Refusal::kNoKey:
        return {401, "authentication_error", "x-api-key header is required", {}, {}};
      case Refusal::kBadKey:
        break;
    }
    return {401, "authentication_error", "invalid x-api-key", {}, {}};
  }

  Failure Usual(int status, const std::string& model) const override {
    return {status, std::string(ErrorType(status)), UsualMessage(status, model), {}, {}};
  }

  Json Error(const Failure& failure, std::uint64_t seq) const override {
    return {{"type", "error"},
            {"error", {{"type", failure.type}, {"message", failure.message}}},
            {"request_id", MakeId("req_fake", seq)}};
  }

  Headers UsualHeaders(std::uint64_t seq) const override {
    return {{"request-id", MakeId("req_fake", seq)},
            {"anthropic-organization-id", "00000000-0000-0000-0000-000000000000"},
            {"anthropic-ratelimit-requests-limit", "4000"},
            {"anthropic-ratelimit-requests-remaining", "3999"},
            {"anthropic-ratelimit-requests-reset", "2026-01-01T00:00:01Z"},
            {"anthropic-ratelimit-input-tokens-limit", "2000000"},
            {"anthropic-ratelimit-input-tokens-remaining", "1999000"},
            {"anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:00:01Z"},
            {"anthropic-ratelimit-output-tokens-limit", "400000"},
            {"anthropic-ratelimit-output-tokens-remaining", "399000"},
            {"anthropic-ratelimit-output-tokens-reset", "2026-01-01T00:00:01Z"}};
  }

 private:
  static Json StopReason(const Reply& reply) {
    if (!reply.finish_reason.is_null()) return reply.finish_reason;
    return reply.refusal.is_string() ? "refusal" : "end_turn";
  }
};

}  // namespace

const Dialect& Anthropic() {
  static const AnthropicDialect dialect;
  return dialect;
}

}  // namespace fake
