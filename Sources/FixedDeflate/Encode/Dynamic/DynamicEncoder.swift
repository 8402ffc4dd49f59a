// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One dynamic block a chunk (RFC 1951 §3.2.7), in the code that fits it best.
//
// A device's dynamic mode takes 4 KiB at most, so up to there the tokens are the device's. Above, where no device
// says how a stream has to look, matches that continue each other are joined.

import CDeflateKernels

/// Encodes chunks as dynamic blocks.
struct DynamicEncoder: ~Copyable, Sendable {
  /// The most bytes that a device's dynamic mode takes: the driver leaves more to software (its page size).
  static let deviceChunkSize = 4096
  /// The longest codewords above that size; below they are RFC 1951's.
  static let longestCodeword = TokenLayout.longestOfFour
  static let longestDeviceCodeword = 15

  /// Whether a fixed block may stand where it is smaller: a device's never does.
  let picksSmaller: Bool
  private var tokens: TokenSource
  private var coder: TokenCoder
  private var codes = DynamicCodes()

  init(profile: MatchProfile, cpu: CPUKind = .current, picksSmaller: Bool) {
    self.picksSmaller = picksSmaller
    tokens = TokenSource(profile: profile, cpu: cpu)
    coder = TokenCoder(cpu: cpu)
  }

  /// The most bits that a chunk's block takes beyond what a fixed block of its worst data would: the header, whose
  /// codewords for 316 lengths have seven bits at most, and whose other fields come to 74.
  static let headerBits = 316 * 7 + 74

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    let isDevices = input.byteCount <= Self.deviceChunkSize
    tokens.collect(
      input, joinedUpTo: isDevices ? 0 : LengthAlphabet.lengths.upperBound, into: &coder)
    try codes.write(
      &coder, input, limit: isDevices ? Self.longestDeviceCodeword : Self.longestCodeword,
      repeats: isDevices ? .zeros : .all, picksSmaller: picksSmaller, isFinal: isFinal,
      into: &output)
  }
}

/// Where tokens by a profile come from.
enum TokenSource: ~Copyable {
  case fast(FastEncoder)
  case family(FamilyTokens)
  case finder(MatchFinder)

  init(profile: MatchProfile, cpu: CPUKind) {
    if FastEncoder.knows(profile) {
      self = .fast(FastEncoder(profile: profile, cpu: cpu))
    } else if let rules = dk_family_rules(profile) {
      self = .family(FamilyTokens(FamilyEncoder(rules, cpu: cpu)))
    } else {
      self = .finder(MatchFinder(profile: profile))
    }
  }

  /// Hands a chunk's matches over; version 1's are joined up to a length.
  mutating func collect(_ input: RawSpan, joinedUpTo longest: Int, into coder: inout TokenCoder) {
    switch consume self {
    case .fast(let encoder):
      coder.collect(input, joinedUpTo: encoder.pairs ? 0 : longest, from: encoder)
      self = .fast(encoder)
    case .family(let encoder):
      coder.collect(input) { append in encoder.forEachMatch(in: input, append) }
      self = .family(encoder)
    case .finder(var finder):
      finder.reset()
      coder.collect(input) { append in
        var base = 0
        while base < input.byteCount {
          let step = finder.parseStep(at: base, of: input)
          if let match = step.match { append(base + step.literals, match) }
          base = step.next
        }
      }
      self = .finder(finder)
    }
  }
}

extension TokenSource {
  /// The bits of a chunk's tokens in the fixed code, end-of-block not among them, from who counts them as it goes; nil
  /// where the tokens have to be collected first.
  func fixedBitCount(of input: RawSpan) -> Int? {
    switch self {
    case .fast(let encoder): encoder.bitCount(of: input)
    case .family: nil
    case .finder: nil
    }
  }
}

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

  /// Makes the best codes of a coder's tokens, and describes them; returns the bits of a block in them.
  @discardableResult
  mutating func fit(
    _ coder: borrowing TokenCoder, _ input: RawSpan, limit: Int, repeats: CodeDescription.Repeats
  ) -> Int {
    count(coder, input)
    builder.assign(literalCounts, limit: limit, to: &literalLengths)
    builder.assign(distanceCounts, limit: limit, to: &distanceLengths)
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

  /// Writes a coder's tokens as one block, dynamic or, where that is smaller and may stand, fixed; and behind a block
  /// that is not the last an empty stored one.
  mutating func write(
    _ coder: inout TokenCoder, _ input: RawSpan, limit: Int, repeats: CodeDescription.Repeats,
    picksSmaller: Bool, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    var bits = BitWriter()
    let dynamicCount =
      fit(coder, input, limit: limit, repeats: repeats) - description.bitCount
    let fixedCount = fixedTokenBits
    // A code cut to its limit might in theory be worse than the fixed one.
    let mayBeFixed = picksSmaller || dynamicCount > fixedCount
    if mayBeFixed, fixedCount + BlockHeader.bitCount <= dynamicCount + description.bitCount {
      try writeFixed(&coder, input, fixedCount, isFinal: isFinal, &bits, &output)
    } else {
      try description.write(isFinal: isFinal, bits: &bits, to: &output)
      try write(
        &coder, input, canonicalCodewords(lengths: literalLengths),
        canonicalCodewords(lengths: distanceLengths), dynamicCount, &bits, &output)
    }
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  /// Writes a coder's tokens as one fixed block, and behind one that is not the last an empty stored one.
  mutating func writeFixed(
    _ coder: inout TokenCoder, _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    count(coder, input)
    var bits = BitWriter()
    try writeFixed(&coder, input, fixedTokenBits, isFinal: isFinal, &bits, &output)
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  private func writeFixed(
    _ coder: inout TokenCoder, _ input: RawSpan, _ count: Int, isFinal: Bool,
    _ bits: inout BitWriter, _ output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(
      BlockHeader.fixed(isFinal: isFinal), count: BlockHeader.bitCount, to: &output)
    try write(&coder, input, FixedCode.literalLength, FixedCode.distance, count, &bits, &output)
  }

  /// Writes a coder's tokens in a table that is known, without a header.
  mutating func write(
    _ coder: inout TokenCoder, _ input: RawSpan, table: CompressionTable,
    into output: inout OutputRawSpan
  ) throws(DeflateError) {
    count(coder, input)
    guard hasCodewords(table) else {
      throw DeflateError(.noCodeword, bitPosition: coder.firstWithout(table, input) * 8)
    }
    var bits = BitWriter()
    let count = bitCount(table.literalLengthLengths, table.distanceLengths)
    try write(
      &coder, input, table.literalLengthCodewords, table.distanceCodewords, count, &bits, &output)
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

  /// Writes tokens and end-of-block in a code: so many bits.
  private func write(
    _ coder: inout TokenCoder, _ input: RawSpan, _ literalLength: [Codeword],
    _ distance: [Codeword], _ bitCount: Int, _ bits: inout BitWriter,
    _ output: inout OutputRawSpan
  ) throws(DeflateError) {
    let endOfBlock = literalLength[LengthAlphabet.endOfBlock]
    coder.setCode(literalLength, distance)
    try coder.write(
      input, bitCount: bitCount - Int(endOfBlock.length), bits: &bits, to: &output)
    try bits.write(endOfBlock.streamBits, count: Int(endOfBlock.length), to: &output)
  }
}
