// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Literals, matches, end of block -> bits: one fixed block, framed by rules 18 to 22.

/// Where a chunk stands in the stream it belongs to.
public enum BlockPosition: Sendable, Hashable, CaseIterable {
  /// The stream ends with this chunk: BFINAL = 1, end-of-block, zero bits to the byte boundary.
  case last
  /// More chunks follow: BFINAL = 0, end-of-block, then an empty stored block (RFC 1951 §3.2.4),
  /// so that the next chunk starts on a byte. The device's END = 2.
  case notLast

  /// BFINAL, then BTYPE = 01, least significant bit first: the device's output accumulator.
  var header: UInt8 { self == .last ? 0b011 : 0b010 }
}

/// Writes the tokens of one fixed block.
struct TokenWriter {
  private var bits = BitWriter()

  mutating func begin(
    _ position: BlockPosition, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(position.header, count: 3, to: &output)
  }

  mutating func literal(_ byte: UInt8, to output: inout OutputRawSpan) throws(DeflateError) {
    try symbol(FixedCode.literalLength[Int(byte)], to: &output)
  }

  mutating func match(_ match: Match, to output: inout OutputRawSpan) throws(DeflateError) {
    let length = LengthAlphabet.symbol(forLength: match.length)
    try symbol(FixedCode.literalLength[length.symbol], to: &output)
    try bits.write(length.extraValue, count: length.extraBits, to: &output)
    let distance = DistanceAlphabet.symbol(forDistance: match.distance)
    try symbol(FixedCode.distance[distance.symbol], to: &output)
    try bits.write(distance.extraValue, count: distance.extraBits, to: &output)
  }

  mutating func end(
    _ position: BlockPosition, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try symbol(FixedCode.literalLength[LengthAlphabet.endOfBlock], to: &output)
    if position == .notLast {
      try StoredBlock.writeHeader(count: 0, isFinal: false, bits: &bits, to: &output)
    }
    try bits.alignToByte(to: &output)
  }

  private mutating func symbol(
    _ codeword: Codeword, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(codeword.streamBits, count: Int(codeword.length), to: &output)
  }
}
