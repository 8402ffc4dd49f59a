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
  package static let joint: InlineArray<4, UInt8> = [0x00, 0x00, 0xFF, 0xFF]

  private var inflater = Inflater(limit: .rfc1951)

  /// Creates a decoder; its tables are the only memory it will ever hold.
  package init() {}

  /// Decodes a piece as if nothing stood before it.
  ///
  /// - Parameters:
  ///   - piece: Bytes that may be whole blocks.
  ///   - output: Emptied; receives the data and grows as it needs.
  ///   - maximumCount: The most bytes that the data may have.
  /// - Returns: Whether the piece is blocks from its first bit to its last byte, none of them the
  ///   stream's last and none reaching back before it, with data within the maximum.
  /// - Complexity: O(*n*) in the bytes read and written.
  package mutating func decode(
    _ piece: RawSpan, into output: inout OwnedBytes, maximumCount: Int
  ) -> Bool {
    inflater.reset()
    output.removeAll()
    while true {
      let status = output.withOutput { (output: inout OutputRawSpan) in
        try? inflater.run(piece, into: &output, origin: 0)
      }
      switch status {
      case .needsInput: return inflater.isAtBlockStart
      case .outputFull where output.grow(to: maximumCount): continue
      case .outputFull, .finished, nil: return false
      }
    }
  }

  /// Finds where a block may begin.
  ///
  /// - Parameters:
  ///   - bytes: Part of a stream.
  ///   - start: Where the joint may begin at the earliest.
  /// - Returns: The place behind the first joint; nil when there is none.
  package static func firstStart(in bytes: RawSpan, from start: Int) -> Int? {
    let wanted = UInt32(0xFFFF_0000)
    var offset = start
    while offset + joint.count <= bytes.byteCount {
      // SAFETY: four bytes are left, checked above; `unsafeLoadUnaligned` checks again.
      let word = UInt32(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
      if word == wanted { return offset + joint.count }
      offset += 1
    }
    return nil
  }
}

extension Inflater {
  /// Whether the next bit is a block's first and the first of a byte that has not been looked at.
  var isAtBlockStart: Bool {
    guard case .blockHeader = stage else { return false }
    return bits.bitCount == 0
  }
}
