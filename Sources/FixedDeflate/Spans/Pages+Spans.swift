// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls for pages and whole members for spans of bytes.

extension Encoder {
  /// Compresses memory page by page, as the form for raw spans does.
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
    _ input: Span<UInt8>, pageSize: Int, into output: inout OutputSpan<UInt8>,
    byteCounts: inout OutputSpan<Int>
  ) throws(DeflateError) {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try compressPages(
        unsafe input.bytes, pageSize: pageSize, into: &output, byteCounts: &byteCounts)
    }
  }
}

extension Decoder {
  /// Decodes streams that stand for pages of memory, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The streams, one behind the other, each starting on a byte.
  ///   - byteCounts: The bytes of each stream; traps when they sum to more than `input` has.
  ///   - pageSize: Bytes of data in every stream but the last, which may have fewer; at least 1.
  ///   - output: Receives the pages, one behind the other; traps when it has not room for all.
  /// - Throws: ``DeflateError``, its position counted from the start of `input`. Of several bad streams
  ///   the first is told; the pages before it stay in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompressPages(
    _ input: Span<UInt8>, byteCounts: Span<Int>, pageSize: Int,
    into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try decompressPages(
        unsafe input.bytes, byteCounts: byteCounts, pageSize: pageSize, into: &output)
    }
  }

  /// Decodes one gzip member and appends its data, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The member, from its header on; what follows it is left alone.
  ///   - output: Room for the data.
  /// - Returns: The bytes the member takes, and the CRC-32 of its data.
  /// - Throws: ``DeflateError``, with bit positions from the start of `input`. The data before the
  ///   error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompressGzipMember(
    _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try decompressGzipMember(unsafe input.bytes, into: &output)
    }
  }
}
