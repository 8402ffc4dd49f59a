#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# busybox 1.35.0's zcat writes nothing of a gzip file whose extra field is longer than 16,384 bytes; it
# says "corrupted data" and ends with 0. The field's length has 16 bits in RFC 1952 (2.3), so that
# 65,535 bytes are allowed, and `gzip` reads them. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -q download 'busybox=1:1.35.0-4+deb12u1*' > log 2>&1 || { cat log; exit 1; }
dpkg -x busybox_*.deb files
seen=$(for length in 4 16384 16385 65535; do
  python3 - "$length" > file.gz <<'PYTHON'
import gzip, struct, sys

length = int(sys.argv[1])
plain = gzip.compress(b"a line of text\n" * 1000)
field = b"XY" + struct.pack("<H", length - 4) + bytes(length - 4)
sys.stdout.buffer.write(plain[:3] + b"\4" + plain[4:10] + struct.pack("<H", length) + field + plain[10:])
PYTHON
  status=0
  files/bin/busybox zcat file.gz > out 2> error || status=$?
  echo "$length: gzip $(gzip -dc file.gz | wc -c), busybox $(wc -c < out), status $status$(sed "s/^/, /" error)"
done)
echo "$seen"
[ "$seen" = "4: gzip 15000, busybox 15000, status 0
16384: gzip 15000, busybox 15000, status 0
16385: gzip 15000, busybox 0, status 0, zcat: corrupted data
65535: gzip 15000, busybox 0, status 0, zcat: corrupted data" ]
