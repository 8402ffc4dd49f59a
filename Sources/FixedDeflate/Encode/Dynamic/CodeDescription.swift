// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The header of a dynamic block (RFC 1951 §3.2.7), from code lengths: how many there are, the code of the code
// length symbols, and both codes' lengths in it, as one sequence.

/// A code length symbol and its extra bits.
private struct Item {
  var symbol: UInt8
  var extra: UInt8
}

/// Items one behind the other, as many as there are lengths of both codes at most, and how often each symbol is among
/// them.
private struct Items {
  var items = InlineArray<316, Item>(repeating: Item(symbol: 0, extra: 0))
  var count = 0
  var counts = InlineArray<19, UInt32>(repeating: 0)

  mutating func removeAll() {
    count = 0
    counts = InlineArray(repeating: 0)
  }

  @inline(__always)
  mutating func appendRun(of length: UInt8, _ run: Int, _ repeats: CodeDescription.Repeats) {
    var rest = run
    if length == 0 {
      while rest >= 3 {
        let part = min(rest, 138)
        if part >= 11 { append(18, part - 11) } else { append(17, part - 3) }
        rest -= part
      }
    } else if repeats == .all, rest >= 4 {
      append(length, 0)
      rest -= 1
      while rest >= 3 {
        // Seven are four and three, not six and one.
        let part = rest == 7 ? 4 : min(rest, 6)
        append(16, part - 3)
        rest -= part
      }
    }
    for _ in 0..<rest { append(length, 0) }
  }

  private mutating func append(_ symbol: UInt8, _ extra: Int) {
    items[count] = Item(symbol: symbol, extra: UInt8(truncatingIfNeeded: extra))
    counts[Int(symbol)] &+= 1
    count &+= 1
  }
}

/// Describes two codes in the fewest symbols.
struct CodeDescription {
  /// Which repeats are told by a symbol of their own.
  enum Repeats {
    /// Zeros alone, by symbols 17 and 18: what the published streams of the device's dynamic mode have. Neither of
    /// the two has four equal lengths in a row, so whether a device uses symbol 16 is open.
    case zeros
    /// Zeros, and by symbol 16 other lengths.
    case all
  }

  private var items = Items()
  private var counts = [UInt32](repeating: 0, count: CodeLengthAlphabet.symbols.count)
  private var codeLengths = [UInt8](repeating: 0, count: CodeLengthAlphabet.symbols.count)
  private var literalLengthCount = 0
  private var distanceCount = 0
  private var orderCount = 0
  /// Bits of the header, BFINAL and BTYPE among them.
  private(set) var bitCount = 0

  /// Takes over code lengths of symbols 0…285 and 0…29.
  mutating func describe(
    _ literalLength: [UInt8], _ distance: [UInt8], repeats: Repeats,
    by builder: inout HuffmanLengths
  ) {
    literalLengthCount = max(
      (literalLength.lastIndex { $0 > 0 } ?? 0) + 1, LengthAlphabet.endOfBlock + 1)
    distanceCount = (distance.lastIndex { $0 > 0 } ?? 0) + 1
    gather(literalLength.span, distance.span, repeats)
    builder.assign(counts, limit: CodeLengthAlphabet.longestCodeword, to: &codeLengths)
    orderCount = max((CodeLengthAlphabet.order.lastIndex { codeLengths[$0] > 0 } ?? 0) + 1, 4)
    bitCount = BlockHeader.bitCount + 14 + 3 * orderCount
    for symbol in counts.indices {
      bitCount +=
        Int(counts[symbol])
        * (Int(codeLengths[symbol]) + CodeLengthAlphabet.base(ofSymbol: symbol).extraBits)
    }
  }

  /// Turns both codes' lengths into items. A run may go on from one code into the other.
  private mutating func gather(
    _ literalLength: Span<UInt8>, _ distance: Span<UInt8>, _ repeats: Repeats
  ) {
    var lengths = InlineArray<316, UInt8>(repeating: 0)
    for index in 0..<literalLengthCount { lengths[index] = literalLength[index] }
    for index in 0..<distanceCount { lengths[literalLengthCount + index] = distance[index] }
    items.removeAll()
    let end = literalLengthCount + distanceCount
    var index = 0
    while index < end {
      let length = lengths[index]
      let start = index
      index += 1
      if length == 0 || repeats == .all {
        while index < end, lengths[index] == length { index += 1 }
      }
      items.appendRun(of: length, index - start, repeats)
    }
    for symbol in counts.indices { counts[symbol] = items.counts[symbol] }
  }

  /// Writes the header, ``bitCount`` bits.
  func write(
    isFinal: Bool, bits: inout BitWriter, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.write(
      BlockHeader.bits(.dynamic, isFinal: isFinal), count: BlockHeader.bitCount, to: &output)
    try bits.write(literalLengthCount - 257, count: 5, to: &output)
    try bits.write(distanceCount - 1, count: 5, to: &output)
    try bits.write(orderCount - 4, count: 4, to: &output)
    for index in 0..<orderCount {
      try bits.write(codeLengths[CodeLengthAlphabet.order[index]], count: 3, to: &output)
    }
    let codewords = canonicalCodewords(lengths: codeLengths)
    let streamBits = codewords.map { $0.streamBits }
    for index in 0..<items.count {
      let item = items.items[index]
      let symbol = Int(item.symbol)
      try bits.write(streamBits[symbol], count: Int(codeLengths[symbol]), to: &output)
      try bits.write(
        item.extra, count: CodeLengthAlphabet.base(ofSymbol: symbol).extraBits, to: &output)
    }
  }
}
