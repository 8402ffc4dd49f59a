// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A code that both sides know beforehand, so that no stream has to say it: what an IAA device calls its
// compression state's tables, and QPL a Huffman table.

/// Huffman codes of literals, lengths and distances that encoder and decoder agree on.
///
/// Codewords follow from their lengths by RFC 1951 §3.2.2. A table is Intel's (``canned(_:)``), or made of
/// a histogram of data like that to come.
public struct CompressionTable: Sendable, Hashable {
  /// Bits of the codewords of literal/length symbols 0…285; 0 where there is none.
  public let literalLengthLengths: [UInt8]
  /// Bits of the codewords of distance symbols 0…29; 0 where there is none.
  public let distanceLengths: [UInt8]

  /// The codewords of symbols 0…285 and 0…29, for a device's state too.
  package let literalLengthCodewords: [Codeword]
  package let distanceCodewords: [Codeword]

  /// Creates a table of code lengths.
  ///
  /// - Parameters:
  ///   - literalLengthLengths: Of symbols 0…285, 0…15 bits each. Traps on another count.
  ///   - distanceLengths: Of symbols 0…29, 0…15 bits each. Traps on another count.
  ///
  /// It is nil where the lengths are no codes: end-of-block, symbol 256, must have a codeword, and both codes must be
  /// complete, or one codeword of one bit, or for distances none.
  public init?(literalLengthLengths: [UInt8], distanceLengths: [UInt8]) {
    precondition(
      literalLengthLengths.count == Self.literalLengthCount, "not 286 literal/length symbols")
    precondition(distanceLengths.count == Self.distanceCount, "not 30 distance symbols")
    guard literalLengthLengths[LengthAlphabet.endOfBlock] > 0,
      (literalLengthLengths + distanceLengths).allSatisfy({ $0 <= 15 })
    else { return nil }
    var code = HuffmanCode()
    switch code.assign(literalLengthLengths.span) {
    case .complete, .single: break
    case .empty, .invalid: return nil
    }
    guard code.assign(distanceLengths.span) != .invalid else { return nil }
    self.literalLengthLengths = literalLengthLengths
    self.distanceLengths = distanceLengths
    literalLengthCodewords = canonicalCodewords(lengths: literalLengthLengths)
    distanceCodewords = canonicalCodewords(lengths: distanceLengths)
  }

  /// Creates the table that codes the tokens of a histogram in the fewest bits, with codewords of at most 15.
  ///
  /// Symbols that the histogram lacks get codewords too, as if each had been seen once, so that the table codes
  /// all data that ``MatchProfile`` rules make tokens of.
  ///
  /// - Parameter histogram: Counts of tokens, see ``TokenHistogram/add(_:profile:)``.
  public init(histogram: TokenHistogram) {
    precondition(
      histogram.literalLength.count == Self.literalLengthCount
        && histogram.distance.count == Self.distanceCount, "a count for each symbol")
    let literalLength = histogram.literalLength.map { max($0, 1) }
    let distance = histogram.distance.map { max($0, 1) }
    var builder = HuffmanLengths()
    var literalLengths = [UInt8](repeating: 0, count: Self.literalLengthCount)
    var distanceLengths = [UInt8](repeating: 0, count: Self.distanceCount)
    builder.assign(literalLength, limit: 15, to: &literalLengths)
    builder.assign(distance, limit: 15, to: &distanceLengths)
    guard
      let table = CompressionTable(
        literalLengthLengths: literalLengths, distanceLengths: distanceLengths)
    else { preconditionFailure("a code of every symbol is complete") }
    self = table
  }

  static let literalLengthCount = LengthAlphabet.validSymbols.upperBound + 1
  static let distanceCount = DistanceAlphabet.validSymbols.upperBound + 1

  /// Tables are the same when their lengths are.
  public static func == (left: CompressionTable, right: CompressionTable) -> Bool {
    left.literalLengthLengths == right.literalLengthLengths
      && left.distanceLengths == right.distanceLengths
  }

  /// Hashes the lengths.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(literalLengthLengths)
    hasher.combine(distanceLengths)
  }

  /// The most bytes that a chunk's stream can take.
  ///
  /// - Parameter inputCount: Bytes in the chunk, 0 or more.
  /// - Returns: Bytes.
  public func bound(_ inputCount: Int) -> Int {
    worstCase.bound(inputCount)
  }

  /// What makes the bound of any chunk, for who asks for many.
  package struct WorstCase: Sendable {
    /// Bits that a byte takes at most, and bits that every stream has besides.
    let perByte: Int
    let endOfBlock: Int

    /// See ``CompressionTable/bound(_:)``.
    package func bound(_ inputCount: Int) -> Int {
      precondition(inputCount >= 0, "negative count")
      return (perByte * inputCount + endOfBlock + 7) / 8
    }
  }

  /// What makes the bound of any chunk.
  ///
  /// - Complexity: O(1), in the alphabets' symbols.
  package var worstCase: WorstCase {
    let literal = Int(literalLengthLengths[..<LengthAlphabet.endOfBlock].max() ?? 0)
    // Three bytes at least are a match: two codewords, and 5 and 13 extra bits.
    let match = Int(literalLengthLengths.max() ?? 0) + 5 + Int(distanceLengths.max() ?? 0) + 13
    return WorstCase(
      perByte: max(literal, (match + 2) / 3),
      endOfBlock: Int(literalLengthLengths[LengthAlphabet.endOfBlock]))
  }
}
