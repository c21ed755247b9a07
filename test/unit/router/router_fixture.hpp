#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "router/fake_transport.hpp"
#include "router/multi_provider_router.hpp"

namespace byok {

constexpr const char* kOpenAiAnswer =
    R"({"model":"gpt-test-2026","choices":[{"message":{"content":"Paris"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":12,"completion_tokens":3}})";
constexpr const char* kAnthropicAnswer =
    R"({"model":"claude-test","content":[{"type":"text","text":"Paris."}],"stop_reason":"end_turn",
        "usage":{"input_tokens":10,"output_tokens":4}})";

/// A router over a transport without a network; the test is its host, its clock and the providers.
class RouterTest : public testing::Test {
 protected:
  explicit RouterTest(RouterLimits limits = {})
      : router(
            transport, [] { return 0.0; }, limits,
            [this](const std::string& provider, const Attempt& attempt) {
              observed.emplace_back(provider, attempt);
            }) {}

  static http::TimePoint After(int milliseconds) {
    return http::TimePoint(std::chrono::hours(1)) + http::Milliseconds(milliseconds);
  }

  static LegKey Key(KeySource source, const char* text) {
    return {source, std::nullopt, Secret::CopyOf(text)};
  }

  static Leg OpenAiLeg(const char* name = "openai") {
    Leg leg;
    leg.provider.name = name;
    leg.provider.dialect = "openai";
    leg.provider.base_url = "https://api.openai.test/v1/";
    leg.provider.model = "gpt-test";
    leg.keys.push_back(Key(KeySource::kUserKey, "sk-test-user-key"));
    return leg;
  }

  static Leg AnthropicLeg() {
    Leg leg = OpenAiLeg("anthropic");
    leg.provider.dialect = "anthropic";
    leg.provider.base_url = "https://api.anthropic.test";
    leg.provider.auth_header = "x-api-key";
    leg.provider.auth_prefix = "";
    leg.provider.extra_headers = {{"anthropic-version", "2023-06-01"}};
    return leg;
  }

  AskId Start(std::vector<Leg> legs, int timeout_ms = 10'000, int now_ms = 0) {
    Ask ask;
    ask.question.prompt = "What is the capital of France?";
    ask.legs = std::move(legs);
    ask.deadline = After(now_ms + timeout_ms);
    return router.Start(std::move(ask), After(now_ms));
  }
  AskId Start(Leg leg, int timeout_ms = 10'000, int now_ms = 0) {
    std::vector<Leg> legs;
    legs.push_back(std::move(leg));
    return Start(std::move(legs), timeout_ms, now_ms);
  }

  /// Takes and permits what is wanted; returns how many that was.
  std::size_t PermitAll(http::TimePoint now) {
    const std::vector<Intent> intents = router.TakeIntents();
    for (const Intent& intent : intents) router.Permit(intent.ask, intent.leg, now);
    return intents.size();
  }

  /// The one leg of the one request that ended.
  LegResult Only() {
    std::vector<AskResult> finished = router.TakeFinished();
    if (finished.size() != 1 || finished[0].legs.size() != 1) {
      ADD_FAILURE() << "not exactly one leg ended";
      return {};
    }
    return std::move(finished[0].legs[0]);
  }

  FakeTransport transport;
  std::vector<std::pair<std::string, Attempt>> observed;
  MultiProviderRouter router;
};

}  // namespace byok
