// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The compressor's AECS (analytics engine configuration and state): the header bits and the code
// tables a compress descriptor points at. The fixed one is built from the same code as the
// software's tables, so both paths write the same codes and frame: rules 18 and 19.

package import FixedDeflate
import IAADevices

/// Where things are in a compress AECS of 1568 bytes. All numbers are little-endian.
package enum CompressionStateLayout {
  package static let byteCount = 1568
  package static let alignment = 32
  package static let crc = 0
  package static let xorChecksum = 4
  package static let accumulatedBitCount = 28
  package static let accumulator = 32
  package static let accumulatorByteCount = 256
  package static let literalLength = 288
  package static let literalLengthCount = 286
  package static let distance = 1440
  package static let distanceCount = 30

  /// An entry of the code tables: length above the code, both as RFC 1951 draws them.
  package static func entry(_ codeword: Codeword) -> UInt32 {
    UInt32(codeword.length) << 15 | UInt32(codeword.code)
  }

  package static func codeword(_ entry: UInt32) -> Codeword {
    Codeword(code: UInt16(entry & 0x7FFF), length: UInt8(truncatingIfNeeded: entry >> 15 & 0xF))
  }
}

/// A compressor's state as bytes.
package enum CompressionState {
  /// The fixed mode's: the accumulator holds BFINAL and BTYPE, 3 bits, and the tables the fixed
  /// code.
  package static func fixed(_ position: BlockPosition) -> [UInt8] {
    bytes(
      accumulator: [BlockHeader.fixed(isFinal: position.isFinal)], bitCount: BlockHeader.bitCount,
      literalLength: FixedCode.literalLength, distance: FixedCode.distance)
  }

  /// A table's, as the driver's canned mode has it: nothing in the accumulator, since its streams have no header.
  package static func table(_ table: CompressionTable) -> [UInt8] {
    bytes(
      accumulator: [], bitCount: 0, literalLength: table.literalLengthCodewords,
      distance: table.distanceCodewords)
  }

  /// A state of any code: at most 256 bytes of accumulator, codewords of symbols 0…285 and 0…29.
  package static func bytes(
    accumulator: [UInt8], bitCount: Int, literalLength: [Codeword], distance: [Codeword]
  ) -> [UInt8] {
    typealias Layout = CompressionStateLayout
    precondition(accumulator.count <= Layout.accumulatorByteCount, "accumulator too long")
    var bytes = [UInt8](repeating: 0, count: Layout.byteCount)
    func put(_ value: UInt32, at offset: Int) {
      for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    put(UInt32(bitCount), at: Layout.accumulatedBitCount)
    for (index, byte) in accumulator.enumerated() { bytes[Layout.accumulator + index] = byte }
    for index in 0..<Layout.literalLengthCount {
      put(Layout.entry(literalLength[index]), at: Layout.literalLength + 4 * index)
    }
    for index in 0..<Layout.distanceCount {
      put(Layout.entry(distance[index]), at: Layout.distance + 4 * index)
    }
    return bytes
  }
}
