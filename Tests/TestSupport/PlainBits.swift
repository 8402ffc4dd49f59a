// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Bits one at a time, in RFC 1951's two orders: numbers from their lowest bit, Huffman codewords
// from their highest. The fixed code and the extra-bit tables are written down as the RFC prints
// them, not derived, because the library derives them. Also the tool for hand-made broken streams.

/// The RFC's tables of lengths and distances (RFC 1951 §3.2.5), in one place for both directions.
enum PlainTables {
  /// For length symbols 257...285: extra bits and smallest length.
  static let lengths: [(extra: Int, base: Int)] = [
    (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10),
    (1, 11), (1, 13), (1, 15), (1, 17), (2, 19), (2, 23), (2, 27), (2, 31),
    (3, 35), (3, 43), (3, 51), (3, 59), (4, 67), (4, 83), (4, 99), (4, 115),
    (5, 131), (5, 163), (5, 195), (5, 227), (0, 258),
  ]

  /// For distance symbols 0...29: extra bits and smallest distance.
  static let distances: [(extra: Int, base: Int)] = [
    (0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 7), (2, 9), (2, 13), (3, 17), (3, 25),
    (4, 33), (4, 49), (5, 65), (5, 97), (6, 129), (6, 193), (7, 257), (7, 385),
    (8, 513), (8, 769), (9, 1025), (9, 1537), (10, 2049), (10, 3073), (11, 4097), (11, 6145),
    (12, 8193), (12, 12289), (13, 16385), (13, 24577),
  ]

  /// The fixed literal/length codeword of a symbol (RFC 1951 §3.2.6).
  static func fixedCodeword(_ symbol: Int) -> (value: Int, width: Int) {
    switch symbol {
    case 0...143: (0b0011_0000 + symbol, 8)
    case 144...255: (0b1_1001_0000 + symbol - 144, 9)
    case 256...279: (symbol - 256, 7)
    default: (0b1100_0000 + symbol - 280, 8)
    }
  }
}

/// A growing list of bits that becomes bytes.
public struct PlainBits: Sendable {
  /// The bytes so far; the last one is filled with zero bits.
  public private(set) var bytes: [UInt8] = []
  /// Bits written so far.
  public private(set) var count = 0

  /// No bits.
  public init() {}

  /// Appends one bit.
  public mutating func bit(_ value: Int) {
    if count % 8 == 0 { bytes.append(0) }
    if value & 1 == 1 { bytes[bytes.count - 1] |= 1 << UInt8(count % 8) }
    count += 1
  }

  /// Appends `width` bits of a number, lowest first.
  public mutating func number(_ value: Int, width: Int) {
    for index in 0..<width { bit(value >> index) }
  }

  /// Appends a Huffman codeword, highest bit first.
  public mutating func codeword(_ value: Int, width: Int) {
    for index in (0..<width).reversed() { bit(value >> index) }
  }

  /// Appends a symbol of the fixed literal/length code: 0...287.
  public mutating func literalOrLength(_ symbol: Int) {
    let (value, width) = PlainTables.fixedCodeword(symbol)
    codeword(value, width: width)
  }

  /// Appends a match in the fixed codes; length 3...258, distance 1...32768.
  public mutating func match(length: Int, distance: Int) {
    // 258 has two spellings; the last row, which has no extra bits, is the usual one.
    let row = PlainTables.lengths.lastIndex { $0.base <= length } ?? 0
    literalOrLength(257 + row)
    number(length - PlainTables.lengths[row].base, width: PlainTables.lengths[row].extra)
    let symbol = PlainTables.distances.lastIndex { $0.base <= distance } ?? 0
    codeword(symbol, width: 5)
    number(
      distance - PlainTables.distances[symbol].base, width: PlainTables.distances[symbol].extra)
  }

  /// Zero bits up to the next byte.
  public mutating func padToByte() {
    while count % 8 != 0 { bit(0) }
  }

  /// Appends whole bytes; the position must be on a byte.
  public mutating func append(_ more: [UInt8]) {
    precondition(count % 8 == 0, "bytes only go on a byte boundary")
    bytes += more
    count += 8 * more.count
  }
}
