#pragma once

#include "router/provider.hpp"

namespace byok {

/// OpenAI's chat completions, which DeepSeek, Mistral, Groq, OpenRouter, vLLM, Ollama and others
/// speak too. Facts: the OpenAPI file of openai/openai-openapi, api-docs.deepseek.com.
class OpenAi final : public Provider {
 public:
  [[nodiscard]] http::Request BuildRequest(const ProviderConfig& provider,
                                           const Question& question) const override;
  [[nodiscard]] http::Request BuildVerification(const ProviderConfig& provider) const override;
  [[nodiscard]] Reply ParseReply(const http::Response& response,
                                 std::string_view key) const override;
  [[nodiscard]] Reply ParseVerification(const http::Response& response,
                                        std::string_view key) const override;
};

}  // namespace byok
