// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fewest bits a chunk can take in a code, or nearly so where the code is made for it. No device goes to that
// length, but every device reads the streams.

/// Encodes chunks in the fewest bits.
struct BestEncoder: ~Copyable, Sendable {
  private enum Kind: Sendable {
    case fixed
    case dynamic(picksSmaller: Bool)
    case table(CompressionTable)
  }

  private let kind: Kind
  private var parser = BestParser()
  private var prices = TokenPrices()
  private var coder: TokenCoder
  private var codes = DynamicCodes()
  /// Tokens that the first code of a dynamic block is made of.
  private let fast = FastEncoder()

  init(code: CompressionMode.Code, picksSmaller: Bool) {
    coder = TokenCoder()
    switch code {
    case .fixed: kind = .fixed
    case .dynamic: kind = .dynamic(picksSmaller: picksSmaller)
    case .canned(let edition): kind = .table(.canned(edition))
    case .table(let table): kind = .table(table)
    }
  }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    switch kind {
    case .fixed:
      prices.set(FixedCode.literalLengthLengths, FixedCode.distanceLengths)
      parse(input)
      try codes.writeFixed(&coder, input, isFinal: isFinal, into: &output)
    case .table(let table):
      prices.set(table.literalLengthLengths, table.distanceLengths)
      parse(input)
      try codes.write(&coder, input, table: table, into: &output)
    case .dynamic(let picksSmaller):
      parseForDynamic(input)
      try codes.write(
        &coder, input, limit: DynamicEncoder.longestCodeword, repeats: .all,
        picksSmaller: picksSmaller, isFinal: isFinal, into: &output)
    }
  }

  private mutating func parse(_ input: RawSpan) {
    parser.parse(input, prices)
    take(parser.matches, input)
  }

  private mutating func take(_ matches: [(start: Int, match: Match)], _ input: RawSpan) {
    coder.collect(input) { append in
      for (start, match) in matches { append(start, match) }
    }
  }

  /// Times that a chunk is parsed, each time with the prices of the code that the last parse led to.
  private static let rounds = 4
  /// Bits that a symbol is taken to cost that nothing has used yet.
  private static let priceOfNewSymbol: UInt32 = 12

  /// A parse needs prices, and prices come from a parse: so the first ones are those of the device's tokens, and the
  /// best of a few rounds is kept.
  private mutating func parseForDynamic(_ input: RawSpan) {
    coder.collect(input, joinedUpTo: LengthAlphabet.lengths.upperBound, from: fast)
    var smallest = codes.fit(coder, input, limit: DynamicEncoder.longestCodeword, repeats: .all)
    var best = coder.matches
    for _ in 0..<Self.rounds {
      prices.set(codes.literalLengths, codes.distanceLengths, missing: Self.priceOfNewSymbol)
      parse(input)
      let bits = codes.fit(coder, input, limit: DynamicEncoder.longestCodeword, repeats: .all)
      guard bits < smallest else { break }
      smallest = bits
      best = parser.matches
    }
    take(best, input)
  }
}
