#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# PyPI's pgzip 0.4.0 and mgzip 0.2.5, parallel stand-ins for Python's gzip module, keep the size of a
# member in an extra field (FEXTRA) of its header and read what they wrote. Whatever else keeps
# something in that field, as BGZF does and as the RFC (1952, 2.3.1.1) provides for, they take for
# compressed data: "invalid stored block lengths". Files without the field, of any writer, they read.
# Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when a version behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pgzip==0.4.0 mgzip==0.2.5 biopython==1.88
seen=$("$folder/venv/bin/python" - "$folder/file.gz" <<'PYTHON'
import gzip, sys, zlib
import mgzip, pgzip
from Bio import bgzf

path, text = sys.argv[1], b"a line of text\n" * 1000

def bgzf_file():
    with bgzf.BgzfWriter(path) as file: file.write(text)

def its_own(package):
    with package.open(path, "wb", thread=2) as file: file.write(text)

for package in pgzip, mgzip:
    for name, write in ("plain", lambda: open(path, "wb").write(gzip.compress(text))), ("own", lambda: its_own(package)), ("BGZF", bgzf_file):
        write()
        assert gzip.open(path).read() == text
        field = "with" if open(path, "rb").read(4)[3] & 4 else "without"
        try:
            with package.open(path, "rb", thread=2) as file: answer = "%d bytes" % len(file.read())
        except zlib.error as error:
            answer = "zlib.error: %s" % error
        print(package.__name__, name, field, answer)
PYTHON
)
echo "$seen"
wanted=
for package in pgzip mgzip; do
  wanted+="$package plain without 15000 bytes
$package own with 15000 bytes
$package BGZF with zlib.error: Error -3 while decompressing data: invalid stored block lengths
"
done
[ "$seen" = "${wanted%?}" ]
