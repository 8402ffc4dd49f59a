// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import TestSupport
import Testing

@Suite("Hand-made streams") struct BrokenStreamTests {
  @Test(
    "each fault is named, at its bit, with the data before it, and zlib agrees",
    arguments: BrokenStream.blocks + BrokenStream.dynamic)
  func fault(_ broken: BrokenStream) {
    for limit in DistanceLimit.allCases {
      let decoded = Engine.decode(broken.bytes, limit: limit, capacity: 100)
      #expect(decoded == Engine.Outcome(bytes: broken.data, error: broken.error))
      #expect(
        Engine.decodeGrowing(broken.bytes, limit: limit, maximumCount: 100).error == broken.error)
      // Every size of pieces, down to one byte in and one out.
      for size in [1, 2, 3, 7, 1000] {
        let pieces = StreamOutcome(broken.bytes, .raw, limit: limit) { (size, size) }
        #expect(pieces.error == broken.error && pieces.bytes == broken.data)
      }
    }
    let inflated = Zlib.inflate(broken.bytes, maximumCount: 100)
    #expect(Zlib.kind(inflated.verdict) == broken.error.kind)
  }

  @Test("every kind of fault in DEFLATE data has its stream")
  func everyKind() {
    let covered = Set((BrokenStream.blocks + BrokenStream.dynamic).map(\.error.kind))
    // The first two have tests of their own, the others belong to containers.
    let elsewhere: Set<DeflateError.Kind> = [
      .truncatedInput, .outputFull, .notInFormat, .unsupportedMethod, .reservedFlags,
      .headerChecksumMismatch, .checksumMismatch, .lengthMismatch, .presetDictionary,
      .invalidWindowSize,
      // An encoder's.
      .noCodeword, .tableNotInFormat,
    ]
    #expect(covered.isDisjoint(with: elsewhere))
    #expect(covered.union(elsewhere) == Set(DeflateError.Kind.allCases))
  }

  /// Streams that look wrong and are not: RFC 1951 §3.2.7 and zlib allow them.
  static let odd: [(name: String, bits: PlainBits, data: [UInt8])] = {
    var single = PlainBits()
    single.dynamicHeader(literals: [256: 1], distances: [0: 1])
    single.codeword(0, width: 1)
    var noDistance = PlainBits()
    noDistance.dynamicHeader(literals: [0x61: 1, 256: 1], distances: [:])
    for value in [0, 0, 1] { noDistance.codeword(value, width: 1) }
    var singleDistance = PlainBits()
    singleDistance.dynamicHeader(literals: [0x61: 1, 256: 2, 257: 2], distances: [0: 1])
    singleDistance.codeword(0, width: 1)
    singleDistance.codeword(0b11, width: 2)
    singleDistance.codeword(0, width: 1)
    singleDistance.codeword(0b10, width: 2)
    var longest = PlainBits()
    longest.blockHeader(final: true, type: 1)
    longest.literalOrLength(0x61)
    // Length 258 by symbol 284 with all extra bits set, which most encoders never write.
    longest.literalOrLength(284)
    longest.number(31, width: 5)
    longest.codeword(0, width: 5)
    longest.literalOrLength(256)
    var padded = PlainBits()
    padded.blockHeader(final: true, type: 1)
    padded.literalOrLength(256)
    padded.number(0b111111, width: 6)
    return [
      ("a single codeword of one bit", single, []),
      ("no distance codes, none used", noDistance, [0x61, 0x61]),
      ("a single distance codeword", singleDistance, [0x61, 0x61, 0x61, 0x61]),
      ("length 258 by symbol 284", longest, [UInt8](repeating: 0x61, count: 259)),
      ("padding of ones", padded, []),
    ]
  }()

  @Test("odd but valid streams are accepted, as by zlib", arguments: 0..<5)
  func oddButValid(_ index: Int) {
    let (name, bits, data) = Self.odd[index]
    let decoded = Engine.decode(bits.bytes, capacity: 300)
    #expect(decoded.error == nil && decoded.bytes == data, "\(name)")
    #expect((decoded.bits + 7) / 8 == bits.bytes.count, "\(name)")
    let inflated = Zlib.inflate(bits.bytes, maximumCount: 300)
    #expect(inflated.verdict == .accepted && inflated.bytes == data, "\(name)")
  }

  @Test("distances of 4096 and 32768 are the last allowed by each limit")
  func limits() {
    for (distance, limit) in [(4096, DistanceLimit.iaa), (32_768, .rfc1951)] {
      for excess in 0...1 where distance + excess <= 32_768 {
        var bits = PlainBits()
        bits.blockHeader(final: true, type: 1)
        for _ in 0...distance { bits.literalOrLength(0x61) }
        let start = bits.count
        bits.match(length: 3, distance: distance + excess)
        bits.literalOrLength(256)
        for decoded in [
          Engine.decode(bits.bytes, limit: limit, capacity: distance + 4),
          Engine.decode(bits.bytes, limit: .rfc1951, capacity: distance + 4),
        ].prefix(excess == 0 ? 2 : 1) {
          let error = DeflateError(.distanceTooFar, bitPosition: start + 7)
          #expect(decoded.error == (excess == 0 ? nil : error))
          #expect(decoded.bytes.count == distance + (excess == 0 ? 4 : 1))
        }
      }
    }
  }

  @Test("an output of every size too small is told, with what fits in it")
  func outputFull() {
    let input = Array("a stream of some words, some words, some words and stored bytes".utf8)
    for parameters in [
      Zlib.Parameters(level: 0), Zlib.Parameters(strategy: .fixed), Zlib.Parameters(level: 9),
    ] {
      let stream = Zlib.deflate(input, parameters)
      for capacity in 0..<input.count {
        let decoded = Engine.decode(stream, capacity: capacity)
        #expect(decoded.error?.kind == .outputFull && decoded.bytes == Array(input[..<capacity]))
        #expect(
          Engine.decodeGrowing(stream, maximumCount: capacity).error?.kind == .outputFull)
      }
      #expect(Engine.decode(stream, capacity: input.count).bytes == input)
      #expect(Engine.decodeGrowing(stream, maximumCount: input.count).bytes == input)
    }
  }

  @Test("bytes behind a raw stream are left alone")
  func following() {
    for tail in [[UInt8](repeating: 0xFF, count: 9), [0x1F, 0x8B], [0]] {
      let stream = Engine.encode(Array("abc".utf8))
      #expect((Engine.decode(stream + tail, capacity: 10).bits + 7) / 8 == stream.count)
      let pieces = StreamOutcome(stream + tail, .raw)
      #expect(pieces.consumed == stream.count && pieces.inputCount == UInt64(stream.count))
      #expect(pieces.state == .finished)
    }
  }
}
