#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"
#include "vault/key_source.hpp"

namespace byok {

/// A request of the router.
using AskId = std::uint64_t;

/// One row of `providers`, as a value: everything about a provider that is data, not code.
struct ProviderConfig {
  std::string name;     ///< "openai"
  std::string dialect;  ///< "openai" or "anthropic"
  std::string base_url;
  std::string model;  ///< the one to ask for: options.models, else the row's default
  std::string auth_header = "Authorization";
  std::string auth_prefix = "Bearer ";
  std::vector<http::Header> extra_headers;  ///< e.g. anthropic-version
  std::string max_tokens_field;             ///< "" = the dialect's default
  std::string verify_path;  ///< free endpoint that proves a key; "" = the dialect's default
  http::Milliseconds connect_timeout{10'000};
  int max_retries = 2;  ///< attempts after the first, inside the one deadline
  /// Calls to it at a time; with HTTP/1.1 that is connections. At least 1.
  std::size_t max_in_flight = 10'000;
  bool allow_private = false;
  int position = 0;  ///< order of providers; breaks ties
};

struct Question {
  std::string prompt;
  std::optional<std::string> system;
  std::int64_t max_tokens = 1024;
  std::optional<std::string> temperature;  ///< exact decimal; sent only when given
};

/// Token counts of one answer in one convention for all providers: `input` counts everything that
/// went in, `cached_input` and `cache_write` are parts of it, `reasoning` is a part of `output`.
struct Usage {
  std::int64_t input = 0;
  std::int64_t cached_input = 0;
  std::int64_t cache_write = 0;     ///< all cache writes
  std::int64_t cache_write_1h = 0;  ///< the part of them that is kept an hour
  std::int64_t output = 0;
  std::int64_t reasoning = 0;

  bool operator==(const Usage&) const = default;
};
constexpr std::int64_t kMaxTokens = 1'000'000'000;
/// All counts in 0…10⁹ and the parts within their wholes. What fails is never priced.
bool IsPlausible(const Usage& usage);

/// How an answer ended, for all providers (docs/reference.md has the table).
enum class EndReason { kStop, kLength, kRefused, kFiltered, kCutOff };
std::string_view EndReasonName(
    EndReason reason);  ///< "stop", "length", "refused", "filtered", "cut_off"

struct Answer {
  std::string text;
  EndReason end = EndReason::kStop;
  std::string model;           ///< as the provider returned it; the asked one when it did not say
  std::optional<Usage> usage;  ///< nothing when missing or implausible
  std::string service_tier;    ///< "" unless the provider names another tier than the standard one
};

/// Why a provider gave no answer.
enum class ErrorReason {
  kNoKey,          ///< no tier has a key
  kUndecryptable,  ///< the stored key does not open; never falls to the next tier
  kKeyRejected,
  kNotPermitted,
  kQuotaExhausted,
  kRateLimited,
  kRequestTooLarge,
  kModelNotFound,
  kBadRequest,
  kOverloaded,
  kProviderError,
  kGatewayError,
  kProtocolError,
  kUnreachable,
  kTimeout,
  kCancelled,    ///< the caller went
  kCircuitOpen,  ///< not asked: the provider failed too often in a row
};
constexpr std::size_t kErrorReasons = static_cast<std::size_t>(ErrorReason::kCircuitOpen) + 1;
std::string_view ErrorReasonName(ErrorReason reason);  ///< "no_key", "key_rejected", …

struct LegError {
  ErrorReason reason = ErrorReason::kProviderError;
  int http_status = 0;                            ///< 0 when there was no response
  std::string message;                            ///< sanitised, at most 300 characters
  bool retryable = false;                         ///< whether asking again later may help
  std::optional<http::Milliseconds> retry_after;  ///< when the provider said so
};

/// What is known of a call for the bill (docs/billing.md). A skipped one was permitted and never
/// sent.
enum class CallState { kAnswered, kFailedBilled, kFailedUnbilled, kUnknown, kSkipped };
std::string_view CallStateName(CallState state);  ///< "answered", "failed_billed", …

/// One HTTP exchange, or with CallState::kSkipped the intent of one.
struct Attempt {
  int number = 1;
  KeySource key_source = KeySource::kSystemKey;
  std::optional<Uuid> key_id;  ///< nothing for a key of the server's environment
  CallState state = CallState::kUnknown;
  std::optional<ErrorReason> error;
  int http_status = 0;
  http::Milliseconds latency{0};
  std::string provider_request_id;
  std::string model;  ///< as returned, else as asked
  std::optional<Usage> usage;
  http::TimePoint started_at;
  http::TimePoint ended_at;
};

struct LegKey {
  KeySource source = KeySource::kSystemKey;
  std::optional<Uuid> key_id;
  Secret key;
};

/// What a call is for.
enum class Purpose {
  kAnswer,
  kVerify,     ///< of a key: free, and no row of the bill
  kJudge,      ///< which answers mean the same
  kSynthesis,  ///< one answer out of all
};
std::string_view PurposeName(Purpose purpose);  ///< "answer", "verify", "judge", "synthesis"

/// One provider's part of a request, as the router gets it.
struct Leg {
  ProviderConfig provider;
  /// The key to use, then, only under allow_platform_keys = any_failure, the one to move to when
  /// the provider rejects, limits or fails the first. Never empty.
  std::vector<LegKey> keys;
};

/// One provider's part of a request, done. Exactly one of answer and error is set; for
/// Purpose::kVerify a good key is an answer without text.
struct LegResult {
  std::string provider;
  Purpose purpose = Purpose::kAnswer;
  std::string model_asked;
  std::optional<KeySource> key_source;  ///< of the last attempt; nothing when there was no key
  std::optional<Answer> answer;
  std::optional<LegError> error;
  std::vector<Attempt> attempts;
  std::size_t request_bytes = 0;  ///< of the body sent; bounds the input tokens
};

}  // namespace byok
