// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Files that are wrong in known places.

/// Shell: `damage OFFSET ...` writes `bad`, a copy of `good` with the bytes at these offsets inverted.
let damageTool = #"""
  damage() {
    cp good bad
    for at; do
      byte=$(od -An -tu1 -j $at -N 1 good)
      printf "\\$(printf %o $((byte ^ 255)))" | dd of=bad bs=1 seek=$at conv=notrunc 2>&-
    done
  }

  """#
