// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Stored blocks (RFC 1951 §3.2.4): the containers' way out for a chunk that does not compress and, empty, what
// brings the end of a chunk to a byte.

package enum StoredBlock {
  /// The largest LEN.
  static let maximumCount = 65_535

  /// Bytes before the data of a block that begins on a byte: BFINAL, BTYPE and padding, LEN, NLEN.
  package static let headerByteCount = 5

  /// LEN and NLEN of an empty stored block: what its last bytes are, wherever it begins.
  package static let emptyLengths: InlineArray<4, UInt8> = [0x00, 0x00, 0xFF, 0xFF]

  /// The bytes of ``emptyLengths`` as a number, the first being the least significant.
  static let emptyLengthsWord: UInt32 = 0xFFFF_0000

  /// Whether a stream's last bytes are those of an empty stored block.
  static func endsWithEmptyBlock(_ stream: RawSpan) -> Bool {
    let start = stream.byteCount - emptyLengths.count
    // One more block, which takes ten bits at least, and three bits of the stored one come first.
    return start >= 2 && stream.littleEndianWord(at: start) == emptyLengthsWord
  }

  /// Bytes that `count` bytes take as stored blocks that start on a byte.
  static func encodedCount(_ count: Int) -> Int {
    count + headerByteCount * max(1, (count + maximumCount - 1) / maximumCount)
  }

  /// Bytes that an empty stored block takes, with what stands before it: so many bits of a stream.
  static func encodedCount(emptyBlockBehind bitCount: Int) -> Int {
    (bitCount + BlockHeader.bitCount + 7) / 8 + emptyLengths.count
  }

  /// Writes BFINAL, BTYPE = 00, the padding, LEN and NLEN; ends on a byte.
  static func writeHeader(
    count: Int, isFinal: Bool, bits: inout BitWriter, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(
      BlockHeader.bits(.stored, isFinal: isFinal), count: BlockHeader.bitCount, to: &output)
    try bits.alignToByte(to: &output)
    try bits.write(count | (count ^ 0xFFFF) << 16, count: 32, to: &output)
    try bits.alignToByte(to: &output)
  }

  /// Ends a chunk's stream on a byte: behind a block that is not the last by an empty one.
  static func endChunk(
    isFinal: Bool, bits: inout BitWriter, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    if !isFinal { try writeHeader(count: 0, isFinal: false, bits: &bits, to: &output) }
    try bits.alignToByte(to: &output)
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
      let isFinal = position.isFinal && end == chunk.byteCount
      try writeHeader(count: end - start, isFinal: isFinal, bits: &bits, to: &output)
      output.append(contentsOf: chunk.extracting(start..<end))
      start = end
    } while start < chunk.byteCount
  }
}
