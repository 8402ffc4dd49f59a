// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The numbers of RFC 1951 §3.2.5: which symbol and extra bits stand for a length or a distance.
// Both tables of the RFC follow one rule, so they are computed, not typed in.

/// A symbol of the DEFLATE alphabets with the extra bits that follow it.
struct SymbolWithExtraBits: Equatable {
  let symbol: Int
  let extraBits: Int
  let extraValue: Int
}

/// Literal/length symbols 257…285: lengths 3…258.
enum LengthAlphabet {
  /// The shortest and the longest match DEFLATE can express.
  static let lengths = 3...258
  /// End of block (RFC 1951 §3.2.5).
  static let endOfBlock = 256
  /// The symbols that mean something; 286 and 287 exist only in the fixed code and are invalid.
  static let validSymbols = 257...285

  /// Groups of four symbols share a number of extra bits; the first two groups have none.
  /// Length 258 is the exception: a symbol of its own.
  static func symbol(forLength length: Int) -> SymbolWithExtraBits {
    precondition(lengths.contains(length), "match length outside 3...258")
    if length == 258 { return SymbolWithExtraBits(symbol: 285, extraBits: 0, extraValue: 0) }
    let offset = length - 3
    guard offset >= 8 else {
      return SymbolWithExtraBits(symbol: 257 + offset, extraBits: 0, extraValue: 0)
    }
    let extraBits = offset.floorLog2 - 2
    return SymbolWithExtraBits(
      symbol: 257 + 4 * extraBits + offset >> extraBits, extraBits: extraBits,
      extraValue: offset & (1 << extraBits - 1))
  }

  /// The smallest length of a symbol and how many extra bits are added to it.
  static func base(ofSymbol symbol: Int) -> (length: Int, extraBits: Int) {
    precondition(validSymbols.contains(symbol), "not a length symbol")
    if symbol == 285 { return (258, 0) }
    let index = symbol - 257
    guard index >= 8 else { return (3 + index, 0) }
    let extraBits = index / 4 - 1
    return (3 + (4 + index % 4) << extraBits, extraBits)
  }

  /// All lengths of a symbol; 258 is not among those of 284, whose bits could say it.
  static func lengths(ofSymbol symbol: Int) -> Range<Int> {
    let (length, extraBits) = base(ofSymbol: symbol)
    return length..<(symbol == 284 ? 258 : length + 1 << extraBits)
  }
}

/// Distance symbols 0…29: distances 1…32768.
enum DistanceAlphabet {
  /// All distances DEFLATE can express.
  static let distances = 1...32768
  /// The symbols that mean something; 30 and 31 exist only in the fixed code and are invalid.
  static let validSymbols = 0...29

  /// Groups of two symbols share a number of extra bits; the first two groups have none.
  static func symbol(forDistance distance: Int) -> SymbolWithExtraBits {
    precondition(distances.contains(distance), "distance outside 1...32768")
    let offset = distance - 1
    guard offset >= 4 else {
      return SymbolWithExtraBits(symbol: offset, extraBits: 0, extraValue: 0)
    }
    let extraBits = offset.floorLog2 - 1
    return SymbolWithExtraBits(
      symbol: 2 * extraBits + offset >> extraBits, extraBits: extraBits,
      extraValue: offset & (1 << extraBits - 1))
  }

  /// The smallest distance of a symbol and how many extra bits are added to it.
  static func base(ofSymbol symbol: Int) -> (distance: Int, extraBits: Int) {
    precondition(validSymbols.contains(symbol), "not a distance symbol")
    guard symbol >= 4 else { return (1 + symbol, 0) }
    let extraBits = symbol / 2 - 1
    return (1 + (2 + symbol % 2) << extraBits, extraBits)
  }
}

/// Code length symbols 0…18 (RFC 1951 §3.2.7).
enum CodeLengthAlphabet {
  static let symbols = 0..<19
  /// Repeats the length before; all larger symbols repeat 0, all smaller ones are a length themselves.
  static let repeatPrevious = 16
  /// The longest codeword, which three bits tell.
  static let longestCodeword = 7
  /// The order in which the lengths of this alphabet's code are sent.
  static let order: [Int] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// The smallest number of lengths that a symbol stands for and how many extra bits are added to it.
  static func base(ofSymbol symbol: Int) -> (count: Int, extraBits: Int) {
    switch symbol {
    case ..<repeatPrevious: (1, 0)
    case repeatPrevious: (3, 2)
    case 17: (3, 3)
    default: (11, 7)
    }
  }
}

extension Int {
  /// The position of the highest set bit; the value must be positive.
  var floorLog2: Int { Int.bitWidth - 1 - leadingZeroBitCount }
}
