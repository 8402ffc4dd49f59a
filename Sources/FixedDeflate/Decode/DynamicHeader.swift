// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The header of a dynamic block (RFC 1951 §3.2.7), read element by element, so that it can wait
// for input anywhere. Both code length sequences are one: a repeat may run from one into the other.

/// A dynamic block's header, as far as it has been read.
struct DynamicHeader {
  private enum Stage {
    case counts
    case codeLengthLengths
    case codeLengths
  }

  private var stage = Stage.counts
  private var literalLengthCount = 0
  private var distanceCount = 0
  private var codeLengthCount = 0
  private var start = 0
  /// Lengths read so far, of whichever code is being read.
  private var read = 0
  private var lengths = InlineArray<320, UInt8>(repeating: 0)
  private var codeLengthCode = HuffmanCode()

  /// Reads on; true once both codes are assigned, false when the input is used up.
  mutating func read(
    _ bits: inout BitReader, _ input: RawSpan,
    _ literalLength: inout HuffmanCode, _ distance: inout HuffmanCode,
    _ tables: inout DecodingTables
  ) throws(DeflateError) -> Bool {
    if case .counts = stage { guard try readCounts(&bits, input) else { return false } }
    if case .codeLengthLengths = stage {
      guard try readCodeLengthLengths(&bits, input, &tables) else { return false }
    }
    readCodeLengths(&bits, input, tables)
    while read < literalLengthCount + distanceCount {
      guard try readCodeLength(&bits, input) else { return false }
    }
    try assign(&literalLength, &distance, &tables)
    return true
  }

  private mutating func readCounts(
    _ bits: inout BitReader, _ input: RawSpan
  ) throws(DeflateError) -> Bool {
    guard bits.has(14, in: input) else { return false }
    start = bits.position
    literalLengthCount = bits.peek(5) + 257
    distanceCount = bits.peek(5, at: 5) + 1
    codeLengthCount = bits.peek(4, at: 10) + 4
    guard literalLengthCount <= 286, distanceCount <= 30 else {
      throw DeflateError(.tooManySymbols, bitPosition: start)
    }
    bits.take(14)
    stage = .codeLengthLengths
    return true
  }

  private mutating func readCodeLengthLengths(
    _ bits: inout BitReader, _ input: RawSpan, _ tables: inout DecodingTables
  ) throws(DeflateError) -> Bool {
    while read < codeLengthCount {
      guard bits.has(3, in: input) else { return false }
      lengths[CodeLengthAlphabet.order[read]] = UInt8(bits.peek(3))
      bits.take(3)
      read += 1
    }
    guard case .complete = codeLengthCode.assign(lengths.span.extracting(0..<19)) else {
      throw DeflateError(.invalidCodeLengthCode, bitPosition: start)
    }
    tables.assign(codeLengthCode: codeLengthCode)
    lengths = InlineArray(repeating: 0)
    read = 0
    stage = .codeLengths
    return true
  }

  /// Reads code lengths by table, maybe none, up to the input's last bytes or what is wrong.
  private mutating func readCodeLengths(
    _ bits: inout BitReader, _ input: RawSpan, _ tables: borrowing DecodingTables
  ) {
    // Bits of an earlier piece must have been taken: eight bytes at once are of this one alone.
    let start = bits.nextByte * 8 - bits.bitCount
    guard start >= 0 else { return }
    var position = start
    reading: while position >> 3 <= input.byteCount - 8 {
      var word = input.littleEndianDoubleWord(at: position >> 3) &>> UInt64(position & 7)
      // At most fourteen bits each, and 57 are there.
      for _ in 0..<4 {
        let entry = tables.codeLength(word)
        let (symbol, bitCount) = (Int(entry >> 16), Int(entry & 63))
        let (least, extraBits) = CodeLengthAlphabet.base(ofSymbol: symbol)
        let extra = Int(word &>> UInt64(bitCount - extraBits)) & (1 << extraBits - 1)
        guard append(symbol, count: least + extra) else { break reading }
        position += bitCount
        word &>>= UInt64(bitCount)
      }
    }
    guard position > start else { return }
    bits.move(to: position, in: input)
    bits.position += position - start
  }

  private mutating func readCodeLength(
    _ bits: inout BitReader, _ input: RawSpan
  ) throws(DeflateError) -> Bool {
    switch codeLengthCode.next(&bits, in: input) {
    case .needsInput: return false
    case .noSuchCodeword: preconditionFailure("a complete code has every codeword")
    case .symbol(let symbol, let bitCount):
      let (least, extraBits) = CodeLengthAlphabet.base(ofSymbol: symbol)
      guard bits.has(bitCount + extraBits, in: input) else { return false }
      guard append(symbol, count: least + bits.peek(extraBits, at: bitCount)) else {
        throw DeflateError(.invalidCodeLengthRepeat, bitPosition: bits.position)
      }
      bits.take(bitCount + extraBits)
      return true
    }
  }

  /// Appends what a code length symbol stands for; false, and nothing is, when there is no previous length
  /// to repeat, or the lengths would be too many.
  private mutating func append(_ symbol: Int, count: Int) -> Bool {
    let end = read + count
    guard end <= literalLengthCount + distanceCount else { return false }
    var length = UInt8(truncatingIfNeeded: symbol)
    if symbol >= CodeLengthAlphabet.repeatPrevious {
      guard symbol > CodeLengthAlphabet.repeatPrevious || read > 0 else { return false }
      length = symbol == CodeLengthAlphabet.repeatPrevious ? lengths[read - 1] : 0
    }
    while read < end {
      lengths[read] = length
      read += 1
    }
    return true
  }

  private func assign(
    _ literalLength: inout HuffmanCode, _ distance: inout HuffmanCode,
    _ tables: inout DecodingTables
  ) throws(DeflateError) {
    guard lengths[LengthAlphabet.endOfBlock] > 0 else {
      throw DeflateError(.missingEndOfBlock, bitPosition: start)
    }
    let literalLengthLengths = lengths.span.extracting(0..<literalLengthCount)
    switch literalLength.assign(literalLengthLengths) {
    case .complete, .single: break
    case .empty, .invalid: throw DeflateError(.invalidLiteralLengthCode, bitPosition: start)
    }
    let end = literalLengthCount + distanceCount
    let distanceLengths = lengths.span.extracting(literalLengthCount..<end)
    switch distance.assign(distanceLengths) {
    case .complete, .single, .empty: break
    case .invalid: throw DeflateError(.invalidDistanceCode, bitPosition: start)
    }
    tables.assign(literalLength, distance)
  }
}
