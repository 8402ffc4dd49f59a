#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# Swift 6.3.1 on Linux, with its backtracer on (SWIFT_BACKTRACE=enable=yes): a program that is sent
# SIGABRT, SIGSEGV or SIGILL by another process, as a supervisor's watchdog does, has "Program crashed"
# and a backtrace printed, and then runs on to its end and ends with 0. With the backtracer off it
# ends by the signal. The program does nothing but wait. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[[ $(swift --version 2>&1) == *"Swift version 6.3.1 "* ]] || { echo "Swift 6.3.1 is needed"; exit 1; }
cat > "$folder/wait.swift" <<'SWIFT'
import Glibc

print("started")
fflush(stdout)
// A loop, since a signal that is caught ends one sleep.
let start = time(nil)
while time(nil) < start + 4 { usleep(10_000) }
print("at its end")
SWIFT
swiftc -o "$folder/wait" "$folder/wait.swift"
ulimit -c 0
seen=$(for enable in yes no; do
  for signal in ABRT SEGV ILL TERM; do
    rm -f "$folder/out"
    SWIFT_BACKTRACE="enable=$enable,color=no" "$folder/wait" > "$folder/out" 2> "$folder/error" &
    until grep -qs started "$folder/out"; do sleep 0.1; done
    kill "-$signal" $!
    status=0
    wait $! 2> "$folder/shell" || status=$?
    crashed=$(grep -c 'Program crashed' "$folder/error" || true)
    echo "$enable $signal: status $status, $(tail -n 1 "$folder/out"), $crashed crash"
  done
done)
echo "$seen"
[ "$seen" = "yes ABRT: status 0, at its end, 1 crash
yes SEGV: status 0, at its end, 1 crash
yes ILL: status 0, at its end, 1 crash
yes TERM: status 143, started, 0 crash
no ABRT: status 134, started, 0 crash
no SEGV: status 139, started, 0 crash
no ILL: status 132, started, 0 crash
no TERM: status 143, started, 0 crash" ]
