// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of the profile with any code behind it: what a device does with the tables it is
// handed. Matching comes before coding, so tokens do not depend on the tables.

/// Compresses a chunk by given codewords, for the device model.
package struct TableEncoder {
  /// Why there is no stream.
  package enum Failure: Error, Hashable {
    /// The output has no room for it.
    case outputFull
    /// A token needs a symbol that has no codeword.
    case noCodeword
  }

  /// What follows the last token.
  package enum Ending: Hashable {
    case nothing
    case endOfBlock
    /// End-of-block, then an empty stored block that is final or not.
    case endOfBlockAndStoredBlock(isFinal: Bool)
  }

  /// A code to write with, and the bits that stand before the first codeword.
  package struct Tables {
    package var literalLength: [Codeword]
    package var distance: [Codeword]
    /// Least significant bit first; bits beyond ``headerBitCount`` are not looked at.
    package var header: [UInt8]
    package var headerBitCount: Int

    /// Codewords of symbols 0…285 and 0…29, and a header.
    package init(
      literalLength: [Codeword], distance: [Codeword], header: [UInt8], headerBitCount: Int
    ) {
      precondition(literalLength.count >= 286 && distance.count >= 30, "too few codewords")
      precondition(headerBitCount <= header.count * 8, "header shorter than its bits")
      self.literalLength = literalLength
      self.distance = distance
      self.header = header
      self.headerBitCount = headerBitCount
    }
  }

  private var finder: MatchFinder

  package init(profile: MatchProfile = .iaaV1) { finder = MatchFinder(profile: profile) }

  /// Appends a chunk's stream, zero bits to the byte boundary included; without matches if so asked.
  ///
  /// - Returns: The stream's bits without those zero bits.
  package mutating func compress(
    _ input: RawSpan, tables: Tables, ending: Ending, literalsOnly: Bool = false,
    into output: inout OutputRawSpan
  ) throws(Failure) -> Int {
    let bitCount: Int?
    do throws(DeflateError) {
      bitCount = try encode(input, tables, ending, literalsOnly, into: &output)
    } catch {
      throw .outputFull
    }
    guard let bitCount else { throw .noCodeword }
    return bitCount
  }

  /// The stream's bits; nil when a token has no codeword.
  private mutating func encode(
    _ input: RawSpan, _ tables: Tables, _ ending: Ending, _ literalsOnly: Bool,
    into output: inout OutputRawSpan
  ) throws(DeflateError) -> Int? {
    let start = output.byteCount
    finder.reset()
    var bits = BitWriter()
    for index in 0..<tables.headerBitCount {
      try bits.write(tables.header[index / 8] >> (index % 8) & 1, count: 1, to: &output)
    }
    var base = 0
    while base < input.byteCount {
      let pair =
        literalsOnly
        ? PairTokens(literals: 1, match: nil, next: base + 1)
        : finder.parsePair(at: base, of: input)
      guard try write(pair, at: base, of: input, tables, &bits, &output) else { return nil }
      base = pair.next
    }
    if ending != .nothing {
      let symbol = tables.literalLength[LengthAlphabet.endOfBlock]
      guard try write(symbol, &bits, &output) else { return nil }
    }
    if case .endOfBlockAndStoredBlock(let isFinal) = ending {
      try StoredBlock.writeHeader(count: 0, isFinal: isFinal, bits: &bits, to: &output)
    }
    let bitCount = (output.byteCount - start) * 8 + bits.pendingBitCount
    try bits.alignToByte(to: &output)
    return bitCount
  }

  private func write(
    _ pair: PairTokens, at base: Int, of input: RawSpan, _ tables: Tables,
    _ bits: inout BitWriter, _ output: inout OutputRawSpan
  ) throws(DeflateError) -> Bool {
    for offset in 0..<pair.literals {
      let literal = tables.literalLength[Int(input.byte(at: base + offset))]
      guard try write(literal, &bits, &output) else { return false }
    }
    guard let match = pair.match else { return true }
    let length = LengthAlphabet.symbol(forLength: match.length)
    guard try write(tables.literalLength[length.symbol], &bits, &output) else { return false }
    try bits.write(length.extraValue, count: length.extraBits, to: &output)
    let distance = DistanceAlphabet.symbol(forDistance: match.distance)
    guard try write(tables.distance[distance.symbol], &bits, &output) else { return false }
    try bits.write(distance.extraValue, count: distance.extraBits, to: &output)
    return true
  }

  private func write(
    _ codeword: Codeword, _ bits: inout BitWriter, _ output: inout OutputRawSpan
  ) throws(DeflateError) -> Bool {
    guard codeword.length > 0 else { return false }
    try bits.write(codeword.streamBits, count: Int(codeword.length), to: &output)
    return true
  }
}
