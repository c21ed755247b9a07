// The SQL surface of asking and waiting: triangle_query, triangle_ask, triangle_estimate,
// triangle_consensus.

#include "consensus/triangle_consensus_engine.hpp"

#include "pg/asking.hpp"
#include "pg/estimate.hpp"
#include "pg/owned.hpp"
#include "pg/pg.hpp"
#include "pg/raise.hpp"

namespace byok::pg {

BYOK_SQL_FUNCTION(byok_triangle_query) {
  const Asking asking =
      BeginAsking(ExtensionOf(fcinfo), "triangle_query()", OptionalId(fcinfo, 1, "user_id"),
                  OptionalId(fcinfo, 2, "tenant_id"));
  AskDraft* draft =
      DraftQuestion(asking, RequiredText(fcinfo, 0, "prompt"), JsonArgument(fcinfo, 3));
  Ask(draft);
  return JsonbResult(draft->result_json.c_str());
}

namespace {

/// Commits what the caller did so far; from here on nothing pins a snapshot or a transaction id.
void CommitBefore(FunctionCallInfo fcinfo) {
  const auto* call = castNode(CallContext, fcinfo->context);
  if (call->atomic) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
             errmsg("triangle_ask() cannot run inside a transaction block"),
             errdetail("It commits before it waits, so that the wait holds back nothing."),
             errhint("Call it outside BEGIN and outside functions, or use triangle_query().")));
  }
  if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT) {
    Raise(StatusCode::kInternal, "could not connect to SPI");
  }
  SPI_commit();
  SPI_finish();
}

Datum OneColumn(FunctionCallInfo fcinfo, Datum value) {
  TupleDesc row = nullptr;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) {
    Raise(StatusCode::kInternal, "the result type of the procedure is not a row");
  }
  bool null = false;
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), &value, &null));
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_ask) {
  const Asking asking =
      BeginAsking(ExtensionOf(fcinfo), "triangle_ask()", OptionalId(fcinfo, 1, "user_id"),
                  OptionalId(fcinfo, 2, "tenant_id"));
  AskDraft* draft =
      DraftQuestion(asking, RequiredText(fcinfo, 0, "prompt"), JsonArgument(fcinfo, 3));
  CommitBefore(fcinfo);
  Ask(draft);
  return OneColumn(fcinfo, JsonbResult(draft->result_json.c_str()));
}

BYOK_SQL_FUNCTION(byok_triangle_estimate) {
  const Asking asking =
      BeginAsking(ExtensionOf(fcinfo), "triangle_estimate()", OptionalId(fcinfo, 1, "user_id"),
                  OptionalId(fcinfo, 2, "tenant_id"));
  AskDraft* draft =
      DraftQuestion(asking, RequiredText(fcinfo, 0, "prompt"), JsonArgument(fcinfo, 3));
  return JsonbResult(EstimateJson(asking.extension, draft));
}

namespace {

Status Decide(const char* prompt, const char* answers, const char* options, std::string& result) {
  auto parsed_answers = Json::Parse(answers, {.max_bytes = std::size_t{64} << 20, .max_depth = 64});
  if (!parsed_answers.ok()) return parsed_answers.status();
  auto parsed_options = Json::Parse(options);
  if (!parsed_options.ok()) return parsed_options.status();
  auto consensus = TriangleConsensus(prompt, *parsed_answers, *parsed_options);
  if (!consensus.ok()) return consensus.status();
  result = consensus->Dump();
  return {};
}

}  // namespace

BYOK_SQL_FUNCTION(byok_triangle_consensus) {
  const char* prompt = TextArgument(fcinfo, 0);
  const char* answers = JsonArgument(fcinfo, 1);
  const char* options = JsonArgument(fcinfo, 2);
  auto* result = NewInContext<std::string>(CurrentMemoryContext);
  RunCore([=] {
    return Decide(prompt == nullptr ? "" : prompt, answers == nullptr ? "null" : answers,
                  options == nullptr ? "{}" : options, *result);
  });
  return JsonbResult(result->c_str());
}

}  // namespace byok::pg
