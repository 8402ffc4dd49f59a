# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0

"""Writes 600,000 orders into FOLDER/orders.csv, and the same ones into eight files of FOLDER/parts."""

import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
parts = folder / "parts"
parts.mkdir()
source = random.Random(7)
rows = [
    "%d,%d,%030x\n" % (number, source.randint(1, 1000), source.getrandbits(100))
    for number in range(600_000)
]
(folder / "orders.csv").write_text("".join(rows))
for part in range(8):
    (parts / f"{part}.csv").write_text("".join(rows[part * 75_000 : (part + 1) * 75_000]))
