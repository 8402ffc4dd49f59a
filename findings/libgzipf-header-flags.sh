#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# PyPI's libgzipf-python 20260525 (forensics): a file whose first header has an extra field (FEXTRA,
# as all BGZF has) or a checksum of itself (FHCRC) opens without an error and has no size and no
# data. With a name (FNAME) or with no flag it has all of it. Python's gzip reads the four alike.
# Nothing of this project runs here. Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check libgzipf-python==20260525
seen=$("$folder/venv/bin/python" - "$folder/file.gz" <<'PYTHON'
import gzip, sys, zlib
import pygzipf

path, text = sys.argv[1], b"a line of text\n" * 1000
plain = gzip.compress(text)

def member(flags, fields):
    """The member with flags and their fields in its header, and the header's checksum where flagged."""
    header = plain[:3] + bytes([flags]) + plain[4:10] + fields
    if flags & 2: header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    return header + plain[10:]

for name, file in ("none", member(0, b"")), ("FNAME", member(8, b"name\0")), ("FHCRC", member(2, b"")), ("FEXTRA", member(4, b"\6\0AB\2\0xy")):
    assert gzip.decompress(file) == text
    open(path, "wb").write(file)
    read = pygzipf.file()
    read.open(path)
    print(name, read.get_uncompressed_data_size(), len(read.read_buffer(len(text))), "of", len(text))
    read.close()
PYTHON
)
echo "$seen"
[ "$seen" = "none 15000 15000 of 15000
FNAME 15000 15000 of 15000
FHCRC 0 0 of 15000
FEXTRA 0 0 of 15000" ]
