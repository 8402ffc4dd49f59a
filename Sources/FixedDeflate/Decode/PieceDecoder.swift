// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Part of a stream decoded before it is known what stands in front of it. Writers that join pieces
// or flush end them with an empty stored block (RFC 1951 §3.2.4), whose last bytes are 00 00 FF FF;
// behind these a block begins, unless they are something else's bytes. So what is decoded from there
// is a guess. It is what a decoder of the whole stream makes of the same bytes when that decoder
// comes to a block's start exactly there; whether it does, its own state says.

/// Decodes pieces of a stream out of order.
package struct PieceDecoder: ~Copyable {
  /// LEN and NLEN of an empty stored block.
  package static let joint = StoredBlock.emptyLengths

  private var inflater = Inflater(limit: .rfc1951)

  /// What of a piece was decoded.
  package struct Extent: Sendable, Equatable {
    /// Bytes from the piece's start.
    package let byteCount: Int
    /// Whether they end with the stream's last block, and not with the piece.
    package let isStreamEnd: Bool

    /// Creates an extent.
    package init(byteCount: Int, isStreamEnd: Bool) {
      self.byteCount = byteCount
      self.isStreamEnd = isStreamEnd
    }
  }

  /// Creates a decoder; its tables are the only memory it will ever hold.
  package init() {}

  /// Decodes a piece as if nothing stood before it.
  ///
  /// - Parameters:
  ///   - piece: Bytes that may be whole blocks.
  ///   - output: Emptied; receives the data and grows as it needs.
  ///   - maximumCount: The most bytes that the data may have.
  /// - Returns: How much of the piece is blocks, none of them reaching back before it: all, to its
  ///   last byte, or as much as ends the stream. Nil when neither is so, or the data is longer than
  ///   the maximum.
  /// - Complexity: O(*n*) in the bytes read and written.
  package mutating func decode(
    _ piece: RawSpan, into output: inout OwnedBytes, maximumCount: Int
  ) -> Extent? {
    inflater.reset()
    output.removeAll()
    while true {
      let status = output.withOutput { (output: inout OutputRawSpan) in
        try? inflater.run(piece, into: &output, origin: 0)
      }
      switch status {
      case .needsInput:
        guard inflater.isAtBlockStart else { return nil }
        return Extent(byteCount: piece.byteCount, isStreamEnd: false)
      case .finished:
        return Extent(byteCount: (inflater.bits.position + 7) / 8, isStreamEnd: true)
      case .outputFull where output.grow(to: maximumCount): continue
      case .outputFull, nil: return nil
      }
    }
  }

  /// Finds where a block may begin.
  ///
  /// - Parameter bytes: Part of a stream.
  /// - Returns: The place behind the first joint; nil when there is none.
  /// - Complexity: O(*n*), looking at every second to fourth byte.
  package static func firstStart(in bytes: RawSpan) -> Int? {
    var offset = 0
    while offset + joint.count <= bytes.byteCount {
      // A joint's last byte, or none of its bytes, or one of its first two.
      switch bytes.byte(at: offset + joint.count - 1) {
      case 0xFF:
        if bytes.littleEndianWord(at: offset) == StoredBlock.emptyLengthsWord {
          return offset + joint.count
        }
        offset += 1
      case 0x00: offset += 2
      default: offset += joint.count
      }
    }
    return nil
  }
}

/// What a block that begins on a byte looks like from its first bytes (RFC 1951 §3.2.3 and §3.2.4).
package enum BlockStart: Equatable {
  /// A fixed or a dynamic block, whose end nothing tells before it is decoded.
  case compressed
  /// So many bytes, header and data, of a stored block.
  case stored(byteCount: Int)
  /// None: BTYPE is 11, or LEN and NLEN are not each other's complement, or the bytes end before they tell.
  case none

  /// Looks at the first of `bytes`.
  package init(_ bytes: RawSpan) {
    self = .none
    guard bytes.byteCount > 0 else { return }
    switch BlockHeader.type(ofByte: bytes.byte(at: 0)) {
    case .fixed, .dynamic: self = .compressed
    case .stored:
      guard bytes.byteCount >= StoredBlock.headerByteCount else { return }
      let lengths = bytes.littleEndianWord(at: 1)
      let count = lengths & 0xFFFF
      guard count ^ 0xFFFF == lengths >> 16 else { return }
      self = .stored(byteCount: StoredBlock.headerByteCount + Int(count))
    case nil: return
    }
  }
}

extension Inflater {
  /// Whether the next bit is a block's first and the first of a byte that has not been looked at.
  var isAtBlockStart: Bool {
    guard case .blockHeader = stage else { return false }
    return bits.bitCount == 0
  }
}
