// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A fixed block taken apart into its tokens, for who compares how two compressors matched.

/// A literal or a match.
package enum BlockToken: Sendable, Hashable {
  case literal(UInt8)
  case match(length: Int, distance: Int)

  /// The bytes that it stands for.
  package var byteCount: Int {
    switch self {
    case .literal: 1
    case .match(let length, _): length
    }
  }
}

/// The tokens of one fixed block, the first of a stream.
package struct FixedBlockTokens: Sendable, Hashable {
  /// The tokens, without end-of-block.
  package private(set) var tokens: [BlockToken] = []
  /// The bit of the stream that each begins at.
  package private(set) var bitPositions: [Int] = []
  /// What they stand for.
  package private(set) var bytes: [UInt8] = []

  /// Reads a block up to its end-of-block. What follows is not looked at.
  ///
  /// - Parameters:
  ///   - stream: A DEFLATE stream; any bytes will do.
  ///   - limit: The most bytes that the tokens may stand for.
  /// - Throws: `DeflateError`: what keeps the stream from being a fixed block, and where. More than `limit`
  ///   bytes are `outputFull`.
  /// - Complexity: O(*n*) in the bits of the stream and the bytes of the result.
  package init(reading stream: RawSpan, limit: Int) throws(DeflateError) {
    var bits = BitReader()
    guard bits.has(BlockHeader.bitCount, in: stream) else { throw Self.truncated(stream) }
    guard bits.peek(2, at: 1) == Int(BlockHeader.BlockType.fixed.rawValue) else {
      throw DeflateError(.invalidBlockType, bitPosition: 0)
    }
    bits.take(BlockHeader.bitCount)
    while true {
      let start = bits.position
      let symbol = try Self.symbol(
        of: .fixedLiteralLength, .invalidLiteralLengthSymbol, &bits, stream)
      if symbol == LengthAlphabet.endOfBlock { return }
      var token = BlockToken.literal(UInt8(truncatingIfNeeded: symbol))
      if symbol > LengthAlphabet.endOfBlock {
        guard LengthAlphabet.validSymbols.contains(symbol) else {
          throw DeflateError(.invalidLiteralLengthSymbol, bitPosition: start)
        }
        token = try match(symbol, &bits, stream)
      }
      guard bytes.count + token.byteCount <= limit else {
        throw DeflateError(.outputFull, bitPosition: start)
      }
      append(token, at: start)
    }
  }

  private func match(
    _ symbol: Int, _ bits: inout BitReader, _ stream: RawSpan
  ) throws(DeflateError) -> BlockToken {
    let (baseLength, lengthBits) = LengthAlphabet.base(ofSymbol: symbol)
    let length = baseLength + (try Self.number(lengthBits, &bits, stream))
    let start = bits.position
    let symbol = try Self.symbol(of: .fixedDistance, .invalidDistanceSymbol, &bits, stream)
    guard DistanceAlphabet.validSymbols.contains(symbol) else {
      throw DeflateError(.invalidDistanceSymbol, bitPosition: start)
    }
    let (baseDistance, distanceBits) = DistanceAlphabet.base(ofSymbol: symbol)
    let distance = baseDistance + (try Self.number(distanceBits, &bits, stream))
    guard distance <= bytes.count else {
      throw DeflateError(.distanceTooFar, bitPosition: start)
    }
    return .match(length: length, distance: distance)
  }

  private mutating func append(_ token: BlockToken, at bit: Int) {
    tokens.append(token)
    bitPositions.append(bit)
    switch token {
    case .literal(let byte): bytes.append(byte)
    case .match(let length, let distance):
      for _ in 0..<length { bytes.append(bytes[bytes.count - distance]) }
    }
  }

  private static func symbol(
    of code: HuffmanCode, _ kind: DeflateError.Kind, _ bits: inout BitReader, _ stream: RawSpan
  ) throws(DeflateError) -> Int {
    switch code.next(&bits, in: stream) {
    case .symbol(let symbol, let bitCount):
      bits.take(bitCount)
      return symbol
    case .needsInput: throw truncated(stream)
    case .noSuchCodeword: throw DeflateError(kind, bitPosition: bits.position)
    }
  }

  private static func number(
    _ count: Int, _ bits: inout BitReader, _ stream: RawSpan
  ) throws(DeflateError) -> Int {
    guard bits.has(count, in: stream) else { throw truncated(stream) }
    defer { bits.take(count) }
    return bits.peek(count)
  }

  private static func truncated(_ stream: RawSpan) -> DeflateError {
    DeflateError(.truncatedInput, bitPosition: stream.byteCount * 8)
  }
}
