#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "dispatch/order.hpp"

namespace byok {

// Every member for itself, so that a failure names it. In no anonymous namespace: the templates
// find what stands below them only as a name of byok.

inline void ExpectSame(const Status& a, const Status& b) {
  EXPECT_EQ(a.code(), b.code());
  EXPECT_EQ(a.message(), b.message());
  EXPECT_EQ(a.detail(), b.detail());
  EXPECT_EQ(a.hint(), b.hint());
}

inline void ExpectSame(const ProviderConfig& a, const ProviderConfig& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.dialect, b.dialect);
  EXPECT_EQ(a.base_url, b.base_url);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.auth_header, b.auth_header);
  EXPECT_EQ(a.auth_prefix, b.auth_prefix);
  EXPECT_EQ(a.extra_headers, b.extra_headers);
  EXPECT_EQ(a.max_tokens_field, b.max_tokens_field);
  EXPECT_EQ(a.verify_path, b.verify_path);
  EXPECT_EQ(a.connect_timeout, b.connect_timeout);
  EXPECT_EQ(a.max_retries, b.max_retries);
  EXPECT_EQ(a.allow_private, b.allow_private);
  EXPECT_EQ(a.position, b.position);
  EXPECT_EQ(a.max_in_flight, b.max_in_flight);
}

inline void ExpectSame(const Candidate::Record& a, const Candidate::Record& b) {
  EXPECT_EQ(a.key_id, b.key_id);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.tenant_id, b.tenant_id);
  EXPECT_EQ(a.user_id, b.user_id);
  EXPECT_EQ(a.origin, b.origin);
  EXPECT_EQ(a.sealed, b.sealed);
}

inline void ExpectSame(const Answer& a, const Answer& b) {
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.service_tier, b.service_tier);
}

inline void ExpectSame(const LegError& a, const LegError& b) {
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.http_status, b.http_status);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(a.retryable, b.retryable);
  EXPECT_EQ(a.retry_after, b.retry_after);
}

inline void ExpectSame(const Attempt& a, const Attempt& b) {
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.key_source, b.key_source);
  EXPECT_EQ(a.key_id, b.key_id);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.error, b.error);
  EXPECT_EQ(a.http_status, b.http_status);
  EXPECT_EQ(a.latency, b.latency);
  EXPECT_EQ(a.provider_request_id, b.provider_request_id);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.started_at, b.started_at);
  EXPECT_EQ(a.ended_at, b.ended_at);
}

template <class T>
inline void ExpectSame(const std::optional<T>& a, const std::optional<T>& b) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (a) ExpectSame(*a, *b);
}

template <class T>
inline void ExpectSame(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ExpectSame(a[i], b[i]);
}

inline void ExpectSame(const Candidate& a, const Candidate& b) {
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.since, b.since);
  EXPECT_EQ(a.hint, b.hint);
  ExpectSame(a.record, b.record);
  EXPECT_EQ(a.variable, b.variable);
}

inline void ExpectSame(const OrderLeg& a, const OrderLeg& b) {
  ExpectSame(a.provider, b.provider);
  EXPECT_EQ(a.origin, b.origin);
  ExpectSame(a.keys, b.keys);
  ExpectSame(a.refusal, b.refusal);
}

inline void ExpectSame(const AskOptions& a, const AskOptions& b) {
  EXPECT_EQ(a.providers, b.providers);
  EXPECT_EQ(a.models, b.models);
  EXPECT_EQ(a.system, b.system);
  EXPECT_EQ(a.max_tokens, b.max_tokens);
  EXPECT_EQ(a.temperature, b.temperature);
  EXPECT_EQ(a.timeout, b.timeout);
  EXPECT_EQ(a.min_answers, b.min_answers);
  EXPECT_EQ(a.allow_platform_keys, b.allow_platform_keys);
  EXPECT_EQ(a.max_charge, b.max_charge);
  EXPECT_EQ(a.strategy, b.strategy);
  EXPECT_EQ(a.idempotency_key, b.idempotency_key);
  EXPECT_EQ(a.raise_on_error, b.raise_on_error);
  EXPECT_EQ(a.metadata, b.metadata);
}

inline void ExpectSame(const AskOrder& a, const AskOrder& b) {
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.user_id, b.user_id);
  EXPECT_EQ(a.tenant_id, b.tenant_id);
  EXPECT_EQ(a.prompt, b.prompt);
  ExpectSame(a.options, b.options);
  EXPECT_EQ(a.estimate_unknown_price, b.estimate_unknown_price);
  EXPECT_EQ(a.env_file, b.env_file);
  EXPECT_EQ(a.request_hash, b.request_hash);
  EXPECT_EQ(a.store_id, b.store_id);
  ExpectSame(a.legs, b.legs);
}

inline void ExpectSame(const LegResult& a, const LegResult& b) {
  EXPECT_EQ(a.provider, b.provider);
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.model_asked, b.model_asked);
  EXPECT_EQ(a.key_source, b.key_source);
  ExpectSame(a.answer, b.answer);
  ExpectSame(a.error, b.error);
  ExpectSame(a.attempts, b.attempts);
  EXPECT_EQ(a.request_bytes, b.request_bytes);
}

inline void ExpectSame(const AskReply& a, const AskReply& b) {
  EXPECT_EQ(a.request_id, b.request_id);
  ExpectSame(a.status, b.status);
  ExpectSame(a.legs, b.legs);
  EXPECT_EQ(a.charge, b.charge);
  EXPECT_EQ(a.result, b.result);
  EXPECT_EQ(a.latency_ms, b.latency_ms);
}

}  // namespace byok
