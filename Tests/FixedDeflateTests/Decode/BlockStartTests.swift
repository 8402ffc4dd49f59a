// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where blocks may begin in bytes of a stream that has not been decoded up to there.

import FixedDeflate
import TestSupport
import Testing

@Suite("Where a block may begin") struct BlockStartTests {
  @Test("the first joint is found wherever it is, among bytes that are nearly one")
  func joints() {
    var random = SeededGenerator(test: "joints")
    for _ in 0..<2000 * SeededGenerator.scale {
      let bytes = (0..<random.number(0...40)).map { _ in
        random.element([0x00, 0x00, 0xFF, 0xFF, 0x7F] as [UInt8])
      }
      let expected = bytes.indices.dropLast(3).first {
        Array(bytes[$0..<$0 + 4]) == [0x00, 0x00, 0xFF, 0xFF]
      }
      // SAFETY (here and below): bytes have no padding.
      let found = PieceDecoder.firstStart(in: unsafe bytes.span.bytes)
      #expect(found == expected.map { $0 + 4 }, "\(bytes)")
    }
  }

  @Test(
    "a block's first bytes tell its kind, and a stored block's its length",
    arguments: [
      ([0x03], .compressed), ([0x04, 0x00], .compressed), ([0xFD], .compressed),
      ([0x00, 0x00, 0x00, 0xFF, 0xFF], .stored(byteCount: 5)),
      ([0x01, 0x00, 0xFF, 0xFF, 0x00], .stored(byteCount: 65_285)),
      // The padding may hold anything.
      ([0xF8, 0xFF, 0xFF, 0x00, 0x00, 0x61], .stored(byteCount: 65_540)),
      ([], .none), ([0x06], .none), ([0x00, 0x00, 0x00, 0xFF], .none),
      ([0x00, 0x00, 0xFF, 0xFF, 0x01], .none), ([0x00, 0x61, 0x62, 0x63, 0x64], .none),
    ] as [([UInt8], BlockStart)])
  func kinds(_ bytes: [UInt8], _ expected: BlockStart) {
    #expect(BlockStart(unsafe bytes.span.bytes) == expected)
  }
}
