# THE list of translation units, in layer order, read by the Makefile (PGXS) and CMakeLists.txt.
# A new file must be placed in a room here; there are no globs.
CORE_SRCS = \
	src/base/decimal.cpp \
	src/base/encoding.cpp \
	src/base/json.cpp \
	src/base/secret.cpp \
	src/base/usd.cpp \
	src/keyring/aes_gcm.cpp \
	src/keyring/random_uuid.cpp \
	src/keyring/api_key.cpp \
	src/keyring/record.cpp \
	src/keyring/keyring.cpp \
	src/http/message.cpp \
	src/http/url.cpp \
	src/http/origin.cpp \
	src/http/address.cpp \
	src/http/header_block.cpp \
	src/http/failure.cpp \
	src/http/easy_options.cpp \
	src/http/poll_set.cpp \
	src/http/transfer.cpp \
	src/http/lane.cpp \
	src/http/curl_loop.cpp \
	src/vault/key_source.cpp \
	src/vault/environment_keys.cpp \
	src/vault/vault_bridge.cpp \
	src/router/leg.cpp \
	src/router/redact.cpp \
	src/router/dialect.cpp \
	src/router/provider_error.cpp \
	src/router/openai.cpp \
	src/router/anthropic.cpp \
	src/router/provider.cpp \
	src/router/retry.cpp \
	src/router/leg_life.cpp \
	src/router/multi_provider_router.cpp \
	src/router/ask_options.cpp \
	src/consensus/fold.cpp \
	src/consensus/tokens.cpp \
	src/consensus/final_answer.cpp \
	src/consensus/answer_profile.cpp \
	src/consensus/pair_score.cpp \
	src/consensus/agreement.cpp \
	src/consensus/triangle_consensus_engine.cpp \
	src/consensus/triangle_answer.cpp \
	src/billing/price_table.cpp \
	src/billing/leg_bound.cpp \
	src/billing/settlement.cpp \
	src/billing/settlement_json.cpp

PG_SRCS = \
	src/pg/raise.cpp \
	src/pg/entry.cpp \
	src/pg/statement.cpp \
	src/pg/guc.cpp \
	src/pg/environment.cpp \
	src/pg/master_key_source.cpp \
	src/pg/gate.cpp \
	src/pg/credential_table.cpp \
	src/pg/provider_table.cpp \
	src/pg/key_access.cpp \
	src/pg/price_tables.cpp \
	src/pg/usage_tables.cpp \
	src/pg/http_host.cpp \
	src/pg/log_hygiene.cpp \
	src/pg/triangle_call.cpp \
	src/pg/verification.cpp \
	src/pg/fn_ask.cpp \
	src/pg/fn_keys.cpp \
	src/pg/fn_verify.cpp \
	src/pg/fn_people.cpp \
	src/pg/fn_status.cpp \
	src/pg/module.cpp
