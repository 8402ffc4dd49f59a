#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# Swift 6.3.1 on Linux x86-64: a C function of an imported header with a calling convention of its own
# (clang's preserve_most) is called from Swift as if it had the ordinary one. Without optimisation the
# result happens to be right; with -O LLVM takes the call for one that cannot happen, so the branch that
# holds it goes, and the other branch's value comes out, with no warning. An ordinary function that
# wraps the call is right in both. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[[ $(swift --version 2>&1) == *"Swift version 6.3.1 "* ]] || { echo "Swift 6.3.1 is needed"; exit 1; }
[ "$(uname -m)" = x86_64 ] || { echo "x86-64 is needed"; exit 1; }
mkdir "$folder/Conventions"
cat > "$folder/Conventions/twice.h" <<'C'
static inline __attribute__((noinline, preserve_most)) long twice(long x) { return 2 * x; }
static inline __attribute__((noinline)) long wrapped(long x) { return twice(x); }
C
echo 'module Conventions { header "twice.h" }' > "$folder/Conventions/module.modulemap"
cat > "$folder/main.swift" <<'SWIFT'
import Conventions

@inline(never) func direct(_ n: Int) -> Int { n > 0 ? twice(n) : 7 }
@inline(never) func aside(_ n: Int) -> Int { n > 0 ? wrapped(n) : 7 }

let n = CommandLine.arguments.count + 20
print("\(direct(n)), wrapped \(aside(n))")
SWIFT
seen=$(for optimisation in -Onone -O; do
  swiftc $optimisation -I "$folder/Conventions" -o "$folder/main" "$folder/main.swift" 2>&1
  echo "$optimisation: twice 21 is $("$folder/main")"
done)
echo "$seen"
[ "$seen" = "-Onone: twice 21 is 42, wrapped 42
-O: twice 21 is 7, wrapped 42" ] || { echo "Swift behaves otherwise now"; exit 1; }
