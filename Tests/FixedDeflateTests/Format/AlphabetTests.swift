// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The computed alphabets and codes against the tables that RFC 1951 prints.

import Testing

@testable import FixedDeflate

@Suite struct AlphabetTests {
  /// RFC 1951 §3.2.5, first table: extra bits and the first length of symbols 257…285.
  static let lengthTable: [(extraBits: Int, first: Int)] = [
    (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10), (1, 11), (1, 13), (1, 15),
    (1, 17), (2, 19), (2, 23), (2, 27), (2, 31), (3, 35), (3, 43), (3, 51), (3, 59), (4, 67),
    (4, 83), (4, 99), (4, 115), (5, 131), (5, 163), (5, 195), (5, 227), (0, 258),
  ]

  /// RFC 1951 §3.2.5, second table: extra bits and the first distance of symbols 0…29.
  static let distanceTable: [(extraBits: Int, first: Int)] = [
    (0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 7), (2, 9), (2, 13), (3, 17), (3, 25), (4, 33),
    (4, 49), (5, 65), (5, 97), (6, 129), (6, 193), (7, 257), (7, 385), (8, 513), (8, 769),
    (9, 1025), (9, 1537), (10, 2049), (10, 3073), (11, 4097), (11, 6145), (12, 8193), (12, 12289),
    (13, 16385), (13, 24577),
  ]

  @Test func lengthBasesEqualTheRFCsTable() {
    for (index, row) in Self.lengthTable.enumerated() {
      let base = LengthAlphabet.base(ofSymbol: 257 + index)
      #expect(base == (row.first, row.extraBits), "symbol \(257 + index)")
    }
  }

  @Test func everyLengthGetsTheSymbolOfItsRow() {
    for length in LengthAlphabet.lengths {
      let row = Self.lengthTable.lastIndex { $0.first <= length } ?? 0
      let (extraBits, first) = Self.lengthTable[row]
      let expected = SymbolWithExtraBits(
        symbol: 257 + row, extraBits: extraBits, extraValue: length - first)
      #expect(LengthAlphabet.symbol(forLength: length) == expected)
    }
  }

  @Test func distanceBasesEqualTheRFCsTable() {
    for (symbol, row) in Self.distanceTable.enumerated() {
      #expect(DistanceAlphabet.base(ofSymbol: symbol) == (row.first, row.extraBits))
    }
  }

  @Test func everyDistanceGetsTheSymbolOfItsRow() {
    for distance in DistanceAlphabet.distances {
      let row = Self.distanceTable.lastIndex { $0.first <= distance } ?? 0
      let (extraBits, first) = Self.distanceTable[row]
      let symbol = DistanceAlphabet.symbol(forDistance: distance)
      guard
        symbol
          == SymbolWithExtraBits(symbol: row, extraBits: extraBits, extraValue: distance - first)
      else {
        Issue.record("distance \(distance): \(symbol)")
        return
      }
    }
  }

  /// RFC 1951 §3.2.6: the first and last codeword of each range, as printed.
  @Test func fixedCodewordsEqualTheRFCsTable() {
    let expected: [(symbol: Int, bits: String)] = [
      (0, "00110000"), (143, "10111111"), (144, "110010000"), (255, "111111111"),
      (256, "0000000"), (279, "0010111"), (280, "11000000"), (287, "11000111"),
    ]
    for (symbol, bits) in expected {
      let codeword = FixedCode.literalLength[symbol]
      #expect(codeword.length == bits.count)
      #expect(Int(codeword.code) == Int(bits, radix: 2))
      #expect(Int(codeword.streamBits) == Int(String(bits.reversed()), radix: 2))
    }
    #expect(FixedCode.distance.enumerated().allSatisfy { $1.code == $0 && $1.length == 5 })
  }

  /// RFC 1951 §3.2.2's own example: lengths 3, 3, 3, 3, 3, 2, 4, 4.
  @Test func canonicalCodewordsOfTheRFCsExample() {
    let codes = canonicalCodewords(lengths: [3, 3, 3, 3, 3, 2, 4, 4]).map(\.code)
    #expect(codes == [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111])
  }

  @Test func hashIsTheRemainderModuloThePolynomial() {
    let hash = MatchProfile.iaaV1.hash
    #expect(hash.bits == 10)
    #expect(hash.bucketCount == 1024)
    // x^10 = x^3 + 1, so bit 10 alone hashes to 9; and below 2^10 nothing changes.
    #expect(hash.bucket(0, 4, 0) == 9)
    #expect(hash.bucket(0xFF, 3, 0) == 0x3FF)
    // The collision that vector T1 shows: rule 2.
    let (joi, oft) = (Array("Joi".utf8), Array("oft".utf8))
    #expect(hash.bucket(joi[0], joi[1], joi[2]) == hash.bucket(oft[0], oft[1], oft[2]))
  }
}
