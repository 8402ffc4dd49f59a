#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# GNU gzip 1.12 (Debian 12): given a FIFO by name that nobody has opened for writing yet, `gzip -c FIFO`
# does not wait, as a reader of a FIFO does, but writes a whole and valid stream of zero bytes and ends
# with 0, so that a writer who comes a moment later is not heard. The shell's `gzip < FIFO` waits, and
# so does `xz -c FIFO`, by which the script tells. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -q download gzip=1.12-1 xz-utils > log 2>&1 || { cat log; exit 1; }
for package in *.deb; do dpkg -x "$package" files; done
PATH=$folder/files/bin:$folder/files/usr/bin:$PATH
mkfifo fifo
seen=$(for command in 'gzip -c fifo' 'gzip -c < fifo' 'xz -c fifo'; do
  status=0
  timeout 2 sh -c "$command" > out 2> error || status=$?
  if [ "$status" = 124 ]; then echo "$command: waits"; continue; fi
  gzip -t < out
  echo "$command: status $status, $(gzip -dc < out | wc -c) bytes, '$(cat error)'"
done)
echo "$seen"
[ "$seen" = "gzip -c fifo: status 0, 0 bytes, ''
gzip -c < fifo: waits
xz -c fifo: waits" ]
