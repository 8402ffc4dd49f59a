// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The tokens that take the fewest bits in a given code: the shortest path from a chunk's first byte to its end, over
// literals and over every length of every match that the tree tells. For a length the nearest place is taken: in the
// fixed code none farther is cheaper, so there, within 4 KiB, the path is the shortest of all.

/// What each token costs, in bits.
struct TokenPrices {
  /// Of symbols that have no codeword: more than any other way.
  static let missing: UInt32 = 1 << 16

  private(set) var literals = [UInt32](repeating: 0, count: 256)
  /// Of lengths 0…258, extra bits included; the first three are none.
  private(set) var lengths = [UInt32](
    repeating: 0, count: LengthAlphabet.lengths.upperBound + 1)
  /// Of distance symbols 0…29, extra bits included.
  private(set) var distances = [UInt32](repeating: 0, count: CompressionTable.distanceCount)

  /// Takes over a code's lengths; symbols without a codeword cost `missing`.
  mutating func set(
    _ literalLength: [UInt8], _ distance: [UInt8], missing: UInt32 = TokenPrices.missing
  ) {
    func price(_ length: UInt8) -> UInt32 { length > 0 ? UInt32(length) : missing }
    for symbol in 0..<256 { literals[symbol] = price(literalLength[symbol]) }
    for symbol in LengthAlphabet.validSymbols {
      let extraBits = UInt32(LengthAlphabet.base(ofSymbol: symbol).extraBits)
      for length in LengthAlphabet.lengths(ofSymbol: symbol) {
        lengths[length] = price(literalLength[symbol]) + extraBits
      }
    }
    for symbol in DistanceAlphabet.validSymbols {
      let extraBits = UInt32(DistanceAlphabet.base(ofSymbol: symbol).extraBits)
      distances[symbol] = price(distance[symbol]) + extraBits
    }
  }
}

/// Finds shortest paths, with memory that serves one chunk after the other.
struct BestParser {
  private var tree: MatchTree
  /// The fewest bits to each position of the chunk, and the last step of the way there: a length, 1 for a literal,
  /// above bit 16, a distance below.
  private var costs: [UInt32] = []
  private var steps: [UInt32] = []
  /// Starts and steps of the matches on the way, in ascending order.
  private(set) var matches: [(start: Int, match: Match)] = []

  /// Creates a parser of matches up to so many bytes back, a power of two.
  init(history: Int) {
    tree = MatchTree(history: history)
  }

  /// Where symbols lack codewords no sum goes beyond this, so that a token more always fits: what such a way costs
  /// no longer matters, since it ends in an error.
  private static let highestCost = UInt32.max - 3 * TokenPrices.missing

  /// Finds the tokens of a chunk that cost the fewest bits.
  ///
  /// - Complexity: O(*n*) in the bytes of the chunk; a byte costs up to some thousand steps where everything matches.
  mutating func parse(_ chunk: RawSpan, _ prices: TokenPrices) {
    let n = chunk.byteCount
    tree.reset()
    costs.removeAll(keepingCapacity: true)
    costs.append(0)
    for _ in 0..<n { costs.append(.max) }
    if steps.count <= n { steps = [UInt32](repeating: 0, count: n + 1) }
    for position in 0..<n {
      let cost = min(costs[position], Self.highestCost)
      let literal = cost + prices.literals[Int(chunk.byte(at: position))]
      if literal < costs[position + 1] {
        costs[position + 1] = literal
        steps[position + 1] = 1 << 16
      }
      var shorter = LengthAlphabet.lengths.lowerBound
      tree.add(position, of: chunk) { longest, distance in
        let symbol = DistanceAlphabet.symbol(forDistance: distance).symbol
        let base = cost + prices.distances[symbol]
        for length in shorter...longest {
          let sum = base + prices.lengths[length]
          if sum < costs[position + length] {
            costs[position + length] = sum
            steps[position + length] = UInt32(length) << 16 | UInt32(distance)
          }
        }
        shorter = longest + 1
      }
    }
    collect(n)
  }

  /// Goes back along the shortest way.
  private mutating func collect(_ n: Int) {
    matches.removeAll(keepingCapacity: true)
    var position = n
    while position > 0 {
      let (length, distance) = (Int(steps[position] >> 16), Int(steps[position] & 0xFFFF))
      position -= length
      if distance > 0 {
        matches.append((position, Match(length: length, distance: distance)))
      }
    }
    matches.reverse()
  }
}
