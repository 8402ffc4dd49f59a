// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A table as a dynamic block's header, which is how devices and zlib are told it.

import FixedDeflate
import TestSupport
import Testing

@Suite("A table as a block's header") struct TableHeaderTests {
  private static func tables(seed name: String) -> [CompressionTable] {
    var generator = SeededGenerator(test: name)
    let made = (0..<50).map { number in
      var histogram = TokenHistogram()
      for symbol in histogram.literalLength.indices {
        histogram.literalLength[symbol] = generator.number(0...(1 << (number % 20)))
      }
      for symbol in histogram.distance.indices {
        histogram.distance[symbol] = generator.number(0...(1 << (number % 13)))
      }
      return CompressionTable(histogram: histogram)
    }
    return made + CompressionTable.CannedEdition.allCases.map(CompressionTable.canned)
  }

  @Test("read again, it is the table, and as many bits")
  func roundTrip() throws {
    for table in Self.tables(seed: "table headers") {
      let header = table.blockHeader
      #expect(header.bytes.count == (header.bitCount + 7) / 8)
      for rest in [[], [0xFF], [0, 0]] as [[UInt8]] {
        let bytes = header.bytes + rest
        // SAFETY: bytes have no padding.
        let (read, bitCount) = try unsafe CompressionTable.reading(blockHeader: bytes.span.bytes)
        #expect(read == table && bitCount == header.bitCount)
      }
    }
  }

  @Test("in front of a stream in the table's code it makes a block that every decoder reads")
  func makesABlock() throws {
    for table in Self.tables(seed: "table blocks") {
      let bytes = Array("a text that repeats a text that repeats, 0123456789".utf8)
      var encoder = TableEncoder(table: table)
      let stream = try encoder.compress(bytes)
      let header = table.blockHeader
      var bits: [UInt8] = (0..<header.bitCount).map { header.bytes[$0 / 8] >> ($0 % 8) & 1 }
      for byte in stream { for bit in 0..<8 { bits.append(byte >> bit & 1) } }
      var block = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
      for (index, bit) in bits.enumerated() { block[index / 8] |= bit << (index % 8) }
      var decoder = Decoder()
      #expect(try decoder.decompress(block, maximumCount: 100).bytes == bytes)
    }
  }

  @Test("what is no header is told with its place, and cut ones end the input")
  func broken() throws {
    let header = CompressionTable.canned().blockHeader.bytes
    for count in 0..<header.count {
      let part = Array(header.prefix(count))
      // SAFETY: bytes have no padding.
      let error = #expect(throws: DeflateError.self) {
        try unsafe CompressionTable.reading(blockHeader: part.span.bytes)
      }
      #expect(error?.kind == .truncatedInput && error?.bitPosition == count * 8)
    }
    var fixed = header
    fixed[0] ^= 0b110
    // SAFETY: bytes have no padding.
    let error = #expect(throws: DeflateError.self) {
      try unsafe CompressionTable.reading(blockHeader: fixed.span.bytes)
    }
    #expect(error?.kind == .invalidBlockType)
  }
}
