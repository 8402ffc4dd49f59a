// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Streams in codes that both sides know: Intel's canned tables against the published streams, and any table
// against zlib, which reads the same tokens behind a header that spells the table.

import FixedDeflate
import TestSupport
import Testing

/// The published streams of the canned mode; the editions differ in the last byte, the end-of-block's code.
enum CannedVectors {
  static let t1 = "6d234323a47131d288c861527584561a13a28ed649634374d298c8e0d8615869cb7101e5"
  static let t2 = """
    dd424263a4da484d5cb82e2256aad5c568a243837431 52b55413191e15ad8b89098d8c9086eb624322b5d220758c
    4e2b053d364427f569e5dbdebb5b2b7d3775d8c0c8e8d0d890707ba9541c38383402c2e28eeaa8a8b0508d3a16f7
    880cd68f951f401a1b2934b4f197faab878745aab5d2967a03f94747c6466a22c3ecff
    """

  static func stream(_ head: String, _ edition: CompressionTable.CannedEdition, _ last: [UInt8])
    -> [UInt8]
  {
    [UInt8](hex: head) + [edition == .june2023 ? last[0] : last[1]]
  }
}

@Suite("Streams in known codes") struct CannedTests {
  @Test(
    "T1 and T2 in canned codes are the published streams, bit for bit",
    arguments: CompressionTable.CannedEdition.allCases)
  func vectors(_ edition: CompressionTable.CannedEdition) throws {
    var encoder = TableEncoder(table: .canned(edition))
    var decoder = TableDecoder(table: .canned(edition))
    for (input, stream) in [
      (Vector.t1.input, CannedVectors.stream(CannedVectors.t1, edition, [0x7F, 0x3F])),
      (Vector.t2.input, CannedVectors.stream(CannedVectors.t2, edition, [0x07, 0x03])),
    ] {
      #expect(try encoder.compress(input).hex == stream.hex)
      let (bytes, consumed) = try decoder.decompress(stream, maximumCount: 4096)
      #expect(bytes == input)
      #expect(consumed.bytes == stream.count)
    }
    #expect(try encoder.compress(Vector.t1.input).count == 37)
    #expect(try encoder.compress(Vector.t2.input).count == 128)
  }

  @Test("the editions differ in literal 251 and above length 34 alone")
  func editions() {
    let (old, new) = (CompressionTable.canned(.june2023), CompressionTable.canned(.march2024))
    let differing = (0..<286).filter {
      old.literalLengthLengths[$0] != new.literalLengthLengths[$0]
    }
    #expect(differing == [251] + Array(273...285))
    #expect(old.distanceLengths == new.distanceLengths)
    #expect(CompressionTable.canned() == new)
  }

  /// A header that spells a table, then the stream: a dynamic block.
  static func behindHeader(_ stream: [UInt8], bits: Int, _ table: CompressionTable) -> [UInt8] {
    var block = PlainBits()
    block.dynamicHeader(
      literals: Dictionary(
        uniqueKeysWithValues: table.literalLengthLengths.enumerated().map { ($0, Int($1)) }),
      distances: Dictionary(
        uniqueKeysWithValues: table.distanceLengths.enumerated().map { ($0, Int($1)) }))
    for bit in 0..<bits { block.bit(Int(stream[bit / 8] >> (bit % 8) & 1)) }
    return block.bytes
  }

  @Test(
    "behind a header that spells the table zlib reads the stream", arguments: Inputs.Family.allCases
  )
  func zlibReadsThem(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "canned 1")
    for count in [0, 1, 2, 3, 100, 4096, 9000] {
      let input = Inputs.make(family, count: count, using: &generator)
      var histogram = TokenHistogram()
      withRawSpan(input) { histogram.add($0) }
      for table in [
        CompressionTable.canned(.june2023), .canned(.march2024),
        CompressionTable(histogram: histogram),
      ] {
        var encoder = TableEncoder(table: table)
        var decoder = TableDecoder(table: table)
        let stream = try encoder.compress(input)
        #expect(stream.count <= table.bound(count))
        let (bytes, consumed) = try decoder.decompress(stream, maximumCount: count)
        #expect(bytes == input)
        #expect(consumed.bytes == stream.count)
        let judged = Zlib.inflate(
          Self.behindHeader(stream, bits: consumed.bits, table), maximumCount: count + 1)
        #expect(judged.verdict == .accepted)
        #expect(judged.bytes == input)
      }
    }
  }

  @Test("a table of a histogram is smaller on its own data than any other here")
  func histogramTableFits() throws {
    var generator = SeededGenerator(test: "canned 2")
    let input = Inputs.make(.text, count: 20_000, using: &generator)
    var histogram = TokenHistogram()
    withRawSpan(input) { histogram.add($0) }
    func size(_ table: CompressionTable) throws -> Int {
      var encoder = TableEncoder(table: table)
      return try encoder.compress(input).count
    }
    let own = try size(CompressionTable(histogram: histogram))
    #expect(own < Engine.encode(input).count)
    #expect(try own < size(.canned()))
  }

  @Test("every build of the hot loops decodes the same")
  func builds() throws {
    var generator = SeededGenerator(test: "canned 3")
    for family in Inputs.Family.allCases {
      let input = Inputs.make(family, count: 30_000, using: &generator)
      var encoder = TableEncoder()
      let stream = try encoder.compress(input)
      for kind in CPUKind.allCases where kind <= .current {
        var decoder = TableDecoder(table: .canned(), limit: .iaa, cpu: kind)
        #expect(
          try decoder.decompress(stream, maximumCount: input.count).bytes == input,
          "\(family) \(kind)")
      }
    }
  }

  @Test("a decoder can be used again after an error, and says where that was")
  func errors() throws {
    var decoder = TableDecoder(table: .canned(.june2023))
    let stream = CannedVectors.stream(CannedVectors.t1, .june2023, [0x7F, 0x3F])
    // Every prefix is too short; the place is its end.
    for count in 0..<stream.count {
      let prefix = Array(stream[..<count])
      let error = #expect(throws: DeflateError.self) {
        try decoder.decompress(prefix, maximumCount: 4096)
      }
      #expect(error?.kind == .truncatedInput && error?.bitPosition == count * 8)
    }
    let full = #expect(throws: DeflateError.self) {
      try decoder.decompress(stream, maximumCount: 69)
    }
    #expect(full?.kind == .outputFull)
    // Length 3 (0000), then distance symbol 3 (000): four back from the very start.
    let far = #expect(throws: DeflateError.self) {
      try decoder.decompress([0x00, 0x00, 0x00], maximumCount: 100)
    }
    #expect(far?.kind == .distanceTooFar && far?.bitPosition == 4)
    #expect(try decoder.decompress(stream, maximumCount: 70).bytes == Vector.t1.input)
  }

  @Test("a table without the codeword that is needed says where, and nothing is appended")
  func noCodeword() throws {
    // Literal a, end-of-block, and no distance.
    var literals = [UInt8](repeating: 0, count: 286)
    literals[97] = 1
    literals[256] = 1
    let table = try #require(
      CompressionTable(
        literalLengthLengths: literals, distanceLengths: [UInt8](repeating: 0, count: 30)))
    var encoder = TableEncoder(table: table)
    var decoder = TableDecoder(table: table)
    let two = try encoder.compress(Array("aa".utf8))
    #expect(two == [0b100])
    #expect(try decoder.decompress(two, maximumCount: 2).bytes == Array("aa".utf8))
    for (text, place) in [("b", 0), ("aab", 2), ("aaaaa", 2)] {
      let (outcome, bytes) = collectingOutputAlways(capacity: 100) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try withRawSpan(Array(text.utf8)) { (input: RawSpan) throws(DeflateError) in
          try encoder.compress(input, into: &output)
        }
      }
      #expect(bytes.isEmpty)
      #expect(throws: DeflateError.self) { try outcome.get() }
      if case .failure(let error) = outcome {
        #expect(error.kind == .noCodeword && error.bitPosition == place * 8)
      }
    }
  }

  @Test("lengths that are no code make no table")
  func noTables() {
    let distances = CompressionTable.canned().distanceLengths
    var literals = CompressionTable.canned().literalLengthLengths
    literals[0] = 4
    #expect(
      CompressionTable(literalLengthLengths: literals, distanceLengths: distances) == nil,
      "over-subscribed")
    literals[0] = 6
    #expect(
      CompressionTable(literalLengthLengths: literals, distanceLengths: distances) == nil,
      "incomplete")
    literals = CompressionTable.canned().literalLengthLengths
    literals.swapAt(256, 257)
    literals[256] = 0
    #expect(
      CompressionTable(literalLengthLengths: literals, distanceLengths: distances) == nil,
      "no end-of-block")
    literals[0] = 16
    #expect(
      CompressionTable(literalLengthLengths: literals, distanceLengths: distances) == nil,
      "a codeword of 16 bits")
  }

  @Test("no stream of noise or damage makes a decoder trap, or hang, or write too much")
  func damage() throws {
    var generator = SeededGenerator(test: "canned 4")
    var encoder = TableEncoder()
    var decoder = TableDecoder()
    let text = Inputs.make(.text, count: 3000, using: &generator)
    let good = try encoder.compress(text)
    for round in 0..<2000 {
      var stream = round % 2 == 0 ? good : Inputs.make(.random, count: 300, using: &generator)
      for _ in 0..<3 {
        stream[generator.number(0...(stream.count - 1))] = generator.byte()
      }
      do throws(DeflateError) {
        let (bytes, consumed) = try decoder.decompress(stream, maximumCount: 4096)
        #expect(bytes.count <= 4096 && consumed.bytes <= stream.count)
      } catch {
        #expect(error.bitPosition <= stream.count * 8)
      }
    }
    #expect(try decoder.decompress(good, maximumCount: 3000).bytes == text)
  }
}
