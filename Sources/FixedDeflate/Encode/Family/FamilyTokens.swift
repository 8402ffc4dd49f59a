// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The family's loop writes fixed blocks as it goes and keeps no tokens: who codes them otherwise reads them
// out of the block again, which takes less time than to search by the rules one by one.

/// Tokens by a profile that the family's loop knows.
struct FamilyTokens: ~Copyable {
  private let encoder: FamilyEncoder

  init(_ encoder: consuming FamilyEncoder) { self.encoder = encoder }

  /// Hands a chunk's matches over, ascending by their starts.
  func forEachMatch(in input: RawSpan, _ body: (_ start: Int, _ match: Match) -> Void) {
    let stream: [UInt8]
    do throws(DeflateError) {
      let bound = Encoder.bound(input.byteCount)
      stream = try makeBytes(capacity: bound + FixedBlockReader.padding) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try encoder.compress(input, isFinal: true, into: &output)
        for _ in 0..<FixedBlockReader.padding { output.append(0) }
      }
    } catch {
      preconditionFailure("bound(_:position:) too small: \(error)")
    }
    // SAFETY: bytes have no padding.
    let bytes = unsafe stream.span.bytes
    var reader = FixedBlockReader(bytes)
    var position = 0
    while position < input.byteCount {
      if let match = reader.next(in: bytes) {
        body(position, match)
        position += match.length
      } else {
        position += 1
      }
    }
  }
}

/// The tokens of a whole fixed block of our own, which needs no checks but the span's.
private struct FixedBlockReader {
  /// By the next nine bits: the litlen symbol and the bits of its codeword.
  private static let symbols: [(symbol: Int16, length: UInt8)] = {
    var table = [(symbol: Int16, length: UInt8)](
      repeating: (0, 0), count: 1 << FixedCode.longestLiteral)
    for (symbol, codeword) in FixedCode.literalLength.enumerated() {
      for rest in 0..<1 << (FixedCode.longestLiteral - Int(codeword.length)) {
        table[Int(codeword.streamBits) | rest << Int(codeword.length)] = (
          Int16(symbol), codeword.length
        )
      }
    }
    return table
  }()
  /// By the next five bits: the distance symbol, 30 and 31 as 0.
  private static let distances: [Int] = {
    var table = [Int](repeating: 0, count: 32)
    for symbol in DistanceAlphabet.validSymbols {
      table[Int(FixedCode.distance[symbol].streamBits)] = symbol
    }
    return table
  }()

  /// Bytes that stand behind the block, so that a token is never cut short.
  static let padding = 8
  /// The most bits of a token: codewords of 8 and 5 bits with 5 and 13 extra ones.
  private static let longestToken = 31

  private var bits = BitReader()

  init(_ stream: RawSpan) {
    _ = bits.has(BlockHeader.bitCount, in: stream)
    bits.take(BlockHeader.bitCount)
  }

  /// The match that comes next, or nil for a literal.
  mutating func next(in stream: RawSpan) -> Match? {
    guard bits.has(Self.longestToken, in: stream) else { preconditionFailure("no padding") }
    let (symbol, length) = Self.symbols[bits.peek(FixedCode.longestLiteral)]
    bits.take(Int(length))
    guard symbol > LengthAlphabet.endOfBlock else { return nil }
    let base = LengthAlphabet.base(ofSymbol: Int(symbol))
    let matchLength = base.length + take(base.extraBits)
    let distance = DistanceAlphabet.base(ofSymbol: Self.distances[take(5)])
    return Match(length: matchLength, distance: distance.distance + take(distance.extraBits))
  }

  private mutating func take(_ count: Int) -> Int {
    defer { bits.take(count) }
    return bits.peek(count)
  }
}
