// OpenAI's chat completions but for paths, errors, usage and headers.
#include "fake_provider/openai_dialect.hpp"

namespace fake {
namespace {

class DeepSeekDialect final : public OpenAiDialect {
 public:
  Endpoint Locate(std::string_view method, std::string_view path) const override {
    if (method == "GET" && path == "/user/balance") return Endpoint::kBalance;
    const bool versioned = path.substr(0, 4) == "/v1/";
    return OpenAiDialect::Locate(method, versioned ? std::string(path) : "/v1" + std::string(path));
  }

  Json Models() const override {
    return ModelList({"deepseek-chat", "deepseek-v4-flash", "deepseek-v4-pro"}, "deepseek");
  }

  Json Balance() const override {
    const Json dollars = {{"currency", "USD"},
                          {"total_balance", "10.00"},
                          {"granted_balance", "0.00"},
                          {"topped_up_balance", "10.00"}};
    return {{"is_available", true}, {"balance_infos", Json::array({dollars})}};
  }

  Failure Refuse(Refusal refusal, const std::string& subject) const override {
    switch (refusal) {
      case Refusal::kContentType:
        return {415,
                "invalid_request_error",
                "Expected request with `Content-Type: application/json`",
                {},
                {}};
      case Refusal::kBody:
        return {400, "invalid_request_error", "Failed to parse the request body as JSON", {}, {}};
      case Refusal::kNoKey:
        return {401, "authentication_error", "Authentication Fails (auth header missing)", {}, {}};
      case Refusal::kBadKey:
        break;
      case Refusal::kPath:
        return OpenAiDialect::Refuse(refusal, subject);
    }
    const std::string tail = subject.size() <= 4 ? subject : subject.substr(subject.size() - 4);
    return {401,
            "authentication_error",
            "Authentication Fails, Your api key: ****" + tail + " is invalid",
            {},
            {}};
  }

  Failure Usual(int status, const std::string& model) const override {
    switch (status) {
      case 402:
        return {402, "unknown_error", "Insufficient Balance", {}, {}};
      case 422:
        return {422, "invalid_request_error", "Invalid parameters", {}, {}};
      case 429:
        return {
            429, "rate_limit_error", "Rate limit reached: too many concurrent requests", {}, {}};
      case 503:
        return {503, "server_error", "Server overloaded", {}, {}};
      default:
        return OpenAiDialect::Usual(status, model);
    }
  }

  Json Error(const Failure& failure, std::uint64_t seq) const override {
    Failure own = failure;
    if (own.code.is_null()) own.code = "invalid_request_error";  // what DeepSeek says nearly always
    return OpenAiDialect::Error(own, seq);
  }

  Headers UsualHeaders(std::uint64_t seq) const override {
    return {{"x-ds-trace-id", MakeId("", seq)}, {"server", "elb"}};
  }

 protected:
  std::string CompletionId(std::uint64_t seq) const override {
    const std::string hex = MakeId("", seq);
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
  }

  void AddMessageMembers(Json& message, const Reply& reply) const override {
    if (reply.refusal.is_string()) message["refusal"] = reply.refusal;
  }

  Json UsualUsage() const override {
    return {{"prompt_tokens", kUsualInputTokens},
            {"completion_tokens", kUsualOutputTokens},
            {"prompt_tokens_details", {{"cached_tokens", 0}}},
            {"prompt_cache_hit_tokens", 0},
            {"prompt_cache_miss_tokens", kUsualInputTokens}};
  }
};

}  // namespace

const Dialect& DeepSeek() {
  static const DeepSeekDialect dialect;
  return dialect;
}

}  // namespace fake
