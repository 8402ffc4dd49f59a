# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# Two commands do everything: `make run FILE=path` and `make test`. The others are for contributors.

SECONDS ?= 60
BUILD = swift build -c release --product deflate-iaa
STATIC = $(BUILD) --scratch-path .build/static --static-swift-stdlib -Xswiftc -static-executable
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: run test build static check portable lint release-test sanitize fuzz bench dependencies stress overhead

# Compresses FILE beside itself, checks the result with the system's gunzip, and shows both.
run: build
	@test -n "$(FILE)" || { echo "usage: make run FILE=path" >&2; exit 1; }
	@binary="$$($(BUILD) --show-bin-path)/deflate-iaa"; \
	set -e; \
	"$$binary" -kfv -- "$(FILE)"; \
	"$$binary" -l -- "$(FILE).gz"; \
	gunzip -c < "$(FILE).gz" | cmp - "$(FILE)"; \
	echo "gunzip gives back $(FILE), byte for byte"

build: dependencies
	$(BUILD)

# One file that needs no library at all, so none is looked for and bound when it starts. Built beside
# the other builds, whose objects it cannot share. The linker warns of functions in Foundation that
# look users up or load libraries; nothing here calls them.
static: dependencies
	$(STATIC)

test: dependencies
	swift test

# zlib is the tests' second opinion and the command's cross-check.
dependencies:
	@echo '#include <zlib.h>' | cc -E - >/dev/null 2>&1 || \
	{ $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy zlib1g-dev; }

# All that has to hold before a change lands.
check: lint portable test release-test sanitize fuzz

# The libraries and the command without anything of x86-64.
portable:
	Scripts/check-portable

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Fuzz \
	  Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Benchmarks
	Scripts/check-sources

release-test: dependencies
	swift test -c release -Xswiftc -enable-testing --scratch-path .build/release-test

# What Foundation leaks is not ours to judge.
sanitize: dependencies
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize address --scratch-path .build/address
	swift test --sanitize thread --scratch-path .build/thread

fuzz: dependencies
	$(MAKE) -C Fuzz fuzz SECONDS=$(SECONDS)

# Ten million jobs over eight threads and four devices with every fault at once: some ten minutes.
stress: dependencies
	swift build -c release --product offload-stress
	"$$(swift build -c release --show-bin-path)/offload-stress" $(JOBS) $(SEED)

# What the dispatcher costs a job, what it allocates, and what each fault costs.
overhead: dependencies
	swift build -c release --product offload-overhead
	"$$(swift build -c release --show-bin-path)/offload-overhead"

# Measures everything on this machine and rewrites Benchmarks/RESULTS.md; keep the machine quiet.
bench:
	$(MAKE) -C Benchmarks bench
