// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The general hot loop, of a block coded by any two Huffman tables. It is C (TableLoop.c of the kernels), compiled
// twice: plain, and for AVX2 and BMI2.

import CDeflateKernels

/// Runs whole tokens until a margin is reached, or the next token is the end of the block, an
/// error, or a match that does not fit the output less its slack. `tables`: literal/length table
/// and, HuffmanTable.literalLengthCount entries behind its start, the distance table.
func runTableLoop(
  _ state: inout FastLoopState, tables: UnsafePointer<UInt32>, cpu: CPUKind
) {
  // SAFETY: `state` describes the caller's buffers. The loop reads and writes within them alone, as both margins
  // are checked each round, and a match before it is copied; table indices are masked to the main tables, or come
  // from a link the builder wrote.
  unsafe state.withLoopState { loop in
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_table_loop_avx2(&loop, tables) }
    #endif
    unsafe dk_table_loop_plain(&loop, tables)
  }
}
