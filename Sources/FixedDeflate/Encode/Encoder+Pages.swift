// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many pages in one call, as zswap's folios bring them.

extension Encoder {
  /// Compresses memory page by page, each page a stream of its own.
  ///
  /// - Parameters:
  ///   - input: The pages, one behind the other; the last may be short.
  ///   - pageSize: Bytes a page, 1…``maximumChunkSize``; traps otherwise.
  ///   - output: Receives the streams, one behind the other, each on whole bytes.
  ///   - byteCounts: Receives the bytes of each stream; traps when it has less room than there are
  ///     pages.
  /// - Throws: ``DeflateError/Kind/outputFull`` when a stream does not fit. The streams before it
  ///   stay, and their counts tell how many they are.
  /// - Complexity: O(*n*) in the bytes of all pages.
  public mutating func compressPages(
    _ input: RawSpan, pageSize: Int, into output: inout OutputRawSpan,
    byteCounts: inout OutputSpan<Int>
  ) throws(DeflateError) {
    precondition((1...Self.maximumChunkSize).contains(pageSize), "pageSize outside 1...2 MiB")
    var start = 0
    while start < input.byteCount {
      let end = min(start + pageSize, input.byteCount)
      let before = output.byteCount
      try compress(input.extracting(start..<end), into: &output)
      byteCounts.append(output.byteCount - before)
      start = end
    }
  }
}
