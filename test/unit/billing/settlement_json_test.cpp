#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"
#include "billing/settlement.hpp"

namespace byok {
namespace {

SettledCall AnsweredCall() {
  SettledCall call;
  call.provider = "openai";
  call.model = "gpt-4-0613";
  call.attempt = 2;
  call.key_id = Uuid::Parse("0190a1b2-0000-7000-8000-000000000001");
  call.state = CallState::kAnswered;
  call.usage = Usage{.input = 100,
                     .cached_input = 20,
                     .cache_write = 10,
                     .cache_write_1h = 0,
                     .output = 50,
                     .reasoning = 5};
  call.cost = Dollars("0.000000007");
  call.charge = Dollars("0.000000014");
  call.price_id = 17;
  call.rule_id = 1;
  call.unit_prices = UnitPrices{.rates = {.input = PerMillion("0.00007"),
                                          .output = PerMillion("0.00014"),
                                          .cached_input = PerMillion("0.000035"),
                                          .per_request = {}},
                                .markup = Factor::Parse("2").value(),
                                .flat = Usd(),
                                .fee = {}};
  call.latency = http::Milliseconds(812);
  call.http_status = 200;
  call.provider_request_id = "req_1";
  return call;
}

SettledCall FailedCall() {
  SettledCall call;
  call.provider = "deepseek";
  call.model = "deepseek-chat";
  call.key_source = KeySource::kUserKey;
  call.state = CallState::kFailedUnbilled;
  call.error = ErrorReason::kRateLimited;
  call.estimated = true;
  return call;
}

Settlement Of(std::vector<SettledCall> calls) {
  Settlement settlement;
  settlement.calls = std::move(calls);
  return settlement;
}

TEST(CallToJson, HasAColumnForEveryFact) {
  EXPECT_EQ(
      CallToJson(AnsweredCall()).Dump(),
      R"({"provider":"openai","model":"gpt-4-0613","attempt":2,"key_source":"system_key",)"
      R"("credential_id":"0190a1b2-0000-7000-8000-000000000001","status":"ok","error":null,)"
      R"("input_tokens":100,"cached_input_tokens":20,"cache_write_tokens":10,)"
      R"("output_tokens":50,"reasoning_tokens":5,"cost_usd":0.000000007,"estimated":false,)"
      R"("charge_usd":0.000000014,"price_id":17,"rule_id":1,)"
      R"("unit_prices":{"input":0.00007,"cached_input":0.000035,"output":0.00014,"markup":2},)"
      R"("latency_ms":812,)"
      R"("http_status":200,"provider_request_id":"req_1"})");
}

TEST(CallToJson, SaysNullForWhatIsNotKnown) {
  EXPECT_EQ(CallToJson(FailedCall()).Dump(),
            R"({"provider":"deepseek","model":"deepseek-chat","attempt":1,"key_source":"user_key",)"
            R"("credential_id":null,"status":"failed_unbilled","error":"rate_limited",)"
            R"("input_tokens":null,"cached_input_tokens":null,"cache_write_tokens":null,)"
            R"("output_tokens":null,"reasoning_tokens":null,"cost_usd":null,"estimated":true,)"
            R"("charge_usd":0,"price_id":null,"rule_id":null,"unit_prices":null,"latency_ms":0,)"
            R"("http_status":0,"provider_request_id":""})");
}

TEST(CallToJson, KeepsEveryUnitPriceThatWasUsed) {
  SettledCall call = AnsweredCall();
  call.unit_prices = UnitPrices{.rates = {.input = PerMillion("1"),
                                          .output = PerMillion("2"),
                                          .cached_input = PerMillion("0"),
                                          .cache_write = PerMillion("1.25"),
                                          .cache_write_1h = PerMillion("2.5"),
                                          .reasoning = PerMillion("3"),
                                          .per_request = Dollars("0.005")},
                                .markup = {},
                                .flat = Dollars("0.03"),
                                .fee = Factor::Parse("0.05").value()};
  EXPECT_EQ(CallToJson(call)["unit_prices"].Dump(),
            R"({"input":1,"cached_input":0,"cache_write":1.25,"cache_write_1h":2.5,"output":2,)"
            R"("reasoning":3,"request":0.005,"flat":0.03,"fee":0.05})");
}

SettledCall CallOf(std::string provider, std::optional<Usd> cost, Usd charge) {
  SettledCall call;
  call.provider = std::move(provider);
  call.cost = cost;
  call.charge = charge;
  return call;
}

TEST(ChargeToJson, SumsTheAttemptsOfAProvider) {
  Settlement settlement =
      Of({CallOf("openai", Dollars("0.03"), Usd()), CallOf("anthropic", Usd(), Usd()),
          CallOf("anthropic", Dollars("0.01"), Dollars("0.03"))});
  settlement.charge = Dollars("0.03");
  settlement.platform_cost = Dollars("0.04");
  settlement.estimated = true;
  EXPECT_EQ(ChargeToJson(settlement).Dump(),
            R"({"amount_usd":0.03,"api_cost_usd":{"openai":0.03,"anthropic":0.01},)"
            R"("by_provider":{"openai":0,"anthropic":0.03},"estimated":true})");
}

TEST(ChargeToJson, KnowsNoSumWhenOneCostIsUnknown) {
  const Settlement settlement =
      Of({CallOf("openai", {}, Usd()), CallOf("openai", Dollars("0.03"), Usd())});
  EXPECT_EQ(ChargeToJson(settlement).Dump(), R"({"amount_usd":0,"api_cost_usd":{"openai":null},)"
                                             R"("by_provider":{"openai":0},"estimated":false})");
}

}  // namespace
}  // namespace byok
