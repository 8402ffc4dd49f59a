// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// gzip members (RFC 1952): every header field, faults at their bits, several members, what stands
// behind the last.

import FixedDeflate
import TestSupport
import Testing

@Suite("gzip") struct GzipTests {
  private static let data = Array("some data, some data".utf8)

  private static let headers: [GzipHeader] = {
    var all: [GzipHeader] = []
    for flags in 0..<32 {
      var header = GzipHeader()
      header.isText = flags & 1 != 0
      header.hasHeaderChecksum = flags & 2 != 0
      if flags & 4 != 0 { header.extraField = [0x41, 0x42, 3, 0, 1, 2, 3] }
      if flags & 8 != 0 { header.name = Array("a name.txt".utf8) }
      if flags & 16 != 0 { header.comment = [0xE9, 0x20, 0x2A] }
      header.modificationTime = 0x1234_5678 &* UInt32(flags)
      header.extraFlags = flags % 2 == 0 ? 4 : 2
      header.operatingSystem = UInt8(flags)
      all.append(header)
    }
    return all
  }()

  @Test("every combination of header fields comes back, and zlib reads it", arguments: headers)
  func headerFields(_ header: GzipHeader) {
    let stream = Engine.contain(Self.data, .gzip, chunkSize: 100_000, header: header)
    let inflated = Zlib.inflate(stream, wrapper: .gzip, maximumCount: 100)
    #expect(inflated.verdict == .accepted && inflated.bytes == Self.data)
    #expect(inflated.consumed == stream.count)
    for size in [1, 5, 1000] {
      let decoded = StreamOutcome(stream, .gzip) { (size, size) }
      #expect(decoded.error == nil && decoded.bytes == Self.data)
      #expect(decoded.header == header)
      #expect(decoded.memberCount == 1 && decoded.trailingData == .none)
      #expect(decoded.storedChecksum == Zlib.crc32(Self.data))
    }
    #expect(Engine.decodeMember(stream, capacity: 100).consumed == stream.count)
  }

  @Test("empty fields are not absent ones, and the longest extra field fits")
  func extremeFields() {
    var header = GzipHeader()
    (header.extraField, header.name, header.comment) = ([], [], [])
    let empty = StreamOutcome(
      Engine.contain(Self.data, .gzip, chunkSize: 100_000, header: header), .gzip)
    #expect(empty.header == header && empty.bytes == Self.data)
    header.extraField = [UInt8](repeating: 7, count: 65_535)
    let stream = Engine.contain(Self.data, .gzip, chunkSize: 100_000, header: header)
    #expect(StreamOutcome(stream, .gzip).header == header)
    #expect(Zlib.inflate(stream, wrapper: .gzip, maximumCount: 100).verdict == .accepted)
  }

  @Test("each truncation of a member is the end of the input, with the data before it")
  func truncation() {
    let stream = Engine.contain(Self.data, .gzip, chunkSize: 100_000, header: Self.headers[31])
    for count in 0..<stream.count {
      let cut = Array(stream[..<count])
      let decoded = StreamOutcome(cut, .gzip) { (3, 3) }
      #expect(decoded.error == DeflateError(.truncatedInput, bitPosition: 8 * count))
      #expect(decoded.bytes == Array(Self.data.prefix(decoded.bytes.count)))
      #expect(Engine.decodeMember(cut, capacity: 100).error == decoded.error)
      #expect(Zlib.inflate(cut, wrapper: .gzip, maximumCount: 100).verdict == .truncated)
    }
  }

  /// A byte of a member changed, and what must be said of it.
  private typealias Fault = (
    change: @Sendable (inout [UInt8]) -> Void, error: @Sendable (Int) -> DeflateError
  )
  private static let faults: [Fault] = [
    ({ $0[0] = 0x1E }, { _ in DeflateError(.notInFormat, bitPosition: 0) }),
    ({ $0[1] = 0x8C }, { _ in DeflateError(.notInFormat, bitPosition: 8) }),
    ({ $0[2] = 7 }, { _ in DeflateError(.unsupportedMethod, bitPosition: 16) }),
    ({ $0[3] |= 0x20 }, { _ in DeflateError(.reservedFlags, bitPosition: 24) }),
    ({ $0[3] |= 0x40 }, { _ in DeflateError(.reservedFlags, bitPosition: 24) }),
    ({ $0[3] |= 0x80 }, { _ in DeflateError(.reservedFlags, bitPosition: 24) }),
    // The header checksum stands behind the ten fixed bytes.
    ({ $0[10] ^= 1 }, { _ in DeflateError(.headerChecksumMismatch, bitPosition: 80) }),
    ({ $0[4] ^= 1 }, { _ in DeflateError(.headerChecksumMismatch, bitPosition: 80) }),
    ({ $0[12] = 0x07 }, { _ in DeflateError(.invalidBlockType, bitPosition: 96) }),
    ({ $0[$0.count - 8] ^= 1 }, { DeflateError(.checksumMismatch, bitPosition: 8 * ($0 - 8)) }),
    ({ $0[$0.count - 1] ^= 1 }, { DeflateError(.lengthMismatch, bitPosition: 8 * ($0 - 4)) }),
  ]

  @Test("each fault is named at its bit, also in a second member", arguments: 0..<faults.count)
  func fault(_ index: Int) {
    var header = GzipHeader()
    header.hasHeaderChecksum = true
    let good = Engine.contain(Self.data, .gzip, chunkSize: 100_000, header: header)
    var bad = good
    Self.faults[index].change(&bad)
    let expected = Self.faults[index].error(bad.count)
    #expect(Engine.decodeMember(bad, capacity: 100).error == expected)
    for size in [1, 1000] { #expect(StreamOutcome(bad, .gzip) { (size, 100) }.error == expected) }
    let verdict = Zlib.inflate(bad, wrapper: .gzip, maximumCount: 100).verdict
    #expect(Zlib.kind(verdict) == expected.kind)

    let second = StreamOutcome(good + bad, .gzip) { (5, 100) }
    if expected.kind == .notInFormat {
      // Behind a member that is garbage, not an error.
      #expect(second.error == nil && second.trailingData == .garbage)
    } else {
      #expect(
        second.error
          == DeflateError(
            expected.kind, bitPosition: expected.bitPosition + 8 * good.count))
      #expect(second.memberCount == 1)
    }
  }

  @Test(
    "any length is one member, with the chunks that zlib and raw streams have",
    arguments: [0, 1, 4096, 65_280, 65_281, 1_000_047])
  func oneMember(_ count: Int) {
    var generator = SeededGenerator(test: "one member \(count)")
    let input = Inputs.make(.mixture, count: count, using: &generator)
    var header = GzipHeader()
    header.modificationTime = 0x0102_0304
    for chunkSize in [4096, ChunkLayout.defaultChunkSize, 100_000] {
      let file = Engine.contain(input, .gzip, chunkSize: chunkSize, header: header)
      // A reader that stops behind the first member has everything.
      let inflated = Zlib.inflate(file, wrapper: .gzip, maximumCount: count)
      #expect(inflated.verdict == .accepted && inflated.bytes == input)
      #expect(inflated.consumed == file.count)
      #expect(Array(file.prefix(10)) == [0x1F, 0x8B, 8, 0, 4, 3, 2, 1, 0, 255])
      let size = UInt32(count)
      #expect(Array(file.suffix(4)) == (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) })
      let zlib = Engine.contain(input, .zlib, chunkSize: chunkSize)
      #expect(file.dropFirst(10).dropLast(8).elementsEqual(zlib.dropFirst(2).dropLast(4)))
      let decoded = StreamOutcome(file, .gzip)
      #expect(decoded.bytes == input && decoded.memberCount == 1)
      #expect(decoded.header == header)
    }
  }

  @Test("members are joined; zeros and garbage behind them are told apart")
  func members() {
    let first = Engine.contain(Self.data, .gzip, chunkSize: 100_000)
    let second = Zlib.deflate(Array("!".utf8), Zlib.Parameters(wrapper: .gzip))
    let both = first + second
    let tails: [([UInt8], StreamDecoder.TrailingData)] = [
      ([], .none), ([0], .zeros), ([UInt8](repeating: 0, count: 600), .zeros), ([1], .garbage),
      ([0, 0, 1], .garbage), ([0x1F], .garbage), ([0x1F, 0], .garbage), ([0x1E, 0x8B], .garbage),
      // A member behind padding is garbage too, as for gzip.
      ([0, 0] + first, .garbage),
    ]
    for (tail, kind) in tails {
      for size in [1, 4, 1000] {
        let decoded = StreamOutcome(both + tail, .gzip) { (size, 100) }
        #expect(decoded.error == nil && decoded.state == .finished)
        #expect(decoded.bytes == Self.data + Array("!".utf8))
        #expect(decoded.memberCount == 2 && decoded.trailingData == kind, "\(tail)")
        #expect(decoded.inputCount == UInt64(both.count))
        #expect(decoded.consumed == both.count + tail.count)
        #expect(decoded.storedChecksum == Zlib.crc32(Array("!".utf8)))
      }
    }
  }
}
