// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Stored blocks (RFC 1951 §3.2.4): the containers' way out for a chunk that does not compress.

enum StoredBlock {
  /// The largest LEN.
  static let maximumCount = 65_535

  /// Bytes that `count` bytes take as stored blocks that start on a byte.
  static func encodedCount(_ count: Int) -> Int {
    count + 5 * max(1, (count + maximumCount - 1) / maximumCount)
  }

  /// Writes BFINAL, BTYPE = 00, the padding, LEN and NLEN.
  static func writeHeader(
    count: Int, isFinal: Bool, bits: inout BitWriter, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(isFinal ? 1 : 0, count: 3, to: &output)
    try bits.alignToByte(to: &output)
    try bits.write(count, count: 16, to: &output)
    try bits.write(count ^ 0xFFFF, count: 16, to: &output)
  }

  /// Writes a chunk as stored blocks; the output starts and ends on a byte.
  static func write(
    _ chunk: RawSpan, position: BlockPosition, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    guard output.freeCapacity >= encodedCount(chunk.byteCount) else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    var bits = BitWriter()
    var start = 0
    repeat {
      let end = min(start + maximumCount, chunk.byteCount)
      let isFinal = position == .last && end == chunk.byteCount
      try writeHeader(count: end - start, isFinal: isFinal, bits: &bits, to: &output)
      output.append(contentsOf: chunk.extracting(start..<end))
      start = end
    } while start < chunk.byteCount
  }
}
