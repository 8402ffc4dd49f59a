#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# PyPI's deflate 0.9.0 (libdeflate for Python): gzip_decompress gives zero bytes and no error for a
# file whose last member is empty, because it takes the size of the whole from the last four bytes.
# `gzip` writes such a file for `gzip -c text; gzip -c /dev/null`. Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check deflate==0.9.0
seen=$("$folder/venv/bin/python" - <<'PYTHON'
import deflate, gzip
text = b"a line of text\n" * 1000
for name, file in ("one member", gzip.compress(text)), ("empty last member", gzip.compress(text) + gzip.compress(b"")):
    assert gzip.decompress(file) == text
    print(name, len(deflate.gzip_decompress(file)), "of", len(text))
PYTHON
)
echo "$seen"
[ "$seen" = "one member 15000 of 15000
empty last member 0 of 15000" ]
