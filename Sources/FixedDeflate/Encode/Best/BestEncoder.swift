// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fewest bits a chunk can take in a code, or nearly so where the code is made for it. No device goes to that
// length, but every device reads what stays within its history.

/// Encodes chunks in the fewest bits.
struct BestEncoder: ~Copyable, Sendable {
  private let code: BlockCode
  private var parser: BestParser
  private var prices = TokenPrices()
  private var coder: TokenCoder
  private var codes = DynamicCodes()
  /// Tokens that the first code of a dynamic block is made of.
  private var tokens: TokenSource

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - code: In which code.
  ///   - limit: How far back matches may begin.
  ///   - picksSmaller: Whether a fixed block is to stand where it is smaller.
  init(code: CompressionMode.Code, limit: DistanceLimit, picksSmaller: Bool) {
    self.code = BlockCode(code, picksSmaller: picksSmaller)
    parser = BestParser(history: limit.maximumDistance)
    coder = TokenCoder(self.code, cpu: .current)
    tokens =
      switch limit {
      case .iaa: TokenSource(profile: .iaaV1, cpu: .current)
      case .rfc1951: .long(LongMatchFinder(cpu: .current))
      }
    switch self.code {
    case .fixed: prices.set(FixedCode.literalLengthLengths, FixedCode.distanceLengths)
    case .table(let table): prices.set(table.literalLengthLengths, table.distanceLengths)
    case .dynamic: break
    }
  }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    if case .dynamic = code { parseForDynamic(input) } else { parse(input) }
    try codes.write(&coder, input, in: code, .software, isFinal: isFinal, into: &output)
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

  /// A parse needs prices, and prices come from a parse: so the first ones are those of tokens that are quickly
  /// found, and the best of a few rounds is kept.
  private mutating func parseForDynamic(_ input: RawSpan) {
    tokens.collect(input, into: &coder)
    var smallest = codes.fit(coder, input, .software)
    var best = coder.matches
    for _ in 0..<Self.rounds {
      prices.set(codes.literalLengths, codes.distanceLengths, missing: Self.priceOfNewSymbol)
      parse(input)
      let bits = codes.fit(coder, input, .software)
      guard bits < smallest else { break }
      smallest = bits
      best = parser.matches
    }
    take(best, input)
  }
}
