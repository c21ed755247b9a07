#include "dispatch/wire.hpp"

#include <array>
#include <chrono>

#include "base/secret.hpp"

#include "dispatch/archive.hpp"

namespace byok {
namespace wire {

// --- enums: one byte each ------------------------------------------------------------------------

enum class Kind { kOrder = 1, kReply = 2, kCancel = 3, kPolicy = 4 };

namespace {

bool IsKnown(KeySource source) {
  return !KeySourceName(source).empty();
}
bool IsKnown(EndReason reason) {
  return !EndReasonName(reason).empty();
}
bool IsKnown(ErrorReason reason) {
  return !ErrorReasonName(reason).empty();
}
bool IsKnown(Purpose purpose) {
  return !PurposeName(purpose).empty();
}
bool IsKnown(Strategy strategy) {
  return !StrategyName(strategy).empty();
}
bool IsKnown(CallState state) {
  return !CallStateName(state).empty();
}

// Those without names are listed, without a default: the compiler misses what is missing.
bool IsKnown(PlatformKeys keys) {
  switch (keys) {
    case PlatformKeys::kMissingOnly:
    case PlatformKeys::kNever:
    case PlatformKeys::kAnyFailure:
      return true;
  }
  return false;
}

bool IsKnown(CandidateState state) {
  switch (state) {
    case CandidateState::kActive:
    case CandidateState::kExpired:
    case CandidateState::kRevoked:
    case CandidateState::kRetired:
    case CandidateState::kOtherOrigin:
      return true;
  }
  return false;
}

bool IsKnown(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
    case StatusCode::kInvalidArgument:
    case StatusCode::kNullArgument:
    case StatusCode::kKeyNotFound:
    case StatusCode::kPermissionDenied:
    case StatusCode::kUnauthentic:
    case StatusCode::kMisconfigured:
    case StatusCode::kUnavailable:
    case StatusCode::kNoAnswer:
    case StatusCode::kPaymentRequired:
    case StatusCode::kOverlap:
    case StatusCode::kNotSupported:
    case StatusCode::kLocked:
    case StatusCode::kCancelled:
    case StatusCode::kInternal:
      return true;
  }
  return false;
}

bool IsKnown(Kind kind) {
  return kind == Kind::kOrder || kind == Kind::kReply || kind == Kind::kCancel ||
         kind == Kind::kPolicy;
}

}  // namespace

template <class A, class Enum>
requires std::is_enum_v<Enum>
void Describe(A& a, Enum& value) {
  auto byte = static_cast<std::uint8_t>(value);
  a(byte);
  if constexpr (A::kReads) {
    const auto read = static_cast<Enum>(byte);
    if (a.Require(IsKnown(read))) value = read;
  }
}

// --- values that hide their members --------------------------------------------------------------

template <class A>
void Describe(A& a, Described<A, Status>& status) {
  if constexpr (A::kReads) {
    StatusCode code{};
    std::string message, detail, hint;
    a(code, message, detail, hint);
    status =
        Status(code, std::move(message)).WithDetail(std::move(detail)).WithHint(std::move(hint));
  } else {
    const StatusCode code = status.code();
    a(code, status.message(), status.detail(), status.hint());
  }
}

template <class A>
void Describe(A& a, Described<A, Json>& json) {
  std::string text;
  if constexpr (!A::kReads) text = json.Dump();
  a(text);
  if constexpr (A::kReads) {
    Result<Json> parsed = Json::Parse(text);
    if (a.Require(parsed.ok())) json = *std::move(parsed);
  }
}

/// What numeric(20,12) holds is smaller.
constexpr Usd::Units kUnitsEnd = Usd::Units{10'000'000'000} * 10'000'000'000;

template <class A>
void Describe(A& a, Described<A, Usd>& amount) {
  auto low = static_cast<std::uint64_t>(amount.units());
  auto high = static_cast<std::int64_t>(amount.units() >> 64);
  a(low, high);
  if constexpr (A::kReads) {
    const Usd::Units units = Usd::Units{high} * (Usd::Units{1} << 64) + low;
    if (a.Require(-kUnitsEnd < units && units < kUnitsEnd)) amount = Usd::FromUnits(units);
  }
}

/// Two of them, or one and a point in time, still add up: nobody who computes a deadline of what
/// was read has to think of overflow.
constexpr auto kLongest = http::Clock::duration::max() / 2;
constexpr auto kMostMilliseconds = std::chrono::duration_cast<http::Milliseconds>(kLongest);

template <class A>
void Describe(A& a, Described<A, http::Milliseconds>& duration) {
  std::int64_t count = duration.count();
  a(count);
  if constexpr (A::kReads) {
    const http::Milliseconds read(count);
    if (a.Require(-kMostMilliseconds <= read && read <= kMostMilliseconds)) duration = read;
  }
}

template <class A>
void Describe(A& a, Described<A, http::TimePoint>& time) {
  std::int64_t ticks = time.time_since_epoch().count();
  a(ticks);
  if constexpr (A::kReads) {
    const http::Clock::duration read(ticks);
    if (a.Require(-kLongest <= read && read <= kLongest)) time = http::TimePoint(read);
  }
}

template <class A>
void Describe(A& a, Described<A, Uuid>& id) {
  a(id.bytes);
}

// --- all members, in the order of their headers: a new one is one more argument
// --------------------

template <class A>
void Describe(A& a, Described<A, ProviderConfig>& p) {
  a(p.name, p.dialect, p.base_url, p.model);
  a(p.auth_header, p.auth_prefix, p.extra_headers);
  a(p.max_tokens_field, p.verify_path);
  a(p.connect_timeout);
  a(p.max_retries);
  a(p.allow_private);
  a(p.position, p.max_in_flight);
}

template <class A>
void Describe(A& a, Described<A, Candidate::Record>& r) {
  a(r.key_id, r.generation, r.tenant_id, r.user_id, r.origin, r.sealed);
}

template <class A>
void Describe(A& a, Described<A, Candidate>& c) {
  a(c.source, c.state, c.since, c.hint, c.record, c.variable);
}

template <class A>
void Describe(A& a, Described<A, OrderLeg>& l) {
  a(l.provider, l.origin, l.keys, l.refusal);
}

template <class A>
void Describe(A& a, Described<A, AskOptions>& o) {
  a(o.providers, o.models, o.system, o.max_tokens, o.temperature, o.timeout, o.min_answers);
  a(o.allow_platform_keys, o.strategy, o.max_charge, o.idempotency_key, o.raise_on_error,
    o.metadata);
}

template <class A>
void Describe(A& a, Described<A, AskOrder>& o) {
  a(o.request_id, o.user_id, o.tenant_id, o.prompt, o.options);
  a(o.estimate_unknown_price, o.env_file, o.request_hash, o.store_id, o.legs);
}

template <class A>
void Describe(A& a, Described<A, Usage>& u) {
  a(u.input, u.cached_input, u.cache_write, u.cache_write_1h, u.output, u.reasoning);
}

template <class A>
void Describe(A& a, Described<A, Answer>& w) {
  a(w.text, w.end, w.model, w.usage, w.service_tier);
}

template <class A>
void Describe(A& a, Described<A, LegError>& e) {
  a(e.reason, e.http_status, e.message, e.retryable, e.retry_after);
}

template <class A>
void Describe(A& a, Described<A, Attempt>& t) {
  a(t.number, t.key_source, t.key_id, t.state, t.error, t.http_status, t.latency);
  a(t.provider_request_id, t.model, t.usage, t.started_at, t.ended_at);
}

template <class A>
void Describe(A& a, Described<A, LegResult>& l) {
  a(l.provider, l.purpose, l.model_asked, l.key_source, l.answer, l.error, l.attempts,
    l.request_bytes);
}

template <class A>
void Describe(A& a, Described<A, AskReply>& r) {
  a(r.request_id, r.status, r.result, r.legs, r.charge, r.latency_ms);
}

template <class A>
void Describe(A& a, Described<A, CancelOrder>& c) {
  a(c.request_id);
}

template <class A>
void Describe(A& a, Described<A, PolicyOrder>& p) {
  a(p.owner_kind, p.owner_id, p.debt_allowed, p.credit_limit);
}

// --- messages ------------------------------------------------------------------------------------

template <class T>
concept CanCross = requires(Writer& writer, const T& value) {
  Describe(writer, value);
};
static_assert(!CanCross<Leg> && !CanCross<LegKey> && !CanCross<Secret>,
              "a key crosses sealed or not at all");

constexpr std::array<std::uint8_t, 4> kMagic = {'B', 'Y', 'K', 'W'};

struct Preamble {
  std::array<std::uint8_t, 4> magic{};
  std::uint16_t version = 0;
};

template <class A>
void Describe(A& a, Described<A, Preamble>& p) {
  a(p.magic, p.version);
}

template <class Message>
std::string Encode(Kind kind, const Message& message) {
  Writer writer;
  writer(Preamble{kMagic, kWireVersion}, kind, message);
  return std::move(writer).Take();
}

template <class Message>
Result<Message> Decode(Kind expected, std::string_view bytes) {
  const auto version = WireVersionOf(bytes);
  if (version && *version != kWireVersion) {
    return Status::Internal("message of the router has another version");
  }
  Reader reader(bytes);
  Preamble preamble;
  Kind kind{};
  Message message;
  reader.Require(version.has_value() && bytes.size() <= kMaxWireBytes);
  reader(preamble, kind);
  reader.Require(kind == expected);
  reader(message);
  if (!reader.Complete()) return Status::Internal("message of the router is malformed");
  return message;
}

}  // namespace wire

std::string EncodeOrder(const AskOrder& order) {
  return wire::Encode(wire::Kind::kOrder, order);
}

std::string EncodeReply(const AskReply& reply) {
  return wire::Encode(wire::Kind::kReply, reply);
}

std::string EncodeCancel(const CancelOrder& cancel) {
  return wire::Encode(wire::Kind::kCancel, cancel);
}

std::string EncodePolicy(const PolicyOrder& policy) {
  return wire::Encode(wire::Kind::kPolicy, policy);
}

Result<AskOrder> DecodeOrder(std::string_view bytes) {
  return wire::Decode<AskOrder>(wire::Kind::kOrder, bytes);
}

Result<AskReply> DecodeReply(std::string_view bytes) {
  return wire::Decode<AskReply>(wire::Kind::kReply, bytes);
}

Result<CancelOrder> DecodeCancel(std::string_view bytes) {
  return wire::Decode<CancelOrder>(wire::Kind::kCancel, bytes);
}

Result<PolicyOrder> DecodePolicy(std::string_view bytes) {
  return wire::Decode<PolicyOrder>(wire::Kind::kPolicy, bytes);
}

std::optional<std::uint16_t> WireVersionOf(std::string_view bytes) {
  wire::Reader reader(bytes);
  wire::Preamble preamble;
  reader(preamble);
  if (!reader.ok() || preamble.magic != wire::kMagic) return std::nullopt;
  return preamble.version;
}

}  // namespace byok
