// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// One lookup tells a symbol's kind, its base value and how many bits it takes with its extra
// bits, so the hot loop needs one shift per symbol.
//
//   bits 0...5    code and extra bits together (a shift reads only these six)
//   bits 8...13   code bits alone; in a link: index bits of the subtable
//   bit 14        not a plain symbol: link, end of block or no code
//   bit 15        (with 14) link to a subtable
//   bits 16...30  literal, base length, base distance, or start of the subtable
//   bit 31        literal

enum HuffmanEntry {
  static let literal: UInt32 = 1 &<< 31
  static let exceptional: UInt32 = 1 &<< 14
  static let link: UInt32 = 1 &<< 15
  /// Value of an exceptional entry that is not a link.
  static let endOfBlockValue: UInt32 = 0x100
  static let noCodeValue: UInt32 = 0x7FFF
  static let badSymbolValue: UInt32 = 0x7FFE

  static let noCode: UInt32 = exceptional | noCodeValue &<< 16

  /// What an entry says of a literal/length symbol, beside its code bits.
  static func literalLength(_ symbol: Int) -> UInt32 {
    switch symbol {
    case 0..<LengthAlphabet.endOfBlock: return literal | UInt32(symbol) << 16
    case LengthAlphabet.endOfBlock: return exceptional | endOfBlockValue << 16
    case LengthAlphabet.validSymbols:
      let base = LengthAlphabet.base(ofSymbol: symbol)
      return UInt32(base.length) << 16 | UInt32(base.extraBits)
    default: return exceptional | badSymbolValue << 16
    }
  }

  /// What an entry says of a distance symbol, beside its code bits.
  static func distance(_ symbol: Int) -> UInt32 {
    guard DistanceAlphabet.validSymbols.contains(symbol) else {
      return exceptional | badSymbolValue << 16
    }
    let base = DistanceAlphabet.base(ofSymbol: symbol)
    return UInt32(base.distance) << 16 | UInt32(base.extraBits)
  }

  /// Both, for every symbol.
  static let literalLengths = (0..<288).map(literalLength)
  static let distances = (0..<32).map(distance)
}
