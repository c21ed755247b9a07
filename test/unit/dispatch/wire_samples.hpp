#pragma once

#include <string>

#include "dispatch/order.hpp"

namespace byok {

using namespace std::string_literals;  // NOLINT

constexpr std::size_t kPreambleBytes = 7;  ///< magic, version, kind

/// Every member differs from its default, so one that does not cross is seen.
inline ProviderConfig FullProvider() {
  ProviderConfig provider;
  provider.name = "anthropic";
  provider.dialect = "anthropic";
  provider.base_url = "https://api.example.com/v1";
  provider.model = "modell-ä";
  provider.auth_header = "x-api-key";
  provider.auth_prefix = "";
  provider.extra_headers = {{"anthropic-version", "2023-06-01"}, {"", ""}};
  provider.max_tokens_field = "max_completion_tokens";
  provider.verify_path = "/models";
  provider.connect_timeout = http::Milliseconds(2'500);
  provider.max_retries = -1;
  provider.allow_private = true;
  provider.max_in_flight = 7;
  provider.position = 7;
  return provider;
}

inline Candidate StoredKey() {
  Candidate key;
  key.source = KeySource::kUserKey;
  key.state = CandidateState::kExpired;
  key.since = "2026-01-03";
  key.hint = "sk-test-…1234";
  key.record = Candidate::Record{.key_id = *Uuid::Parse("0190a1b2-0000-7000-8000-0000000000ff"),
                                 .generation = 0xFEDCBA9876543210U,
                                 .tenant_id = "",
                                 .user_id = "ada",
                                 .origin = "https://api.example.com",
                                 .sealed = {0x00, 0xFF, 0x42, 0x80, 0x00}};
  return key;
}

inline Candidate EnvironmentKey() {
  Candidate key;
  key.state = CandidateState::kOtherOrigin;
  key.variable = "OPENAI_API_KEY";
  return key;
}

inline AskOptions FullOptions() {
  AskOptions options;
  options.providers = {"openai", "anthropic"};
  options.models = {{"anthropic", "a"}, {"openai", ""}, {"zeta", "\0\xFF"s}};
  options.system = "be brief";
  options.max_tokens = 4'096;
  options.temperature = "0.70";
  options.timeout = std::chrono::milliseconds(1'234);
  options.min_answers = 2;
  options.allow_platform_keys = PlatformKeys::kAnyFailure;
  options.max_charge = Usd::Parse("12345678.000000000001");
  options.strategy = Strategy::kAuto;
  options.idempotency_key = "payment-1";
  options.raise_on_error = false;
  options.metadata = Json::Parse(R"({"a":[1,2.50,"ü",null,true],"a":{"big":1e30}})").value();
  return options;
}

inline AskOrder FullOrder() {
  AskOrder order;
  order.request_id = "0190a1b2-0000-7000-8000-000000000001";
  order.user_id = "user 🦉";
  order.tenant_id = "tenant";
  order.prompt = "why\0not\xC3\x28 日本"s;
  order.options = FullOptions();
  order.estimate_unknown_price = true;
  order.env_file = "/etc/byok/.env";
  order.request_hash = "0a1b";
  order.store_id = *Uuid::Parse("01234567-89ab-cdef-0123-456789abcdef");
  order.legs.push_back({FullProvider(), "https://api.example.com", {StoredKey()}, {}});
  order.legs.push_back({{}, "", {EnvironmentKey(), StoredKey()}, {}});
  order.legs.push_back({{},
                        "o",
                        {},
                        Status(StatusCode::kKeyNotFound, "No openai API key available")
                            .WithDetail("user_key: none stored.")
                            .WithHint("Store one.")});
  return order;
}

inline Attempt FullAttempt() {
  Attempt attempt;
  attempt.number = 2;
  attempt.key_source = KeySource::kTenantByok;
  attempt.key_id = *Uuid::Parse("0190a1b2-0000-7000-8000-0000000000ff");
  attempt.state = CallState::kFailedBilled;
  attempt.error = ErrorReason::kTimeout;
  attempt.http_status = 504;
  attempt.latency = http::Milliseconds(812);
  attempt.provider_request_id = "req_1";
  attempt.model = "gpt-4-0613";
  attempt.usage = Usage{1, 2, 3, 4, 5, 6};
  attempt.started_at = http::TimePoint(http::Clock::duration(123'456'789'012'345));
  attempt.ended_at = http::TimePoint(http::Clock::duration(-1));
  return attempt;
}

inline LegResult AnsweredLeg() {
  LegResult leg;
  leg.provider = "openai";
  leg.model_asked = "gpt-4";
  leg.key_source = KeySource::kUserKey;
  leg.answer = Answer{.text = "dwa\0czy"s,
                      .end = EndReason::kCutOff,
                      .model = "gpt-4-0613",
                      .usage = Usage{1'000'000'000, 20, 10, 5, 50, 6},
                      .service_tier = "flex"};
  leg.attempts = {FullAttempt(), {}};
  leg.request_bytes = std::size_t{1} << 40;
  return leg;
}

inline LegResult FailedLeg() {
  LegResult leg;
  leg.provider = "deepseek";
  leg.error = LegError{.reason = ErrorReason::kCancelled,
                       .http_status = 429,
                       .message = "slow down",
                       .retryable = true,
                       .retry_after = http::Milliseconds(30'000)};
  return leg;
}

inline AskReply FullReply() {
  AskReply reply;
  reply.request_id = "0190a1b2-0000-7000-8000-000000000001";
  reply.status = Status(StatusCode::kInternal, "m").WithDetail("d").WithHint("h");
  reply.legs = {AnsweredLeg(), FailedLeg(), {}};
  reply.charge = R"({"total":"0.031"})";
  reply.latency_ms = -5;
  return reply;
}

}  // namespace byok
