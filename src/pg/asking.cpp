#include "pg/asking.hpp"

#include "pg/guc.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/router_client.hpp"

namespace byok::pg {
namespace {

/// After the request's own deadline the router still writes the bill.
constexpr long kGraceMs = 30'000;

Status ReadArguments(AskDraft& draft, const Identity& who, const char* prompt,
                     const char* options) {
  draft.environment = CurrentEnvironment();
  draft.order.estimate_unknown_price = settings.unknown_price == kEstimate;
  draft.SetIdentity(who.user_id, who.tenant_id);
  return draft.ReadArguments(prompt, options);
}

void Load(const Asking& asking, AskDraft* draft) {
  const auto& providers = draft->order.options.providers;
  LoadProviders(asking.extension, providers ? &*providers : nullptr, asking.who, &draft->keys);
}

}  // namespace

Asking BeginAsking(const Extension& extension, const char* function, const char* user_id,
                   const char* tenant_id) {
  PreventSpending(function);
  Asking asking;
  asking.extension = extension;
  asking.caller = LookUpCaller(extension);
  RequireCapability(asking.caller, kAsks, "ask providers");
  asking.who = ResolveIdentity(asking.caller, user_id, tenant_id);
  return asking;
}

AskDraft* DraftQuestion(const Asking& asking, const char* prompt, const char* options) {
  auto* draft = NewInContext<AskDraft>(CurrentMemoryContext);
  RunCore([=, &asking] { return ReadArguments(*draft, asking.who, prompt, options); });
  Load(asking, draft);
  RunCore([draft] { return draft->ChooseKeys(); });
  return draft;
}

void Ask(AskDraft* draft) {
  RunCore([draft] { return draft->RequireKeys(); });
  RunCore([draft] { return draft->Encode(); });
  const long patience = static_cast<long>(draft->order.options.timeout.count()) + kGraceMs;
  AskRouter(draft->message, draft->order.request_id, patience, &draft->reply);
  RunCore([draft] { return draft->ComposeResult(); });
}

}  // namespace byok::pg
