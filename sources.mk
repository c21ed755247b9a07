# THE list of translation units, in layer order, read by the Makefile (PGXS) and CMakeLists.txt.
# A new file must be placed in a room here; there are no globs.
CORE_SRCS = \
	src/base/encoding.cpp \
	src/base/json.cpp \
	src/base/secret.cpp \
	src/base/usd.cpp \
	src/keyring/aes_gcm.cpp \
	src/keyring/api_key.cpp \
	src/keyring/record.cpp \
	src/keyring/keyring.cpp \
	src/http/message.cpp \
	src/http/origin.cpp \
	src/http/curl_loop.cpp \
	src/vault/key_source.cpp \
	src/vault/vault_bridge.cpp \
	src/router/leg.cpp \
	src/router/redact.cpp \
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
	src/billing/settlement.cpp

PG_SRCS = \
	src/pg/module.cpp
