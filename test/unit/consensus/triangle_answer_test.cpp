#include "consensus/triangle_answer.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

LegResult Answered(std::string provider, std::string text, EndReason end = EndReason::kStop) {
  LegResult leg;
  leg.provider = std::move(provider);
  leg.model_asked = "asked";
  leg.key_source = KeySource::kUserKey;
  leg.answer = Answer{.text = std::move(text),
                      .end = end,
                      .model = "returned",
                      .usage = Usage{.input = 12,
                                     .cached_input = 1,
                                     .cache_write = 2,
                                     .cache_write_1h = 0,
                                     .output = 40,
                                     .reasoning = 5},
                      .service_tier = ""};
  Attempt attempt;
  attempt.key_source = KeySource::kUserKey;
  attempt.http_status = 200;
  attempt.latency = http::Milliseconds(812);
  attempt.provider_request_id = "req_1";
  leg.attempts.push_back(attempt);
  return leg;
}

LegResult Failed(std::string provider, ErrorReason reason, int http_status, std::string message) {
  LegResult leg;
  leg.provider = std::move(provider);
  leg.key_source = KeySource::kSystemKey;
  leg.error = LegError{.reason = reason,
                       .http_status = http_status,
                       .message = std::move(message),
                       .retryable = reason == ErrorReason::kRateLimited,
                       .retry_after = {}};
  Attempt attempt;
  attempt.error = reason;
  attempt.http_status = http_status;
  attempt.latency = http::Milliseconds(9);
  leg.attempts.push_back(attempt);
  return leg;
}

LegResult WithoutKey(std::string provider) {
  LegResult leg = Failed(provider, ErrorReason::kNoKey, 0,
                         "No " + provider + " API key available: system_key: none stored.");
  leg.key_source.reset();
  leg.attempts.clear();
  return leg;
}

Json ResultOf(std::vector<LegResult> legs, std::int64_t min_answers = 1) {
  TriangleAnswer answer;
  answer.request_id = "0190a1b2-0000-7000-8000-000000000001";
  answer.consensus = TriangleConsensusEngine::Decide("", PanelOf(legs));
  answer.legs = std::move(legs);
  answer.charge = Json::MakeObject().Set("amount_usd", Json::Number("0.031"));
  answer.latency = http::Milliseconds(934);
  answer.min_answers = min_answers;
  return TriangleAnswerToJson(answer);
}

TEST(TriangleAnswer, HasTheMembersInTheirOrder) {
  const Json result = ResultOf({Answered("openai", "Paris"),
                                Failed("deepseek", ErrorReason::kRateLimited, 429, "slow down")});
  EXPECT_EQ(
      result.Dump(),
      R"({"success":true,"responses":{"openai":"Paris"},"consensus":"Paris","confidence":0.5,)"
      R"("key_sources":{"openai":"user_key","deepseek":"system_key"},)"
      R"("request_id":"0190a1b2-0000-7000-8000-000000000001","degraded":true,)"
      R"("models":{"openai":"returned"},"agreement":{"picked":"openai","method":"single",)"
      R"("pairs":{},"status":{"openai":"usable","deepseek":"missing"},"groups":[["openai"]],)"
      R"("finals":{"openai":{"type":"text","value":"Paris"}},"score":null,"usable":1,"evidence":null,"code":false,)"
      R"("confidence_version":2},"usage":{"openai":{"input_tokens":12,)"
      R"("cached_input_tokens":1,"cache_write_tokens":2,"output_tokens":40,)"
      R"("reasoning_tokens":5}},"charge":{"amount_usd":0.031},"errors":{"deepseek":)"
      R"({"reason":"rate_limited","http_status":429,"message":"slow down","retryable":true}},)"
      R"("attempts":[{"provider":"openai","key_source":"user_key","attempt":1,"status":200,)"
      R"("latency_ms":812,"provider_request_id":"req_1"},{"provider":"deepseek",)"
      R"("key_source":"system_key","attempt":1,"status":429,"error":"rate_limited",)"
      R"("latency_ms":9}],"latency_ms":934})");
}

TEST(TriangleAnswer, OmitsWhatNeverHappened) {
  const Json result =
      ResultOf({WithoutKey("openai"), Failed("deepseek", ErrorReason::kTimeout, 0, "no answer")});
  EXPECT_FALSE(result["key_sources"].Has("openai"));
  EXPECT_TRUE(result["key_sources"].Has("deepseek"));
  EXPECT_FALSE(result["errors"]["deepseek"].Has("http_status"));
  EXPECT_FALSE(result["attempts"][0].Has("status"));
  EXPECT_EQ(result["attempts"].Size(), 1u);
  EXPECT_TRUE(result["consensus"].IsNull());
}

TEST(TriangleAnswer, SucceedsFromMinAnswersOn) {
  const std::vector<LegResult> legs = {Answered("openai", "Paris"), Answered("deepseek", "Paris"),
                                       WithoutKey("anthropic")};
  EXPECT_EQ(ResultOf(legs, 2)["success"].AsBool(), true);
  EXPECT_EQ(ResultOf(legs, 3)["success"].AsBool(), false);
}

TEST(TriangleAnswer, ShowsRefusalsAndEmptyTextsButCountsThemNot) {
  const std::vector<LegResult> legs = {Answered("openai", "I will not.", EndReason::kRefused),
                                       Answered("deepseek", "", EndReason::kFiltered),
                                       Answered("anthropic", "")};
  const Json result = ResultOf(legs);
  EXPECT_EQ(result["responses"].Dump(), R"({"openai":"I will not.","deepseek":"","anthropic":""})");
  EXPECT_EQ(result["agreement"]["status"].Dump(),
            R"({"openai":"refused","deepseek":"refused","anthropic":"missing"})");
  EXPECT_EQ(CountAnswers(legs), 0u);
  EXPECT_EQ(result["success"].AsBool(), false);
  EXPECT_EQ(result["confidence"].AsNumberText(), "0");
}

TEST(TriangleAnswer, CountsAnAnswerThatWasCut) {
  EXPECT_EQ(CountAnswers({Answered("openai", "Paris is", EndReason::kLength)}), 1u);
}

TEST(NotEnoughAnswers, HasAClauseForEachProvider) {
  const Status status = NotEnoughAnswers(
      {Failed("openai", ErrorReason::kKeyRejected, 401, "wrong key"),
       Failed("anthropic", ErrorReason::kTimeout, 0, "no answer in time"), WithoutKey("deepseek"),
       Answered("mistral", "no", EndReason::kRefused), Answered("groq", "Paris")},
      2);
  EXPECT_EQ(status.code(), StatusCode::kNoAnswer);
  EXPECT_EQ(status.message(), "could not get an answer from enough providers");
  EXPECT_EQ(status.detail(),
            "openai: HTTP 401, key_rejected: wrong key; anthropic: timeout: no answer in time; "
            "deepseek: no_key: No deepseek API key available: system_key: none stored.; "
            "mistral: refused; groq: answered");
}

TEST(NotEnoughAnswers, SpeaksOfKeysWhenOnlyKeysAreMissing) {
  const Status status = NotEnoughAnswers(
      {Answered("deepseek", "Paris"), WithoutKey("openai"), WithoutKey("anthropic")}, 2);
  EXPECT_EQ(status.code(), StatusCode::kKeyNotFound);
  EXPECT_EQ(status.message(), "No openai API key available");
  EXPECT_EQ(status.detail(),
            "openai: No openai API key available: system_key: none stored.; "
            "anthropic: No anthropic API key available: system_key: none stored.");
  EXPECT_EQ(status.hint(),
            "Store one with store_key(), or set the platform's key in the server's environment.");
}

}  // namespace
}  // namespace byok
