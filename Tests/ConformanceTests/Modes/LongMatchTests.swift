// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokens that no device has, in every code.

import FixedDeflate
import TestSupport
import Testing

@Suite("Long matches in every code") struct LongMatchTests {
  /// A code of all symbols; Intel's canned tables have none for distances beyond a device's.
  static let everySymbol = CompressionTable(histogram: TokenHistogram())

  @Test(
    "zlib and ours read them, within their bounds, in every code",
    arguments: Inputs.Family.allCases)
  func families(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "long matches in codes \(family)")
    let modes = [CompressionMode.fixed, .dynamic, .table(Self.everySymbol)].map(\.longMatches)
    for count in [0, 1, 47, 48, 49, 4096, 4097, 70_000] {
      let input = Inputs.make(family, count: count, using: &generator)
      for mode in modes {
        var encoder = Encoder(mode: mode)
        let stream = encoder.compress(input)
        #expect(stream.count <= Encoder.bound(count, mode: mode), "\(mode) \(count)")
        if let table = mode.code.table {
          var decoder = TableDecoder(table: table, limit: mode.limit)
          #expect(try decoder.decompress(stream, maximumCount: count).bytes == input)
        } else {
          let inflated = Zlib.inflate(stream, maximumCount: count + 1)
          #expect(inflated.verdict == .accepted && inflated.bytes == input, "\(mode) \(count)")
          var decoder = Decoder(limit: mode.limit)
          #expect(try decoder.decompress(stream, maximumCount: count).bytes == input)
        }
      }
    }
  }

  @Test("matches are farther back than a device's, and the smallest streams' too")
  func history() throws {
    var generator = SeededGenerator(test: "long matches back")
    let word = Inputs.make(.random, count: 3000, using: &generator)
    let input = word + Inputs.make(.random, count: 32_768 - 3000, using: &generator) + word
    let small = input.count - 2000
    func size(_ mode: CompressionMode) -> Int {
      var encoder = Encoder(mode: mode)
      return encoder.compress(input).count
    }
    #expect(size(.dynamic) > small && size(.dynamic.best) > small)
    #expect(size(.dynamic.longMatches) < small && size(.dynamic.longMatches.best) < small)
    #expect(CompressionMode.dynamic.longMatches.best.limit == .rfc1951)
    #expect(CompressionMode.fixed.best.limit == .iaa)
    #expect(CompressionMode.dynamic.longMatches.maximumDeviceChunkSize == 0)
  }
}
