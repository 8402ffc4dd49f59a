#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# PyPI's warcio 1.8.1 (web archives, gzip files of many members by their standard): its reader, told
# to read all members, says where a member is empty what it says at the file's end: no bytes, no line.
# Whoever reads on gets the rest. BGZF files that were joined with `cat` have such a member in the
# middle. Zero bytes behind the last member, which `gzip` ignores, it hands out as data.
# Nothing of this project runs here. Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check warcio==1.8.1
seen=$("$folder/venv/bin/python" - <<'PYTHON'
import gzip, io
from warcio.bufferedreaders import DecompressingBufferedReader

first, last, empty = gzip.compress(b"first\n" * 100), gzip.compress(b"last\n" * 100), gzip.compress(b"")
files = {
    "two": first + last,
    "empty between": first + empty + last,
    "empty first": empty + first,
    "zeros behind": first + bytes(512),
}
for name, file in files.items():
    reader = DecompressingBufferedReader(io.BytesIO(file), read_all_members=True)
    pieces = [len(reader.read(300)) for _ in range(6)]
    reader = DecompressingBufferedReader(io.BytesIO(file), read_all_members=True)
    lines = sum(1 for _ in iter(reader.readline, b""))
    text = gzip.decompress(file)
    print("%s: %d bytes, read %s; %d lines, read %d" % (name, len(text), pieces, text.count(b"\n"), lines))
PYTHON
)
echo "$seen"
[ "$seen" = "two: 1100 bytes, read [300, 300, 300, 200, 0, 0]; 200 lines, read 200
empty between: 1100 bytes, read [300, 300, 0, 300, 200, 0]; 200 lines, read 100
empty first: 600 bytes, read [0, 300, 300, 0, 0, 0]; 100 lines, read 0
zeros behind: 600 bytes, read [300, 300, 300, 212, 0, 0]; 100 lines, read 101" ]
