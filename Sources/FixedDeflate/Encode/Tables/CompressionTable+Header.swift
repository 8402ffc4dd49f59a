// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A table as the header of a dynamic block (RFC 1951 §3.2.7): how a device is told the code of streams that have no
// header, and what makes such a stream one that any decoder reads.

extension CompressionTable {
  /// A dynamic block's header, BFINAL and BTYPE among its bits.
  package struct BlockHeaderBits: Sendable, Hashable {
    /// The bits, least significant first; those of the last byte beyond ``bitCount`` are 0.
    package let bytes: [UInt8]
    package let bitCount: Int
  }

  /// The header of a final dynamic block in this table's code. No repeat runs from one code's lengths into the
  /// other's, which RFC 1951 allows and devices reject.
  package var blockHeader: BlockHeaderBits {
    var builder = HuffmanLengths()
    var description = CodeDescription()
    description.describe(literalLengthLengths, distanceLengths, repeats: .zeros, by: &builder)
    do throws(DeflateError) {
      let bytes = try makeBytes(capacity: (description.bitCount + 7) / 8) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        var bits = BitWriter()
        try description.write(isFinal: true, bits: &bits, to: &output)
        try bits.alignToByte(to: &output)
      }
      return BlockHeaderBits(bytes: bytes, bitCount: description.bitCount)
    } catch {
      preconditionFailure("a header's bits were counted otherwise than written: \(error)")
    }
  }

  /// Reads the header of a dynamic block, final or not. What follows it is not looked at.
  ///
  /// - Parameter header: Any bytes.
  /// - Returns: The table, and the header's bits.
  /// - Throws: ``DeflateError``: what keeps it from being one, and where.
  /// - Complexity: O(1): a header has at most some 300 bytes.
  package static func reading(
    blockHeader header: RawSpan
  ) throws(DeflateError) -> (table: CompressionTable, bitCount: Int) {
    var bits = BitReader()
    let truncated = DeflateError(.truncatedInput, bitPosition: header.byteCount * 8)
    guard bits.has(BlockHeader.bitCount, in: header) else { throw truncated }
    guard bits.peek(2, at: 1) == Int(BlockHeader.BlockType.dynamic.rawValue) else {
      throw DeflateError(.invalidBlockType, bitPosition: 0)
    }
    bits.take(BlockHeader.bitCount)
    var (literalLength, distance) = (HuffmanCode(), HuffmanCode())
    var tables = DecodingTables()
    var dynamicHeader = DynamicHeader()
    guard try dynamicHeader.read(&bits, header, &literalLength, &distance, &tables) else {
      throw truncated
    }
    guard
      let table = CompressionTable(
        literalLengthLengths: literalLength.lengths(count: literalLengthCount),
        distanceLengths: distance.lengths(count: distanceCount))
    else { preconditionFailure("a header's codes were judged otherwise by two") }
    return (table, bits.position)
  }
}

extension HuffmanCode {
  /// The code lengths of the first `count` symbols, among which are all that have codewords.
  func lengths(count: Int) -> [UInt8] {
    var lengths = [UInt8](repeating: 0, count: count)
    var index = 0
    for length in 1...15 {
      for _ in 0..<counts[length] {
        lengths[Int(symbols[index])] = UInt8(length)
        index += 1
      }
    }
    return lengths
  }
}
