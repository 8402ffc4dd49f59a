// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What stands around a block's tokens: the three bits before them (RFC 1951 §3.2.3), and what a chunk's stream
// ends with. Nothing else in the library knows these bits; the rules are in
// Documentation/iaa-fixed-profile.md.

/// The bits that a block begins with: BFINAL, then BTYPE.
package enum BlockHeader {
  /// BTYPE.
  enum BlockType: UInt8 {
    case stored = 0b00
    case fixed = 0b01
    case dynamic = 0b10
  }

  /// BFINAL and BTYPE together.
  package static let bitCount = 3

  /// BFINAL in bit 0 and BTYPE in bits 1 and 2, as they enter the stream.
  @inline(__always)
  static func bits(_ type: BlockType, isFinal: Bool) -> UInt8 {
    type.rawValue << 1 | (isFinal ? 1 : 0)
  }

  /// The bits of a fixed block: what a device's output accumulator holds before a chunk.
  @inline(__always)
  package static func fixed(isFinal: Bool) -> UInt8 { bits(.fixed, isFinal: isFinal) }

  /// Whether a byte, the first of a block that begins on a byte, starts a fixed block.
  @inline(__always)
  static func isFixed(_ byte: UInt8, isFinal: Bool) -> Bool {
    byte & (1 << bitCount - 1) == fixed(isFinal: isFinal)
  }

  /// BTYPE in a byte that is the first of a block; nil for the value that RFC 1951 reserves.
  static func type(ofByte byte: UInt8) -> BlockType? { BlockType(rawValue: byte >> 1 & 0b11) }

  /// Whether a chunk's stream begins and ends as it should: with a fixed block that is final or not, and in the
  /// latter case with an empty stored block. The stream has at least one byte.
  package static func frames(_ stream: RawSpan, isFinal: Bool) -> Bool {
    guard isFixed(stream.byte(at: 0), isFinal: isFinal) else { return false }
    return isFinal || StoredBlock.endsWithEmptyBlock(stream)
  }

  /// The same of a stream whose block may be of any kind, as one of the dynamic mode may.
  package static func framesAnyBlock(_ stream: RawSpan, isFinal: Bool) -> Bool {
    guard (stream.byte(at: 0) & 1 == 1) == isFinal else { return false }
    return isFinal || StoredBlock.endsWithEmptyBlock(stream)
  }
}

/// What follows a chunk's last token.
package enum BlockEnding: Hashable {
  case nothing
  case endOfBlock
  /// End-of-block, then an empty stored block that is final or not.
  case endOfBlockAndStoredBlock(isFinal: Bool)

  /// The fixed mode's: a chunk that more will follow has to end on a byte.
  static func fixed(isFinal: Bool) -> BlockEnding {
    isFinal ? .endOfBlock : .endOfBlockAndStoredBlock(isFinal: false)
  }
}
