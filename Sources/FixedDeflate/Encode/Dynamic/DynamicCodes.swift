// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a block's tokens come to in a code, and the block in it.

/// The codes of one block at a time, and their description.
struct DynamicCodes: Sendable {
  private var builder = HuffmanLengths()
  private var description = CodeDescription()
  private var literalCounts = [UInt32](
    repeating: 0, count: CompressionTable.literalLengthCount)
  private var distanceCounts = [UInt32](repeating: 0, count: CompressionTable.distanceCount)
  private var extraBits = 0
  private(set) var literalLengths = [UInt8](
    repeating: 0, count: CompressionTable.literalLengthCount)
  private(set) var distanceLengths = [UInt8](repeating: 0, count: CompressionTable.distanceCount)

  /// The most bits that a dynamic block takes beyond what a fixed one of its worst data would: the header, whose
  /// codewords for 316 lengths have seven bits at most, and whose other fields come to 74.
  static let headerBits = 316 * 7 + 74

  /// Makes the best codes of a coder's tokens, and describes them; returns the bits of a block in them.
  @discardableResult
  mutating func fit(
    _ coder: borrowing TokenCoder, _ input: RawSpan, _ limits: CodeLimits
  ) -> Int {
    count(coder, input)
    builder.assign(literalCounts, limit: limits.longestCodeword, to: &literalLengths)
    builder.assign(distanceCounts, limit: limits.longestCodeword, to: &distanceLengths)
    let repeats = limits.repeats
    description.describe(literalLengths, distanceLengths, repeats: repeats, by: &builder)
    if repeats == .all {
      // One symbol more may cost what it saves.
      let bits = description.bitCount
      description.describe(literalLengths, distanceLengths, repeats: .zeros, by: &builder)
      if description.bitCount > bits {
        description.describe(literalLengths, distanceLengths, repeats: .all, by: &builder)
      }
    }
    return description.bitCount + bitCount(literalLengths, distanceLengths)
  }

  /// Bits that the tokens, end-of-block among them, come to in codes of some lengths.
  func bitCount(_ literal: [UInt8], _ distance: [UInt8]) -> Int {
    extraBits + Self.sum(literalCounts.span, literal.span)
      + Self.sum(distanceCounts.span, distance.span)
  }

  /// Bits of a fixed block of what was counted last.
  var fixedBitCount: Int { BlockHeader.bitCount + fixedTokenBits }

  /// The same without its header.
  private var fixedTokenBits: Int {
    bitCount(FixedCode.literalLengthLengths, FixedCode.distanceLengths)
  }

  /// The sum of each symbol's count times its length. A chunk has fewer bits than UInt32 has numbers.
  private static func sum(_ counts: Span<UInt32>, _ lengths: Span<UInt8>) -> Int {
    precondition(counts.count <= lengths.count, "a length for each symbol")
    var sum: UInt32 = 0
    for symbol in counts.indices { sum &+= counts[symbol] &* UInt32(lengths[symbol]) }
    return Int(sum)
  }

  /// The extra bits of what was counted last.
  private func countExtraBits() -> Int {
    var bits = 0
    let first = LengthAlphabet.validSymbols.lowerBound
    for symbol in LengthAlphabet.validSymbols {
      bits += Int(literalCounts[symbol]) * Int(Self.lengthExtraBits[symbol - first])
    }
    for symbol in DistanceAlphabet.validSymbols {
      bits += Int(distanceCounts[symbol]) * Int(Self.distanceExtraBits[symbol])
    }
    return bits
  }

  /// Adds what was counted last.
  func add(to histogram: inout TokenHistogram) {
    for symbol in literalCounts.indices {
      histogram.literalLength[symbol] += Int(literalCounts[symbol])
    }
    for symbol in distanceCounts.indices {
      histogram.distance[symbol] += Int(distanceCounts[symbol])
    }
  }

  private static let lengthExtraBits = LengthAlphabet.validSymbols.map {
    UInt8(LengthAlphabet.base(ofSymbol: $0).extraBits)
  }
  private static let distanceExtraBits = DistanceAlphabet.validSymbols.map {
    UInt8(DistanceAlphabet.base(ofSymbol: $0).extraBits)
  }

  /// Counts a coder's tokens.
  mutating func count(_ coder: borrowing TokenCoder, _ input: RawSpan) {
    coder.count(input, &literalCounts, &distanceCounts)
    extraBits = countExtraBits()
  }

  /// Writes a coder's tokens as one block in a code; and behind one with a header that is not the last an empty
  /// stored one.
  mutating func write(
    _ coder: inout TokenCoder, _ input: RawSpan, in code: BlockCode, _ limits: CodeLimits,
    isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    switch code {
    case .fixed: try writeFixed(coder, input, isFinal: isFinal, into: &output)
    case .table(let table): try write(coder, input, table: table, into: &output)
    case .dynamic(let picksSmaller):
      try writeDynamic(
        &coder, input, limits, picksSmaller: picksSmaller, isFinal: isFinal, &output)
    }
  }

  /// Writes a coder's tokens as one block, dynamic or, where that is smaller and may stand, fixed.
  private mutating func writeDynamic(
    _ coder: inout TokenCoder, _ input: RawSpan, _ limits: CodeLimits, picksSmaller: Bool,
    isFinal: Bool, _ output: inout OutputRawSpan
  ) throws(DeflateError) {
    var bits = BitWriter()
    let dynamicCount =
      fit(coder, input, limits) - description.bitCount
    let fixedCount = fixedTokenBits
    // A code cut to its limit might in theory be worse than the fixed one.
    let mayBeFixed = picksSmaller || dynamicCount > fixedCount
    if mayBeFixed, fixedCount + BlockHeader.bitCount <= dynamicCount + description.bitCount {
      coder.setCode(FixedCode.literalLength, FixedCode.distance)
      try writeFixed(coder, input, fixedCount, isFinal: isFinal, &bits, &output)
    } else {
      try description.write(isFinal: isFinal, bits: &bits, to: &output)
      let literalLength = canonicalCodewords(lengths: literalLengths)
      coder.setCode(literalLength, canonicalCodewords(lengths: distanceLengths))
      try write(coder, input, literalLength, dynamicCount, &bits, &output)
    }
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  /// Writes a coder's tokens as one fixed block, whose code the coder has, and behind one that is not the last an
  /// empty stored one.
  private mutating func writeFixed(
    _ coder: borrowing TokenCoder, _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    count(coder, input)
    var bits = BitWriter()
    try writeFixed(coder, input, fixedTokenBits, isFinal: isFinal, &bits, &output)
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  private func writeFixed(
    _ coder: borrowing TokenCoder, _ input: RawSpan, _ count: Int, isFinal: Bool,
    _ bits: inout BitWriter, _ output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(
      BlockHeader.fixed(isFinal: isFinal), count: BlockHeader.bitCount, to: &output)
    try write(coder, input, FixedCode.literalLength, count, &bits, &output)
  }

  /// Writes a coder's tokens in a table that is known, whose code the coder has, without a header.
  mutating func write(
    _ coder: borrowing TokenCoder, _ input: RawSpan, table: CompressionTable,
    into output: inout OutputRawSpan
  ) throws(DeflateError) {
    count(coder, input)
    guard hasCodewords(table) else {
      throw DeflateError(.noCodeword, bitPosition: coder.firstWithout(table, input) * 8)
    }
    var bits = BitWriter()
    let count = bitCount(table.literalLengthLengths, table.distanceLengths)
    try write(coder, input, table.literalLengthCodewords, count, &bits, &output)
    try bits.alignToByte(to: &output)
  }

  /// Whether a table has codewords for all that was counted last.
  private func hasCodewords(_ table: CompressionTable) -> Bool {
    literalCounts.indices.allSatisfy {
      literalCounts[$0] == 0 || table.literalLengthLengths[$0] > 0
    }
      && distanceCounts.indices.allSatisfy {
        distanceCounts[$0] == 0 || table.distanceLengths[$0] > 0
      }
  }

  /// Writes tokens and end-of-block in the coder's code: so many bits.
  private func write(
    _ coder: borrowing TokenCoder, _ input: RawSpan, _ literalLength: [Codeword],
    _ bitCount: Int, _ bits: inout BitWriter, _ output: inout OutputRawSpan
  ) throws(DeflateError) {
    let endOfBlock = literalLength[LengthAlphabet.endOfBlock]
    try coder.write(
      input, bitCount: bitCount - Int(endOfBlock.length), bits: &bits, to: &output)
    try bits.write(endOfBlock.streamBits, count: Int(endOfBlock.length), to: &output)
  }
}
