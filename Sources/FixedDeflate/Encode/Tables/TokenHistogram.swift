// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How often each symbol occurs among tokens: what codes are made of.
public struct TokenHistogram: Sendable, Hashable {
  /// Counts of literal/length symbols 0…285.
  public var literalLength: [Int]
  /// Counts of distance symbols 0…29.
  public var distance: [Int]

  /// Creates a histogram of nothing.
  public init() {
    literalLength = Array(repeating: 0, count: CompressionTable.literalLengthCount)
    distance = Array(repeating: 0, count: CompressionTable.distanceCount)
  }

  /// Counts the tokens of one chunk, its end-of-block too.
  ///
  /// - Parameters:
  ///   - chunk: The data, of which no match reaches into another chunk.
  ///   - profile: The rules of the match stage.
  /// - Complexity: O(*n*) in the bytes of the chunk; a match takes eight bytes of memory.
  public mutating func add(_ chunk: RawSpan, profile: MatchProfile = .iaaV1) {
    var source = TokenSource(profile: profile, cpu: .current)
    var coder = TokenCoder()
    source.collect(chunk, into: &coder)
    var counts = DynamicCodes()
    counts.count(coder, chunk)
    counts.add(to: &self)
  }
}
