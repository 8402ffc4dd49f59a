// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The profile as it is written down: step by step, every rule in the open, with any rules and any code. Matching
// comes before coding, so tokens do not depend on the code, as on the device, which is handed its tables.
// FastEncoder makes the same bits of the default rules and the fixed code.

/// A code to write with, and the bits that stand before the first codeword.
package struct CodeTables: Sendable {
  let literalLength: [Codeword]
  let distance: [Codeword]
  /// Least significant bit first; bits beyond `headerBitCount` are not looked at.
  let header: [UInt8]
  let headerBitCount: Int

  /// Codewords of symbols 0…285 and 0…29, and a header.
  package init(
    literalLength: [Codeword], distance: [Codeword], header: [UInt8], headerBitCount: Int
  ) {
    precondition(
      literalLength.count > LengthAlphabet.validSymbols.upperBound
        && distance.count > DistanceAlphabet.validSymbols.upperBound, "too few codewords")
    precondition(headerBitCount <= header.count * 8, "header shorter than its bits")
    self.literalLength = literalLength
    self.distance = distance
    self.header = header
    self.headerBitCount = headerBitCount
  }

  private init(fixedAndFinal isFinal: Bool) {
    self.init(
      literalLength: FixedCode.literalLength, distance: FixedCode.distance,
      header: [BlockHeader.fixed(isFinal: isFinal)], headerBitCount: BlockHeader.bitCount)
  }

  private static let fixedFinal = CodeTables(fixedAndFinal: true)
  private static let fixedNotFinal = CodeTables(fixedAndFinal: false)

  /// The fixed code (RFC 1951 §3.2.6) behind the header of a block.
  static func fixed(isFinal: Bool) -> CodeTables { isFinal ? fixedFinal : fixedNotFinal }
}

/// Compresses by any profile and any code, rule by rule.
package struct ReferenceEncoder {
  /// Why there is no stream.
  package enum Failure: Error, Hashable {
    /// The output has no room for it.
    case outputFull
    /// A token needs a symbol that has no codeword.
    case noCodeword
  }

  private var finder: MatchFinder

  /// Creates an encoder. Traps on fields of the profile outside their ranges.
  package init(profile: MatchProfile = .iaaV1) { finder = MatchFinder(profile: profile) }

  /// Appends the stream of a chunk with the fixed code; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    do throws(Failure) {
      _ = try compress(
        input, tables: .fixed(isFinal: isFinal), ending: .fixed(isFinal: isFinal), into: &output)
    } catch {
      precondition(error == .outputFull, "the fixed code has a codeword for every symbol")
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
  }

  /// Appends a chunk's stream, zero bits to the byte boundary included; without matches if so asked. On failure
  /// what was appended so far stays.
  ///
  /// - Returns: The stream's bits without those zero bits.
  package mutating func compress(
    _ input: RawSpan, tables: CodeTables, ending: BlockEnding, literalsOnly: Bool = false,
    into output: inout OutputRawSpan
  ) throws(Failure) -> Int {
    let start = output.byteCount
    finder.reset()
    var writer = CodeWriter(tables: tables)
    for index in 0..<tables.headerBitCount {
      try writer.write(tables.header[index / 8] >> (index % 8) & 1, count: 1, to: &output)
    }
    var base = 0
    while base < input.byteCount {
      let step =
        literalsOnly
        ? StepTokens(literals: 1, match: nil, next: base + 1)
        : finder.parseStep(at: base, of: input)
      for offset in 0..<step.literals {
        try writer.writeSymbol(Int(input.byte(at: base + offset)), to: &output)
      }
      if let match = step.match { try writer.write(match, to: &output) }
      base = step.next
    }
    return try writer.end(ending, startedAt: start, in: &output)
  }
}

/// Tokens -> bits by a code.
private struct CodeWriter {
  let tables: CodeTables
  private var bits = BitWriter()

  init(tables: CodeTables) { self.tables = tables }

  mutating func write(
    _ value: some FixedWidthInteger, count: Int, to output: inout OutputRawSpan
  ) throws(ReferenceEncoder.Failure) {
    do throws(DeflateError) {
      try bits.write(value, count: count, to: &output)
    } catch {
      throw .outputFull
    }
  }

  mutating func writeSymbol(
    _ symbol: Int, to output: inout OutputRawSpan
  ) throws(ReferenceEncoder.Failure) {
    try write(tables.literalLength[symbol], to: &output)
  }

  mutating func write(
    _ match: Match, to output: inout OutputRawSpan
  ) throws(ReferenceEncoder.Failure) {
    let length = LengthAlphabet.symbol(forLength: match.length)
    try writeSymbol(length.symbol, to: &output)
    try write(length.extraValue, count: length.extraBits, to: &output)
    let distance = DistanceAlphabet.symbol(forDistance: match.distance)
    try write(tables.distance[distance.symbol], to: &output)
    try write(distance.extraValue, count: distance.extraBits, to: &output)
  }

  private mutating func write(
    _ codeword: Codeword, to output: inout OutputRawSpan
  ) throws(ReferenceEncoder.Failure) {
    guard codeword.length > 0 else { throw .noCodeword }
    try write(codeword.streamBits, count: Int(codeword.length), to: &output)
  }

  /// Ends the block and fills its last byte; returns the bits from the output's byte `start` to that filling.
  mutating func end(
    _ ending: BlockEnding, startedAt start: Int, in output: inout OutputRawSpan
  ) throws(ReferenceEncoder.Failure) -> Int {
    if ending != .nothing { try writeSymbol(LengthAlphabet.endOfBlock, to: &output) }
    do throws(DeflateError) {
      if case .endOfBlockAndStoredBlock(let isFinal) = ending {
        try StoredBlock.writeHeader(count: 0, isFinal: isFinal, bits: &bits, to: &output)
      }
      let bitCount = (output.byteCount - start) * 8 + bits.bitCount
      try bits.alignToByte(to: &output)
      return bitCount
    } catch {
      throw .outputFull
    }
  }
}
