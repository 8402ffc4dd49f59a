#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# PyPI's cramjam 2.14.0: the Decompressor of gzip takes a file in pieces only if no member is cut; a
# piece of a member is an error at once, "incomplete deflate stream". BGZF cut where its members end
# is taken piece by piece; the one member of `gzip` never. bz2.BZ2Decompressor and zlib.decompressobj,
# which have the same two calls, take any cut. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check cramjam==2.14.0
seen=$("$folder/venv/bin/python" - <<'PYTHON'
import gzip, random
import cramjam

source = random.Random(7)
text = "".join("%d,%.6f\n" % (i, source.random()) for i in range(8000)).encode()
whole = gzip.compress(text, mtime=0)
members = [gzip.compress(text[i:i + 20000], mtime=0) for i in range(0, len(text), 20000)]
assert gzip.decompress(b"".join(members)) == text
cuts = {"whole": [whole], "members": members, "halves": [whole[:len(whole) // 2], whole[len(whole) // 2:]]}
for name, pieces in cuts.items():
    decompressor = cramjam.gzip.Decompressor()
    try:
        for piece in pieces: decompressor.decompress(piece)
        print(name, bytes(decompressor.finish()) == text)
    except Exception as error:
        print(name, error)
PYTHON
)
echo "$seen"
[ "$seen" = "whole True
members True
halves incomplete deflate stream" ]
