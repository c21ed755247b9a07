#include "dispatch/idempotency.hpp"

#include "dispatch/rows.hpp"

namespace byok {

IdempotencyId IdempotencyIdOf(const AskOrder& order) {
  return {order.tenant_id.value_or(""), order.user_id, order.options.idempotency_key.value_or("")};
}

AskReply ReplyAgain(const KnownRequest& known) {
  AskReply reply;
  reply.request_id = known.request_id;
  reply.result = known.result;
  if (!known.error.empty()) {
    const auto error = Json::Parse(known.error);
    reply.status = error.ok() ? ErrorFromJson(*error) : error.status();
  } else if (known.result.empty()) {
    reply.status =
        Status(StatusCode::kNoAnswer, "request " + known.request_id + " has ended without a result")
            .WithDetail("Its state is " + known.state + ".");
  }
  return reply;
}

Status OtherQuestion(const IdempotencyId& id, const std::string& request_id) {
  return Status::InvalidArgument("idempotency key \"" + id.key + "\" was used for another question")
      .WithDetail("Request " + request_id + " had another prompt or other options.")
      .WithHint("Use a new key for a new question.");
}

}  // namespace byok
