// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// One lookup tells a symbol's kind, its base value and how many bits it takes with its extra
// bits, so the hot loop needs one shift per symbol.
//
//   bits 0...5    code and extra bits together (a shift reads only these six)
//   bits 6, 7     0: the low byte is that count as it is
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

  /// All ones for a literal, else 0.
  @inline(__always)
  static func literalMask(_ entry: UInt32) -> UInt32 {
    UInt32(bitPattern: Int32(bitPattern: entry) &>> 31)
  }

  /// The length or distance of a plain entry, whose code and extra bits come first in `bits`.
  @inline(__always)
  static func value(_ entry: UInt32, _ bits: UInt64) -> Int {
    let extra = bits & (1 &<< UInt64(entry & 63) &- 1)
    return Int(entry &>> 16) &+ Int(truncatingIfNeeded: extra &>> UInt64((entry &>> 8) & 63))
  }

  /// Where a link leads, counted from its table's start; the main index, `mainBits`, comes first in `bits`.
  @inline(__always)
  static func subtableIndex(_ link: UInt32, _ bits: UInt64, _ mainBits: Int) -> Int {
    let index = (bits &>> UInt64(mainBits)) & (1 &<< UInt64((link &>> 8) & 63) &- 1)
    return Int(link &>> 16) &+ Int(truncatingIfNeeded: index)
  }

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

  /// What an entry says of a code length symbol, beside its code bits: the symbol itself.
  static func codeLength(_ symbol: Int) -> UInt32 {
    UInt32(symbol) << 16 | UInt32(CodeLengthAlphabet.base(ofSymbol: symbol).extraBits)
  }

  /// All three, for every symbol.
  static let literalLengths = (0..<288).map(literalLength)
  static let distances = (0..<32).map(distance)
  static let codeLengths = CodeLengthAlphabet.symbols.map(codeLength)
}
