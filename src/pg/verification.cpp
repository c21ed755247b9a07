#include "pg/verification.hpp"

#include <utility>

namespace byok::pg {
namespace {

constexpr http::Milliseconds kVerifyTimeout{15'000};

}  // namespace

void Verification::Prepare(const LoadedProvider& provider, KeySource source, Secret key) {
  byok::Leg leg{.provider = provider.config, .keys = {}};
  leg.provider.max_retries = 0;
  leg.keys.push_back({.source = source, .key_id = {}, .key = std::move(key)});
  flight.ask.purpose = Purpose::kVerify;
  flight.ask.deadline = http::Clock::now() + kVerifyTimeout;
  flight.ask.legs.push_back(std::move(leg));
}

bool Verification::Rejected() const {
  return Leg().error && Leg().error->reason == ErrorReason::kKeyRejected;
}

Status Verification::RequireGood() const {
  if (Leg().answer) return {};
  if (Rejected()) {
    return Status(StatusCode::kInvalidArgument,
                  "provider \"" + Leg().provider + "\" rejected the key")
        .WithDetail(Leg().error->message);
  }
  return Status(StatusCode::kNoAnswer,
                "could not verify the key with provider \"" + Leg().provider + "\"")
      .WithDetail(Leg().error->message)
      .WithHint("Nothing was stored. Store it without verify and call verify_key() later.");
}

Json Verification::ToJson() const {
  const LegResult& leg = Leg();
  Json json = Json::MakeObject();
  json.Set("valid", leg.answer ? Json(true) : Rejected() ? Json(false) : Json());
  json.Set("provider", leg.provider);
  if (!leg.attempts.empty()) {
    const Attempt& attempt = leg.attempts.back();
    if (attempt.http_status != 0) json.Set("http_status", attempt.http_status);
    json.Set("latency_ms", std::int64_t{attempt.latency.count()});
  }
  if (leg.error) {
    json.Set("reason", ErrorReasonName(leg.error->reason));
    json.Set("detail", leg.error->message);
  } else if (!leg.answer->text.empty()) {
    json.Set("detail", leg.answer->text);
  }
  return json;
}

}  // namespace byok::pg
