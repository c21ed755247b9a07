# pg_byok: the product build (PGXS). `make && make install`, against any PG_CONFIG, DESTDIR honoured.
# The workshop (unit tests, lint, bench, demo …) is in dev.mk; `make help` lists it.
include sources.mk

DEV_GOALS = help check unit oracle regress pgtap tap support lint format fuzz bench consensus-eval demo results fake-provider

ifneq ($(filter $(DEV_GOALS),$(MAKECMDGOALS)),)
include dev.mk
else

MODULE_big = byok
EXTENSION = control/byok
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" control/byok.control)
DATA = $(wildcard control/byok--*.sql)
OBJS = $(CORE_SRCS:.cpp=.o) $(PG_SRCS:.cpp=.o)
EXTRA_CLEAN = $(OBJS:.o=.d)

PG_CONFIG ?= pg_config
INCLUDEDIR_SERVER = $(shell $(PG_CONFIG) --includedir-server)
# -isystem, -Wno-register, -Wno-deprecated-volatile: the server's headers under C++20.
# PGDLLEXPORT: empty before PostgreSQL 16, and everything but the entry points is hidden.
PG_CPPFLAGS = -Isrc -isystem $(INCLUDEDIR_SERVER) -DBYOK_VERSION='"$(EXTVERSION)"' \
	"-DPGDLLEXPORT=__attribute__((visibility(\"default\")))"
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Werror -Wno-register -Wno-deprecated-volatile \
	-fvisibility=hidden -MMD -MP
SHLIB_LINK = -lcurl -lcrypto -licuuc -lstdc++
ifeq ($(shell uname),Linux)
SHLIB_LINK += -Wl,-z,relro,-z,now -Wl,--version-script=src/pg/exports.map
endif

# The bitcode step ignores PG_CXXFLAGS, and JIT gains nothing here.
override with_llvm = no
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
-include $(OBJS:.o=.d)

endif
