# The workshop: goals for people who change pg_byok. Loaded by the Makefile instead of PGXS, which has a `check` of
# its own.
BUILD ?= build
SAN ?=
SOURCES = $(shell git ls-files '*.cpp' '*.hpp')

help:
	@echo "make && make install   build and install with PGXS (PG_CONFIG, DESTDIR)"
	@echo "make check             everything CI runs            make demo     the seed's scenarios"
	@echo "make unit [SAN=1]      unit tests of the core        make lint     format, layers, clang-tidy"
	@echo "make regress|pgtap|tap one kind of database test     make format   clang-format in place"
	@echo "make oracle            prices against npm's genai-prices"
	@echo "make support           the fake provider itself      make bench    triangle_query against plain libcurl"
	@echo "make fuzz              60 s per fuzzer               make results  take results/ as expected/"
	@echo "make consensus-eval    scores of the consensus on labelled answers"

check:
	./scripts/check

unit:
	./scripts/check $(if $(SAN),unit-sanitized,unit)

oracle regress pgtap tap support lint fuzz:
	./scripts/check $@

demo:
	./scripts/demo

bench:
	./scripts/bench

consensus-eval:
	./scripts/consensus-eval

fake-provider:
	cmake -S . -B $(BUILD) && cmake --build $(BUILD) --target fake_provider

format:
	clang-format-14 -i $(SOURCES)

# Only after reading the difference: what the tests print now becomes what they must print.
results:
	cp results/*.out expected/

.PHONY: help check unit oracle regress pgtap tap support lint fuzz bench consensus-eval demo fake-provider format results
