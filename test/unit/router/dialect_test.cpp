#include "router/dialect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/provider.hpp"

namespace byok {
namespace {

ProviderConfig Config(const char* dialect) {
  ProviderConfig config;
  config.dialect = dialect;
  config.base_url = "https://llm.test/v1//";
  config.model = "model-test";
  config.extra_headers = {{"anthropic-version", "2023-06-01"}};
  return config;
}

Question Simple() {
  Question question;
  question.prompt = "Hi \"there\"";
  question.max_tokens = 16;
  return question;
}

Reply Read(const char* dialect, std::string body, int status = 200) {
  return FindDialect(dialect)->ParseReply({status, {}, std::move(body)}, "sk-test-key-12345678");
}
Answer AnswerOf(const char* dialect, std::string body) {
  const Reply reply = Read(dialect, std::move(body));
  if (!std::holds_alternative<Answer>(reply.outcome)) {
    ADD_FAILURE() << "no answer: " << std::get<LegError>(reply.outcome).message;
    return {};
  }
  return std::get<Answer>(reply.outcome);
}

TEST(Dialect, JoinsUrlsWithOneSlash) {
  EXPECT_EQ(JoinUrl("https://a.test/v1", "/models"), "https://a.test/v1/models");
  EXPECT_EQ(JoinUrl("https://a.test/v1//", "models"), "https://a.test/v1/models");
}

TEST(Dialect, UnknownNamesHaveNone) {
  EXPECT_EQ(FindDialect("gemini"), nullptr);
  EXPECT_EQ(FindDialect(""), nullptr);
}

TEST(Dialect, RequestIdIsTakenOnlyWhenHarmless) {
  EXPECT_EQ(RequestIdOf({200, {{"request-id", "req_011-A.b:c"}}, ""}, Json()), "req_011-A.b:c");
  EXPECT_EQ(RequestIdOf({200, {{"x-ds-trace-id", "abc"}}, ""}, Json()), "abc");
  EXPECT_EQ(RequestIdOf({200, {}, ""}, Json::MakeObject().Set("request_id", "req_1")), "req_1");
  EXPECT_EQ(RequestIdOf({200, {{"x-request-id", "a b<script>"}}, ""}, Json()), "");
}

TEST(OpenAi, AsksWithExactlyWhatTheCallerGave) {
  const http::Request request = FindDialect("openai")->BuildRequest(Config("openai"), Simple());
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://llm.test/v1/chat/completions");
  EXPECT_EQ(request.body,
            R"({"model":"model-test","messages":[{"role":"user","content":"Hi \"there\""}],)"
            R"("max_completion_tokens":16})");
  EXPECT_THAT(request.headers, testing::Contains(http::Header("Content-Type", "application/json")));
}

TEST(OpenAi, SendsSystemPromptTemperatureAndTheRowsTokenField) {
  ProviderConfig config = Config("openai");
  config.max_tokens_field = "max_tokens";
  Question question = Simple();
  question.system = "Be brief.";
  question.temperature = "0.10";
  const http::Request request = FindDialect("openai")->BuildRequest(config, question);
  EXPECT_EQ(request.body,
            R"({"model":"model-test","messages":[{"role":"system","content":"Be brief."},)"
            R"({"role":"user","content":"Hi \"there\""}],"max_tokens":16,"temperature":0.10})");
}

TEST(Anthropic, AsksWithTopLevelSystem) {
  ProviderConfig config = Config("anthropic");
  config.base_url = "https://llm.test";
  Question question = Simple();
  question.system = "Be brief.";
  question.temperature = "1";
  const http::Request request = FindDialect("anthropic")->BuildRequest(config, question);
  EXPECT_EQ(request.url, "https://llm.test/v1/messages");
  EXPECT_EQ(request.body,
            R"({"model":"model-test","max_tokens":16,"system":"Be brief.",)"
            R"("messages":[{"role":"user","content":"Hi \"there\""}],"temperature":1})");
  EXPECT_THAT(request.headers, testing::Contains(http::Header("anthropic-version", "2023-06-01")));
}

TEST(Dialect, VerificationGoesToTheFreeEndpointOrTheRows) {
  ProviderConfig config = Config("openai");
  EXPECT_EQ(FindDialect("openai")->BuildVerification(config).url, "https://llm.test/v1/models");
  config.verify_path = "/user/balance";
  EXPECT_EQ(FindDialect("openai")->BuildVerification(config).url,
            "https://llm.test/v1/user/balance");
  config = Config("anthropic");
  config.base_url = "https://llm.test";
  const http::Request request = FindDialect("anthropic")->BuildVerification(config);
  EXPECT_EQ(request.url, "https://llm.test/v1/models");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.body, "");
}

TEST(Dialect, VerificationKnowsGoodRestrictedAndBadKeys) {
  const Provider& openai = *FindDialect("openai");
  const auto verify = [&openai](int status, std::string body) {
    return openai.ParseVerification({status, {}, std::move(body)}, "sk-test-key");
  };
  const auto is_good = [](const Reply& reply) {
    return std::holds_alternative<Answer>(reply.outcome);
  };
  const auto reason = [](const Reply& reply) { return std::get<LegError>(reply.outcome).reason; };
  const char* restricted =
      R"({"error":{"message":"You have insufficient permissions for this operation."}})";
  EXPECT_TRUE(is_good(verify(200, R"({"data":[]})")));
  EXPECT_TRUE(is_good(verify(401, restricted)));
  EXPECT_TRUE(is_good(verify(403, restricted)));
  EXPECT_TRUE(is_good(verify(403, R"({"error":{"type":"permission_error","message":"no"}})")));
  EXPECT_EQ(reason(verify(401, R"({"error":{"message":"no","code":"invalid_api_key"}})")),
            ErrorReason::kKeyRejected);
  EXPECT_EQ(reason(verify(403, "<html>blocked</html>")), ErrorReason::kNotPermitted);
  EXPECT_EQ(reason(verify(200, "<html>please log in</html>")), ErrorReason::kProtocolError);
  EXPECT_EQ(reason(verify(200, R"({"error":{"message":"x","type":"authentication_error"}})")),
            ErrorReason::kKeyRejected);
  EXPECT_EQ(reason(verify(503, "")), ErrorReason::kOverloaded);
}

TEST(OpenAi, ReadsTheFirstChoiceAndIgnoresTheRest) {
  const Answer answer = AnswerOf("openai", R"({"model":"m","choices":[
      {"message":{"content":"one"},"finish_reason":"length"},{"message":{"content":"two"}}]})");
  EXPECT_EQ(answer.text, "one");
  EXPECT_EQ(answer.end, EndReason::kLength);
  EXPECT_EQ(answer.model, "m");
}

TEST(OpenAi, KnowsHowAnAnswerEnded) {
  const auto end = [](const char* choice) {
    return AnswerOf("openai", R"({"choices":[)" + std::string(choice) + "]}").end;
  };
  EXPECT_EQ(end(R"({"message":{"content":null},"finish_reason":"tool_calls"})"), EndReason::kStop);
  EXPECT_EQ(end(R"({"message":{"content":null},"finish_reason":"content_filter"})"),
            EndReason::kFiltered);
  EXPECT_EQ(end(R"({"message":{"content":"x"},"finish_reason":"insufficient_system_resource"})"),
            EndReason::kCutOff);
  EXPECT_EQ(end(R"({"message":{"content":null,"refusal":"No."},"finish_reason":"stop"})"),
            EndReason::kRefused);
  EXPECT_EQ(end(R"({"message":{"content":"x","refusal":null},"finish_reason":"brand_new"})"),
            EndReason::kStop);
}

TEST(OpenAi, JoinsContentPartsOfCompatibleServers) {
  EXPECT_EQ(AnswerOf("openai", R"({"choices":[{"message":{"content":
      [{"type":"text","text":"a"},{"type":"thinking"},{"type":"text","text":"b"}]}}]})")
                .text,
            "ab");
}

TEST(OpenAi, AFailureWhileGeneratingIsAFailure) {
  const Reply reply = Read("openai", R"({"choices":[{"error":{"code":502,"message":"upstream"},
      "message":{"content":"par"},"finish_reason":"error"}]})");
  EXPECT_EQ(std::get<LegError>(reply.outcome).reason, ErrorReason::kProviderError);
  EXPECT_TRUE(reply.may_retry);
}

std::optional<Usage> OpenAiUsage(const std::string& usage) {
  return AnswerOf("openai", R"({"choices":[{"message":{}}],"usage":)" + usage + "}").usage;
}
std::optional<Usage> AnthropicUsage(const std::string& usage) {
  return AnswerOf("anthropic", R"({"content":[],"usage":)" + usage + "}").usage;
}

TEST(OpenAi, CountsCachedTokensInsideTheInput) {
  EXPECT_EQ(
      OpenAiUsage(R"({"prompt_tokens":100,"completion_tokens":9,
      "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":20},
      "completion_tokens_details":{"reasoning_tokens":4}})"),
      (Usage{.input = 100, .cached_input = 60, .cache_write = 20, .output = 9, .reasoning = 4}));
  EXPECT_EQ(OpenAiUsage(R"({"prompt_tokens":100,"completion_tokens":9,
      "prompt_tokens_details":null,"completion_tokens_details":null})"),
            (Usage{.input = 100, .output = 9}));
}

TEST(OpenAi, ReadsDeepSeeksCacheHits) {
  EXPECT_EQ(OpenAiUsage(R"({"prompt_tokens":330,"completion_tokens":7,
      "prompt_cache_hit_tokens":256,"prompt_cache_miss_tokens":74})"),
            (Usage{.input = 330, .cached_input = 256, .output = 7}));
}

TEST(Anthropic, AddsTheCacheToTheInput) {
  EXPECT_EQ(AnthropicUsage(R"({"input_tokens":4,"cache_creation_input_tokens":30,
      "cache_read_input_tokens":1165,"output_tokens":224,
      "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},
      "output_tokens_details":{"thinking_tokens":24}})"),
            (Usage{.input = 1199,
                   .cached_input = 1165,
                   .cache_write = 30,
                   .cache_write_1h = 20,
                   .output = 224,
                   .reasoning = 24}));
  EXPECT_EQ(
      AnthropicUsage(R"({"input_tokens":4,"cache_read_input_tokens":null,"output_tokens":2})"),
      (Usage{.input = 4, .output = 2}));
}

class UnbelievableUsage : public testing::TestWithParam<const char*> {};

TEST_P(UnbelievableUsage, IsUnknownInsteadOfWrong) {
  EXPECT_EQ(OpenAiUsage(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    OpenAi, UnbelievableUsage,
    testing::Values("null", "[]", "{}", R"({"prompt_tokens":5})",
                    R"({"prompt_tokens":-5,"completion_tokens":1})",
                    R"({"prompt_tokens":1.9,"completion_tokens":1})",
                    R"({"prompt_tokens":"5","completion_tokens":1})",
                    R"({"prompt_tokens":1e300,"completion_tokens":1})",
                    R"({"prompt_tokens":18446744073709551616,"completion_tokens":1})",
                    R"({"prompt_tokens":1000000001,"completion_tokens":1})",
                    R"({"prompt_tokens":5,"completion_tokens":1,"prompt_cache_hit_tokens":6})",
                    R"({"prompt_tokens":5,"completion_tokens":1,
                        "prompt_tokens_details":{"cached_tokens":true}})",
                    R"({"prompt_tokens":5,"completion_tokens":1,
                        "completion_tokens_details":{"reasoning_tokens":2}})"));

TEST(Anthropic, DoesNotOverflowOnAbsurdCounts) {
  EXPECT_EQ(AnthropicUsage(R"({"input_tokens":9223372036854775807,
      "cache_read_input_tokens":9223372036854775807,"output_tokens":1})"),
            std::nullopt);
}

TEST(Anthropic, ConcatenatesTextBlocksOnly) {
  const Answer answer = AnswerOf("anthropic", R"({"model":"c","stop_reason":"max_tokens","content":[
      {"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},{"type":"tool_use","text":"no"},
      {"type":"text","text":"b"}]})");
  EXPECT_EQ(answer.text, "ab");
  EXPECT_EQ(answer.end, EndReason::kLength);
}

TEST(Anthropic, KnowsHowAnAnswerEnded) {
  const auto end = [](const std::string& reason) {
    return AnswerOf("anthropic", R"({"content":[],"stop_reason":)" + reason + "}").end;
  };
  EXPECT_EQ(end(R"("end_turn")"), EndReason::kStop);
  EXPECT_EQ(end(R"("refusal")"), EndReason::kRefused);
  EXPECT_EQ(end(R"("model_context_window_exceeded")"), EndReason::kLength);
  EXPECT_EQ(end("null"), EndReason::kStop);
}

TEST(Dialect, NamesOnlySpecialServiceTiers) {
  const auto tier = [](const char* name) {
    return AnswerOf("openai",
                    R"({"choices":[{"message":{}}],"service_tier":)" + std::string(name) + "}")
        .service_tier;
  };
  EXPECT_EQ(tier(R"("default")"), "");
  EXPECT_EQ(tier("null"), "");
  EXPECT_EQ(tier(R"("flex")"), "flex");
  EXPECT_EQ(
      AnswerOf("anthropic", R"({"content":[],"usage":{"service_tier":"batch"}})").service_tier,
      "batch");
}

TEST(Dialect, TextSurvivesUnicodeAndLosesNul) {
  EXPECT_EQ(
      AnswerOf("openai", R"({"choices":[{"message":{"content":"é\u4e2d\ud83d\ude00\u0000x"}}]})")
          .text,
      "é中😀\xef\xbf\xbdx");
}

}  // namespace
}  // namespace byok
