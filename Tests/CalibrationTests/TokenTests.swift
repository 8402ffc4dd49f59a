// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import TestSupport
import Testing

@Suite("Tokens of a fixed block") struct TokenTests {
  private static func read(
    _ stream: [UInt8], limit: Int = .max
  ) throws(DeflateError) -> FixedBlockTokens {
    try stream.withBytes { (stream: RawSpan) throws(DeflateError) in
      try FixedBlockTokens(reading: stream, limit: limit)
    }
  }

  @Test("are those that another reader finds, and stand for the input")
  func agree() throws {
    var generator = SeededGenerator(test: "tokens")
    for family in Inputs.Family.allCases {
      let input = Inputs.make(family, count: generator.number(0...5000), using: &generator)
      var encoder = Encoder()
      let stream = encoder.compress(input)
      let tokens = try Self.read(stream)
      #expect(tokens.bytes == input)
      var start = 0
      var matches: [MatchToken] = []
      for token in tokens.tokens {
        if case .match(let length, let distance) = token {
          matches.append(MatchToken(start, length, distance))
        }
        start += token.byteCount
      }
      #expect(try FixedStreamReader.read(stream).matches == matches)
      #expect(tokens.bitPositions.first ?? 3 == 3)
    }
  }

  @Test("any bytes give tokens or an error with its place, and no more than the limit")
  func garbage() {
    var generator = SeededGenerator(test: "garbage for tokens")
    for _ in 0..<2000 {
      var bytes = Inputs.noise(generator.number(0...40), symbols: 256, using: &generator)
      if !bytes.isEmpty { bytes[0] = bytes[0] & 0xF8 | 3 }
      do throws(DeflateError) {
        #expect(try Self.read(bytes, limit: 500).bytes.count <= 500)
      } catch {
        #expect((0...bytes.count * 8).contains(error.bitPosition))
      }
    }
    #expect(throws: DeflateError(.invalidBlockType, bitPosition: 0)) { try Self.read([0x05]) }
    #expect(throws: DeflateError(.truncatedInput, bitPosition: 0)) { try Self.read([]) }
  }
}
