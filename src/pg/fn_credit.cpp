// The SQL surface of credit: grant_credits, credit_balance, refund_request, reconcile_unknown. What
// changes an account is a row of the caller's transaction that the router books after the commit.

#include "billing/account_book.hpp"

#include "pg/commit_hint.hpp"
#include "pg/entry.hpp"
#include "pg/gate.hpp"
#include "pg/money_arguments.hpp"
#include "pg/named_lock.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {
namespace {

Caller RequireBiller(const Extension& extension, const char* function, const char* action) {
  PreventSpending(function);
  Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kBillingAdmin | kAdmin, action);
  return caller;
}

// --- the balance
// -------------------------------------------------------------------------------------

// What is committed and not booked counts: a payment is there at once.
Statement read_balance = {R"(
  SELECT pg_catalog.trim_scale(coalesce(pg_catalog.sum(b.posted), 0)), pg_catalog.trim_scale(coalesce(pg_catalog.sum(b.held), 0)),
         pg_catalog.trim_scale(coalesce(pg_catalog.sum(b.posted - b.held + b.credit_limit), 0))
    FROM (SELECT a.posted_usd::numeric, a.held_usd::numeric, a.credit_limit_usd::numeric
            FROM @s@.credit_accounts a WHERE a.owner_kind = $1 AND a.owner_id = $2
          UNION ALL
          SELECT CASE r.kind WHEN 'grant' THEN r.amount_cents * 0.01 ELSE -t.amount_usd::numeric END, 0, 0
            FROM @s@.credit_pending p JOIN @s@.credit_requests r ON r.id = p.id
                 LEFT JOIN @s@.credit_transactions t ON r.kind = 'refund' AND t.request_id = r.request_id AND t.type = 'triangle_query'
           WHERE p.owner_kind = $1 AND p.owner_id = $2
         ) b (posted, held, credit_limit))",
                          2,
                          {TEXTOID, TEXTOID}};

/// Decimal texts.
struct Balance {
  const char *posted, *held, *available;
};

Datum ToNumeric(const char* decimal) {
  return DirectFunctionCall3(numeric_in, CStringGetDatum(decimal), ObjectIdGetDatum(InvalidOid),
                             Int32GetDatum(-1));
}

using Executor = void (*)(const Extension&, const Parameter*);

/// As the caller's transaction sees it.
void ReadAsSeen(const Extension& extension, const Parameter* owner) {
  Execute(read_balance, extension, owner, false);
}

/// With all that others have committed, whatever the isolation level.
void ReadNow(const Extension& extension, const Parameter* owner) {
  ExecuteFresh(read_balance, extension, owner);
}

Balance ReadBalance(const Extension& extension, const Owner& owner, Executor read) {
  MemoryContext context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {TextParameter(owner.kind), TextParameter(owner.id)};
  read(extension, parameters);
  const auto keep = [context](int column) {
    return MemoryContextStrdup(context, Column(0, column));
  };
  const Balance balance = {keep(1), keep(2), keep(3)};
  EndOwnerSection(section);
  return balance;
}

// --- requests for credit
// -----------------------------------------------------------------------------

// Who comes second waits for the first and then sees its row.
Statement insert_grant = {R"(
  WITH r AS (
    INSERT INTO @s@.credit_requests (kind, owner_kind, owner_id, amount_cents, type, description, idempotency_key, requested_by)
    VALUES ('grant', $1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id, owner_kind, owner_id
  )
  INSERT INTO @s@.credit_pending (id, owner_kind, owner_id) SELECT id, owner_kind, owner_id FROM r)",
                          7,
                          {TEXTOID, TEXTOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};

Statement same_grant = {R"(
  SELECT (r.owner_kind, r.owner_id, r.amount_cents, r.type) IS NOT DISTINCT FROM ($1, $2, $3, $4)
    FROM @s@.credit_requests r WHERE r.idempotency_key = $5)",
                        5,
                        {TEXTOID, TEXTOID, INT4OID, TEXTOID, TEXTOID}};

Statement insert_refund = {R"(
  WITH r AS (
    INSERT INTO @s@.credit_requests (kind, type, description, request_id, requested_by)
    VALUES ('refund', 'refund', $2, $1, $3)
    ON CONFLICT (request_id) WHERE kind = 'refund' DO NOTHING
    RETURNING id, request_id
  )
  INSERT INTO @s@.credit_pending (id, owner_kind, owner_id)
  SELECT r.id, a.owner_kind, a.owner_id
    FROM r LEFT JOIN @s@.credit_transactions t ON t.request_id = r.request_id AND t.type = 'triangle_query'
           LEFT JOIN @s@.credit_accounts a ON a.id = t.account_id
  RETURNING owner_kind, owner_id)",
                           3,
                           {UUIDOID, TEXTOID, TEXTOID}};

Statement read_charge = {R"(
  SELECT q.finished_at IS NOT NULL, pg_catalog.trim_scale(coalesce(-t.amount_usd::numeric, 0))
    FROM @s@.triangle_requests q
         LEFT JOIN @s@.credit_transactions t ON t.request_id = q.id AND t.type = 'triangle_query'
   WHERE q.id = $1)",
                         1,
                         {UUIDOID}};

Statement insert_correction = {
    R"(
  WITH r AS (
    INSERT INTO @s@.credit_requests (kind, type, description, request_id, details, requested_by)
    SELECT 'correction', 'correction', $7, c.request_id,
           pg_catalog.jsonb_build_object('provider', c.provider, 'purpose', c.purpose, 'attempt', c.attempt, 'input_tokens', $4,
             'output_tokens', $5, 'cost_usd', $6::numeric), $8
      FROM @s@.triangle_calls c
     WHERE c.request_id = $1 AND c.provider = $2 AND c.attempt = $3 AND c.purpose = $9 AND c.key_source = 'system_key'
       AND c.state IN ('answered', 'failed_billed', 'unknown')
       AND EXISTS (SELECT FROM @s@.platform_api_usage p
                    WHERE (p.request_id, p.provider, p.purpose, p.attempt) = (c.request_id, c.provider, c.purpose, c.attempt)
                      AND p.corrects_id IS NULL)
    RETURNING id
  )
  INSERT INTO @s@.credit_pending (id) SELECT id FROM r
  RETURNING (SELECT pg_catalog.trim_scale(c.bound_cost_usd::numeric) FROM @s@.triangle_calls c
              WHERE c.request_id = $1 AND c.provider = $2 AND c.attempt = $3 AND c.purpose = $9 AND c.bound_cost_usd < $6))",
    9,
    {UUIDOID, TEXTOID, INT4OID, INT8OID, INT8OID, NUMERICOID, TEXTOID, TEXTOID, TEXTOID}};

/// Grants of one owner wait for each other until they are committed, so that each knows the balance
/// it makes.
void LockOwner(const Owner& owner) {
  LockName(LockClass::kCredit, psprintf("%s %s", owner.kind, owner.id));
}

void CheckGrant(int32 cents, const char* type) {
  const bool adjusts = strcmp(type, "adjustment") == 0;
  if (!adjusts && strcmp(type, "purchase") != 0 && strcmp(type, "promo") != 0) {
    Raise(StatusCode::kInvalidArgument, psprintf("type \"%s\" is not known", type), nullptr,
          "Grants are of type purchase, promo or adjustment.");
  }
  if (cents == 0 || (cents < 0 && !adjusts)) {
    Raise(StatusCode::kInvalidArgument,
          psprintf("amount_cents must be %s, not %d",
                   adjusts ? "other than zero" : "greater than zero", cents),
          nullptr, adjusts ? nullptr : "Only an adjustment may take credit away.");
  }
}

void RefuseHugeBalance(const Balance& balance) {
  RunCore([&balance] {
    const auto posted = Usd::Parse(balance.posted);
    return posted && -kMostBalance <= *posted && *posted <= kMostBalance
               ? Status()
               : Status::InvalidArgument("the balance would be beyond " + kMostBalance.ToString() +
                                         " USD");
  });
}

/// Whose account the refund that was just asked for is for; without an id when nothing was charged.
Owner RefundedOwner(MemoryContext context) {
  const auto keep = [context](const char* text) {
    return text == nullptr ? nullptr : MemoryContextStrdup(context, text);
  };
  return {keep(Column(0, 1)), keep(Column(0, 2))};
}

bool IsSameGrant(const Extension& extension, const Owner& owner, int32 cents, const char* type,
                 const char* key) {
  const Parameter parameters[] = {TextParameter(owner.kind), TextParameter(owner.id),
                                  IntParameter(cents), TextParameter(type), TextParameter(key)};
  Execute(same_grant, extension, parameters, false);
  return SPI_processed == 1 && *Column(0, 1) == 't';
}

/// NULL: they stay as they are booked.
Parameter TokensArgument(FunctionCallInfo fcinfo, int index) {
  constexpr int64 kMost = 1'000'000'000;
  if (PG_ARGISNULL(index)) return {};
  const int64 tokens = PG_GETARG_INT64(index);
  if (tokens < 0 || tokens > kMost) {
    Raise(StatusCode::kInvalidArgument, "tokens must be from 0 to 1000000000");
  }
  return LongParameter(tokens);
}

/// `bound`: of the call, when the cost is above it. It is a generous one: most likely a slip.
void RefuseBeyond(const char* bound, const char* cost) {
  if (bound == nullptr) return;
  Raise(StatusCode::kInvalidArgument,
        psprintf("cost_usd %s is more than the call could cost, %s USD", cost, bound),
        "That is the bound that was computed before it was sent, from its bytes and max_tokens.",
        "If the provider did take that, say beyond_bound => true.");
}

}  // namespace

BYOK_SQL_FUNCTION(byok_grant_credits) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = RequireBiller(extension, "grant_credits()", "grant credits");
  const Owner owner = OwnerArgument(fcinfo, 0, 4);
  if (PG_ARGISNULL(1)) Raise(StatusCode::kNullArgument, "amount_cents must not be null");
  const int32 cents = PG_GETARG_INT32(1);
  const char* key = OptionalId(fcinfo, 3, "idempotency_key");
  const char* type = RequiredText(fcinfo, 5, "type");
  CheckGrant(cents, type);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {TextParameter(owner.kind),
                                  TextParameter(owner.id),
                                  IntParameter(cents),
                                  TextParameter(type),
                                  TextParameter(TextArgument(fcinfo, 2)),
                                  TextParameter(key),
                                  TextParameter(caller.role_name)};
  LockOwner(owner);
  Execute(insert_grant, extension, parameters, false);
  const bool is_new = SPI_processed == 1;
  if (!is_new && !IsSameGrant(extension, owner, cents, type, key)) {
    Raise(StatusCode::kInvalidArgument,
          psprintf("idempotency key \"%s\" was used for another grant", key), nullptr,
          "Use a new key for a new payment.");
  }
  EndOwnerSection(section);
  const Balance balance = ReadBalance(extension, owner, ReadNow);
  if (!is_new) return ToNumeric(balance.posted);
  RefuseHugeBalance(balance);
  HintRouterAtCommit(Router::kIfThere);
  return ToNumeric(balance.posted);
}

BYOK_SQL_FUNCTION(byok_credit_balance) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = LookUpCaller(extension);
  RequireCapability(caller, kAllCapabilities, "see balances");
  const Owner owner = OwnerArgument(fcinfo, 0, 1);
  if ((caller.capabilities & (kApp | kBillingAdmin | kAuditor | kAdmin)) == 0) {
    const bool user = strcmp(owner.kind, "user") == 0;
    (void)ResolveIdentity(caller, user ? owner.id : nullptr, user ? nullptr : owner.id);
  }
  const Balance balance = ReadBalance(extension, owner, ReadAsSeen);
  InitMaterializedSRF(fcinfo, 0);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  Datum values[] = {ToNumeric(balance.posted), ToNumeric(balance.held),
                    ToNumeric(balance.available)};
  bool nulls[] = {false, false, false};
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  return Datum(0);
}

BYOK_SQL_FUNCTION(byok_refund_request) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = RequireBiller(extension, "refund_request()", "refund requests");
  const char* id = RequiredUuid(fcinfo, 0, "request_id");
  const char* reason = RequiredText(fcinfo, 1, "reason");
  MemoryContext context = CurrentMemoryContext;
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter request = UuidParameter(id);
  Execute(read_charge, extension, &request, false);
  if (SPI_processed == 0) {
    Raise(StatusCode::kKeyNotFound, psprintf("request \"%s\" does not exist", id));
  }
  if (*Column(0, 1) != 't') {
    Raise(StatusCode::kMisconfigured, psprintf("request %s has not ended", id), nullptr,
          "Nothing is charged before. Cancel it with triangle_cancel().");
  }
  const char* charge = MemoryContextStrdup(context, Column(0, 2));
  const Parameter parameters[] = {request, TextParameter(reason), TextParameter(caller.role_name)};
  Execute(insert_refund, extension, parameters, false);
  const bool is_new = SPI_processed == 1;
  const Owner owner = is_new ? RefundedOwner(context) : Owner{};
  EndOwnerSection(section);
  if (owner.id != nullptr) {
    LockOwner(owner);
    RefuseHugeBalance(ReadBalance(extension, owner, ReadNow));
  }
  if (is_new) HintRouterAtCommit(Router::kIfThere);
  return ToNumeric(charge);
}

BYOK_SQL_FUNCTION(byok_reconcile_unknown) {
  const Extension extension = ExtensionOf(fcinfo);
  const Caller caller = RequireBiller(extension, "reconcile_unknown()", "correct usage");
  const char* id = RequiredUuid(fcinfo, 0, "request_id");
  const char* provider = RequiredText(fcinfo, 1, "provider");
  const char* cost = RequiredAmount(fcinfo, 2, "cost_usd");
  const Parameter input = TokensArgument(fcinfo, 3), output = TokensArgument(fcinfo, 4);
  const int32 attempt = PG_ARGISNULL(5) ? 1 : PG_GETARG_INT32(5);
  const char* purpose = RequiredText(fcinfo, 6, "purpose");
  const bool beyond_bound = !PG_ARGISNULL(8) && PG_GETARG_BOOL(8);
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {UuidParameter(id),
                                  TextParameter(provider),
                                  IntParameter(attempt),
                                  input,
                                  output,
                                  NumericParameter(cost),
                                  TextParameter(TextArgument(fcinfo, 7)),
                                  TextParameter(caller.role_name),
                                  TextParameter(purpose)};
  Execute(insert_correction, extension, parameters, false);
  if (SPI_processed == 1 && !beyond_bound) RefuseBeyond(Column(0, 1), cost);
  if (SPI_processed == 0) {
    Raise(StatusCode::kKeyNotFound,
          psprintf("request %s has no call of \"%s\" that the platform pays", id, provider),
          psprintf("Looked for attempt %d, purpose %s, answered, billed or unknown, of a month "
                   "whose usage is kept.",
                   attempt, purpose),
          "See byok_platform_usage.");
  }
  EndOwnerSection(section);
  HintRouterAtCommit(Router::kIfThere);
  PG_RETURN_VOID();
}

}  // namespace byok::pg
