# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# `make run FILE=path`, `make test` and `make install` are for everybody, the others for contributors.
# What stands behind two number signs is a target's line in `make help`.

SECONDS ?= 60
BUILD = swift build -c release --product deflate-iaa
STATIC = $(BUILD) --scratch-path .build/static --static-swift-stdlib -Xswiftc -static-executable
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)

# Where `make install` puts what it installs, and the command that it installs.
PREFIX ?= /usr/local
DESTDIR ?=
BINARY ?= .build/static/release/deflate-iaa
share = $(DESTDIR)$(PREFIX)/share
binary = $(DESTDIR)$(PREFIX)/bin/deflate-iaa
manuals = $(share)/man/man1/deflate-iaa.1 $(share)/man/man1/deflate-iaa-devices.1
bash = $(share)/bash-completion/completions/deflate-iaa
zsh = $(share)/zsh/site-functions/_deflate-iaa
fish = $(share)/fish/vendor_completions.d/deflate-iaa.fish

.PHONY: help run members test build static install uninstall check portable lint docs release-test sanitize fuzz \
  bench dependencies stress overhead scale packages examples kill-matrix undefined speed

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# Compresses FILE beside itself, checks the result with the system's gunzip, and shows both.
run: ## compress FILE=path to path.gz and check it with gunzip
	@test -n "$(FILE)" || { echo "usage: make run FILE=path" >&2; exit 1; }
	@test -f "$(FILE)" || { echo "make run: $(FILE): no such file" >&2; exit 1; }
	@$(MAKE) --no-print-directory build
	@binary="$$($(BUILD) --show-bin-path)/deflate-iaa"; \
	set -e; \
	"$$binary" -kfv -- "$(FILE)"; \
	"$$binary" -l -- "$(FILE).gz"; \
	gunzip -c < "$(FILE).gz" | cmp - "$(FILE)"; \
	echo "gunzip gives back $(FILE), byte for byte"

# --version tells the commit where there is one: not in a release's files, even inside another repository.
build static: export DEFLATE_IAA_COMMIT = \
  $(shell test -e .git && git describe --always --dirty --exclude '*' 2>/dev/null)

build: dependencies ## build the command
	$(BUILD)

# One file that needs no library at all, so none is looked for and bound when it starts. Built beside
# the other builds, whose objects it cannot share. The linker warns of functions in Foundation that
# look users up, which nothing here calls, and of dlopen: `estimate` looks for the system's compression
# libraries with it, where a child process has tried each first.
static: dependencies ## build the command as one file that needs no library
	$(STATIC)

# Built anew only when something changed, so that `sudo make install` after `make static` needs no
# compiler.
.build/static/release/deflate-iaa: Package.swift $(shell find Sources -type f) \
    $(wildcard $(shell git rev-parse --git-path logs/HEAD 2>/dev/null))
	$(MAKE) static
	touch $@

install: $(BINARY) ## install that file, man pages and completions below DESTDIR and PREFIX
	install -D -m 755 $(BINARY) $(binary)
	install -D -m 644 -t $(share)/man/man1 Documentation/deflate-iaa.1 Documentation/deflate-iaa-devices.1
	install -d $(dir $(bash) $(zsh) $(fish))
	$(BINARY) --generate-completion-script bash > $(bash)
	$(BINARY) --generate-completion-script zsh > $(zsh)
	$(BINARY) --generate-completion-script fish > $(fish)
	chmod 644 $(bash) $(zsh) $(fish)

uninstall: ## remove what install put there
	rm -f $(binary) $(manuals) $(bash) $(zsh) $(fish)

members: dependencies ## print which members of the family of match rules give the published streams
	@swift test --filter MemberVectorTests 2>&1 | grep -E '^(member|[^ ].* (✓|–) )|✘'

test: dependencies ## run all tests
	swift test

# zlib is the tests' second opinion and the command's cross-check.
dependencies:
	@echo '#include <zlib.h>' | cc -E - >/dev/null 2>&1 || \
	{ $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy zlib1g-dev; }

# All that has to hold before a change lands.
check: lint docs portable test release-test sanitize undefined speed kill-matrix fuzz ## all that has to hold before a change lands

# The libraries and the command without anything of x86-64.
portable: ## build without anything of x86-64
	Scripts/check-portable

# Packages of their own, with servers and NIO, which take minutes to build; not part of `make check`.
examples: ## try the examples: a server with curl and a browser, Data and ByteBuffer, swift-log, Spark
	swift test --package-path Examples/foundation-nio
	swift test --package-path Examples/queue-log
	Examples/hummingbird-server/try
	Examples/spark/try

packages: ## show what a package gets that uses FixedDeflate alone
	Scripts/check-packages

lint: ## check format and sources
	swift format lint --strict --recursive Package.swift Sources Tests Fuzz \
	  Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Benchmarks \
	  $(wildcard Examples/*/*.swift Examples/*/Sources Examples/*/Tests)
	Scripts/check-sources

docs: dependencies ## build the libraries' documentation
	Scripts/make-docs

release-test: dependencies ## run all tests on an optimised build
	swift test -c release -Xswiftc -enable-testing --scratch-path .build/release-test

# What Foundation leaks is not ours to judge.
sanitize: dependencies ## run all tests with the sanitizers
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize address --scratch-path .build/address
	swift test --sanitize thread --scratch-path .build/thread

# In the C kernels, with the address sanitizer's run-time library, which brings the other's: Swift's compiler
# links none for it. Swift checks its own arithmetic.
undefined: dependencies ## run the codec's tests with the undefined-behaviour sanitizer in C
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	swift test --sanitize address -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined \
	  --scratch-path .build/undefined --filter 'FixedDeflateTests|ConformanceTests'

speed: dependencies ## compare instructions, allocations and stack with what is committed
	Scripts/check-speed

# Every call of the kernel, failing or the last one: some six thousand runs.
kill-matrix: build ## kill the command at every call of the kernel and look at what is left
	Scripts/kill-matrix --binary "$$($(BUILD) --show-bin-path)/deflate-iaa"

fuzz: dependencies ## fuzz each of TARGETS for SECONDS=60
	$(MAKE) -C Fuzz fuzz SECONDS=$(SECONDS) $(if $(TARGETS),TARGETS="$(TARGETS)")

# Ten million jobs over eight threads and four devices with every fault at once, and a twentieth as many in each of the
# other modes: some ten minutes.
stress: dependencies ## ten million jobs on models of devices, with every fault
	swift build -c release --product offload-stress
	"$$(swift build -c release --show-bin-path)/offload-stress" $(JOBS) $(SEED)

# What the dispatcher costs a job, what it allocates, and what each fault costs.
overhead: dependencies ## measure what the dispatcher costs a job
	swift build -c release --product offload-overhead
	"$$(swift build -c release --show-bin-path)/offload-overhead"

# Eight devices of eight engines, in virtual time. DISPATCH: nanoseconds a job, as `make overhead` shows them.
scale: dependencies ## simulate eight devices of eight engines
	swift build -c release --product offload-scale
	"$$(swift build -c release --show-bin-path)/offload-scale" $(DISPATCH)

# Measures everything on this machine and rewrites Benchmarks/RESULTS.md; keep the machine quiet.
bench: ## measure everything and rewrite Benchmarks/RESULTS.md
	$(MAKE) -C Benchmarks bench
