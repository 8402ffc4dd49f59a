// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many pages in one call; how they are decoded is PageBatch's.

extension Decoder {
  /// Decodes streams that stand for pages of memory.
  ///
  /// - Parameters:
  ///   - input: The streams, one behind the other, each starting on a byte.
  ///   - byteCounts: The bytes of each stream; traps when they sum to more than `input` has.
  ///   - pageSize: Bytes of data in every stream but the last, which may have fewer; at least 1.
  ///   - output: Receives the pages, one behind the other; traps when it has not room for all.
  /// - Throws: ``DeflateError``, its position counted from the start of `input`:
  ///   ``DeflateError/Kind/outputFull`` or ``DeflateError/Kind/lengthMismatch`` when a stream has
  ///   more or less data than a page. Of several bad streams the first is told. The pages before
  ///   it stay in `output`.
  /// - Complexity: O(*n*) in the bytes read and written. Where pages are decoded several at a time
  ///   (<doc:WhichLoopRuns>) the decoder keeps 470 KiB more from the first such call on.
  public mutating func decompressPages(
    _ input: RawSpan, byteCounts: Span<Int>, pageSize: Int, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(pageSize > 0, "pageSize below 1")
    precondition(output.freeCapacity / pageSize >= byteCounts.count, "output has too little room")
    var batch = PageBatch(pageSize: pageSize, count: byteCounts.count, limit: limit)
    batch.run(input, byteCounts, into: &output, using: &inflater)
    if let failure = batch.failure { throw failure.error }
  }
}
