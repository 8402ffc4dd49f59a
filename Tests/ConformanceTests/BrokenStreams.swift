// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The smallest stream for each thing that can be wrong with DEFLATE data, and where that stands.
// A new decoding bug adds its smallest stream here.

import FixedDeflate
import TestSupport
import Testing

/// A stream with one fault.
struct BrokenStream: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let error: DeflateError
  /// Decoded before the fault.
  let data: [UInt8]

  /// `position` counts bits behind the prefix that `build` finds already written.
  init(
    _ name: String, _ kind: DeflateError.Kind, at position: Int, data: [UInt8] = [],
    prefixed: Bool = false, _ build: (inout PlainBits) -> Void
  ) {
    testDescription = prefixed ? name + ", behind another block" : name
    var bits = PlainBits()
    if prefixed {
      // Ten bits that decode to nothing: so no position is right by being zero.
      bits.blockHeader(final: false, type: 1)
      bits.literalOrLength(256)
    }
    let start = bits.count
    build(&bits)
    // Enough zero bits that nothing is missing.
    for _ in 0..<8 { bits.number(0, width: 8) }
    bytes = bits.bytes
    error = DeflateError(kind, bitPosition: start + position)
    self.data = data
  }

  private static func both(
    _ name: String, _ kind: DeflateError.Kind, at position: Int, data: [UInt8] = [],
    _ build: (inout PlainBits) -> Void
  ) -> [BrokenStream] {
    [false, true].map {
      BrokenStream(name, kind, at: position, data: data, prefixed: $0, build)
    }
  }

  /// A final fixed block with the literal 'a' in it: 11 bits.
  private static func fixedA(_ bits: inout PlainBits) {
    bits.blockHeader(final: true, type: 1)
    bits.literalOrLength(0x61)
  }

  static let blocks: [BrokenStream] =
    both("block type 3", .invalidBlockType, at: 0) { $0.blockHeader(final: true, type: 3) }
    + [
      BrokenStream("NLEN is LEN", .storedLengthMismatch, at: 8) {
        $0.blockHeader(final: true, type: 0)
        $0.padToByte()
        $0.append([1, 0, 1, 0, 0x61])
      },
      BrokenStream("NLEN is LEN", .storedLengthMismatch, at: 6, prefixed: true) {
        $0.blockHeader(final: true, type: 0)
        $0.padToByte()
        $0.append([1, 0, 1, 0, 0x61])
      },
    ]
    + [286, 287].flatMap { symbol in
      both("symbol \(symbol)", .invalidLiteralLengthSymbol, at: 11, data: [0x61]) {
        fixedA(&$0)
        $0.literalOrLength(symbol)
      }
    }
    + [30, 31].flatMap { symbol in
      // The length's seven bits come before the distance.
      both("distance symbol \(symbol)", .invalidDistanceSymbol, at: 18, data: [0x61]) {
        fixedA(&$0)
        $0.literalOrLength(257)
        $0.codeword(symbol, width: 5)
      }
    }
    + both("distance 2 after one byte", .distanceTooFar, at: 18, data: [0x61]) {
      fixedA(&$0)
      $0.match(length: 3, distance: 2)
    }
    + both("distance 1 after nothing", .distanceTooFar, at: 10) {
      $0.blockHeader(final: true, type: 1)
      $0.match(length: 3, distance: 1)
    }

  static let dynamic: [BrokenStream] =
    both("HLIT 30", .tooManySymbols, at: 3) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(30, 0, 0)
    }
    + both("HDIST 30", .tooManySymbols, at: 3) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(0, 30, 0)
    }
    + both("over-subscribed code for code lengths", .invalidCodeLengthCode, at: 3) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(0, 0, 0)
      for _ in 0..<4 { $0.number(1, width: 3) }
    }
    + both("incomplete code for code lengths", .invalidCodeLengthCode, at: 3) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(0, 0, 0)
      for length in [1, 0, 0, 0] { $0.number(length, width: 3) }
    }
    + both("a repeat of nothing", .invalidCodeLengthRepeat, at: 3 + 14 + 12) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(0, 0, 0)
      // 16 and 17 with one bit each: 0 and 1.
      for length in [1, 1, 0, 0] { $0.number(length, width: 3) }
      $0.codeword(0, width: 1)
      $0.number(0, width: 2)
    }
    + both("a repeat past the last length", .invalidCodeLengthRepeat, at: 3 + 14 + 12 + 8) {
      $0.blockHeader(final: true, type: 2)
      $0.counts(0, 0, 0)
      // 17 and 18 with one bit each. 138 zeros and then 138 of 120 left.
      for length in [0, 1, 1, 0] { $0.number(length, width: 3) }
      for _ in 0..<2 {
        $0.codeword(1, width: 1)
        $0.number(127, width: 7)
      }
    }
    + both("no code for end of block", .missingEndOfBlock, at: 3) {
      $0.dynamicHeader(literals: [0x61: 1, 0x62: 1], distances: [0: 1])
    }
    + both("over-subscribed literal/length code", .invalidLiteralLengthCode, at: 3) {
      $0.dynamicHeader(literals: [0x61: 1, 0x62: 1, 256: 1], distances: [0: 1])
    }
    + both("incomplete literal/length code", .invalidLiteralLengthCode, at: 3) {
      $0.dynamicHeader(literals: [0x61: 2, 256: 2], distances: [0: 1])
    }
    + both("one literal/length codeword, of two bits", .invalidLiteralLengthCode, at: 3) {
      $0.dynamicHeader(literals: [256: 2], distances: [0: 1])
    }
    + both("over-subscribed distance code", .invalidDistanceCode, at: 3) {
      $0.dynamicHeader(literals: [0x61: 1, 256: 1], distances: [0: 1, 1: 1, 2: 1])
    }
    + both("incomplete distance code", .invalidDistanceCode, at: 3) {
      $0.dynamicHeader(literals: [0x61: 1, 256: 1], distances: [0: 1, 1: 2])
    }
    // 3 + 14 + 57 bits, then 257 + 1 lengths of 4 bits.
    + both("the codeword no symbol has", .invalidLiteralLengthSymbol, at: 1106) {
      $0.dynamicHeader(literals: [256: 1], distances: [0: 1])
      $0.codeword(1, width: 1)
    }
    // Lengths up to symbol 257; 'a', end of block and 257 have the codewords 0, 10 and 11.
    + both("a match without distance codes", .invalidDistanceSymbol, at: 1113, data: [0x61]) {
      $0.dynamicHeader(literals: [0x61: 1, 256: 2, 257: 2], distances: [:])
      $0.codeword(0, width: 1)
      $0.codeword(0b11, width: 2)
    }
    + both("the distance no symbol has", .invalidDistanceSymbol, at: 1113, data: [0x61]) {
      $0.dynamicHeader(literals: [0x61: 1, 256: 2, 257: 2], distances: [0: 1])
      $0.codeword(0, width: 1)
      $0.codeword(0b11, width: 2)
      $0.codeword(1, width: 1)
    }
}
