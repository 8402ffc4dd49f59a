// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The batch calls against one call a page.

import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct PageBatchTests {
  /// Pages of all kinds, and their streams one by one.
  private func pages(_ count: Int, pageSize: Int, _ generator: inout SeededGenerator) -> [[UInt8]] {
    (0..<count).map { index in
      let family = generator.element(Inputs.Family.allCases)
      let size = index == count - 1 ? generator.number(1...pageSize) : pageSize
      return Inputs.make(family, count: size, using: &generator)
    }
  }

  private func streams(_ pages: [[UInt8]]) -> [[UInt8]] {
    var encoder = Encoder()
    // SAFETY: bytes have no padding.
    return pages.map { unsafe encoder.compress($0.span.bytes) }
  }

  private func decode(
    _ streams: [[UInt8]], pageSize: Int, _ limit: DistanceLimit = .iaa, _ cpu: CPUKind = .current
  ) -> (bytes: [UInt8], error: DeflateError?) {
    var decoder = Decoder(limit: limit, cpu: cpu)
    let input = streams.flatMap { $0 }
    let counts = streams.map(\.count)
    var thrown: DeflateError?
    let bytes = makeBytes(capacity: streams.count * pageSize) { (output: inout OutputRawSpan) in
      do throws(DeflateError) {
        // SAFETY: bytes have no padding.
        try unsafe decoder.decompressPages(
          input.span.bytes, byteCounts: counts.span, pageSize: pageSize, into: &output)
      } catch {
        thrown = error
      }
    }
    return (bytes, thrown)
  }

  @Test(arguments: [1, 2, 3, 8, 64], [1, 64, 4096])
  func batchesEqualSinglePages(count: Int, pageSize: Int) throws {
    var generator = SeededGenerator(test: "batch \(count) \(pageSize)")
    let pages = pages(count, pageSize: pageSize, &generator)
    let expected = streams(pages)
    let input = pages.flatMap { $0 }
    var encoder = Encoder()
    var output: [UInt8] = []
    let counts = try [Int](capacity: count) { (counts: inout OutputSpan<Int>) in
      output = try makeBytes(capacity: count * Encoder.bound(pageSize)) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        // SAFETY: bytes have no padding.
        try unsafe encoder.compressPages(
          input.span.bytes, pageSize: pageSize, into: &output, byteCounts: &counts)
      }
    }
    #expect(output == expected.flatMap { $0 })
    #expect(counts == expected.map(\.count))
    for cpu in CPUKind.allCases where cpu <= .current {
      let decoded = decode(expected, pageSize: pageSize, .iaa, cpu)
      #expect(decoded.bytes == input && decoded.error == nil)
    }
  }

  /// Pages that end in lanes at different times, more of them than a list has room for, between ones that no
  /// lane takes.
  @Test(arguments: CPUKind.allCases.filter { $0 <= .current })
  func pagesOfDifferentLengthsShareALane(cpu: CPUKind) {
    var generator = SeededGenerator(test: "lanes \(cpu)")
    func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
      (0..<generator.number(counts)).map { _ in UInt8(generator.number(0...255)) }
    }
    let words = (0..<60).map { _ in bytes(2...9) }
    let pages = (0..<200).map { index -> [UInt8] in
      var page: [UInt8] = []
      // From nearly all literals to nearly all matches, runs of one byte, and long literal runs.
      let rate = index % 13
      while page.count < 4096 {
        switch generator.number(0...12) {
        case ..<rate: page += generator.element(words)
        case 12: page += Array(repeating: UInt8(index), count: generator.number(1...120))
        default: page += bytes(1...(index % 7 == 0 ? 60 : 3))
        }
      }
      return Array(page.prefix(4096))
    }
    let streams = streams(pages)
    #expect(streams.contains { (320...3300).contains($0.count) })
    for count in [4, 5, 6, 8, 9, 17, 64, 200] {
      let decoded = decode(Array(streams.prefix(count)), pageSize: 4096, .iaa, cpu)
      #expect(decoded.bytes == Array(pages.prefix(count).joined()))
      #expect(decoded.error == nil)
    }
  }

  @Test func noPagesAreNoBytes() {
    #expect(decode([], pageSize: 4096).bytes.isEmpty)
  }

  @Test func streamsOfOtherKindsAreDecodedToo() throws {
    var generator = SeededGenerator(test: "kinds")
    let pages = pages(9, pageSize: 4096, &generator)
    let streams = streams(pages).enumerated().map { index, stream in
      switch index % 3 {
      case 0: stream
      // One stored block.
      case 1: [1] + [0x00, 0x10, 0xFF, 0xEF] + pages[index]
      // An empty stored block in front, so that the fixed block is not the first.
      default: [0, 0, 0, 0xFF, 0xFF] + stream
      }
    }
    #expect(decode(streams, pageSize: 4096).bytes == pages.flatMap { $0 })
  }

  /// Of several bad streams the first is told, as decoding one by one would tell it, and the pages
  /// before it stay.
  @Test func damageIsToldOfTheFirstBadStream() {
    var generator = SeededGenerator(test: "damage")
    for round in 0..<350 {
      // Pages of 4096 bytes are long enough for lanes.
      let pageSize = round < 300 ? 1024 : 4096
      let pages = pages(round < 300 ? 7 : 12, pageSize: pageSize, &generator)
      var streams = streams(pages)
      for _ in 0..<3 {
        let index = generator.number(0...streams.count - 1)
        guard !streams[index].isEmpty else { continue }
        let byte = generator.number(0...streams[index].count - 1)
        // A stream that ends early must not go on in the next one's bytes.
        if generator.number(0...3) == 0 {
          streams[index].removeLast(min(streams[index].count, generator.number(1...9)))
        } else {
          streams[index][byte] ^= 1 << UInt8(generator.number(0...7))
        }
      }
      var expected: [UInt8] = []
      var error: DeflateError?
      var start = 0
      var decoder = Decoder(limit: .iaa, cpu: .plain)
      for (index, stream) in streams.enumerated() {
        do throws(DeflateError) {
          // SAFETY: bytes have no padding.
          let (bytes, consumed) = try unsafe decoder.decompress(
            stream.span.bytes, maximumCount: pageSize)
          guard bytes.count == pageSize || index == streams.count - 1 else {
            throw DeflateError(.lengthMismatch, bitPosition: consumed.bits)
          }
          expected += bytes
        } catch let single {
          error = DeflateError(single.kind, bitPosition: start * 8 + single.bitPosition)
        }
        if error != nil { break }
        start += stream.count
      }
      let result = decode(streams, pageSize: pageSize)
      #expect(result.bytes == expected)
      #expect(result.error == error)
    }
  }
}
