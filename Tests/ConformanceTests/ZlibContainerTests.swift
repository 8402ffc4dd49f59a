// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// zlib streams (RFC 1950), and the rule of stored blocks that gzip shares.

import FixedDeflate
import TestSupport
import Testing

@Suite("zlib and stored blocks") struct ZlibContainerTests {
  private static let data = Array("some data, some data".utf8)

  @Test("the header says how far back matches reach, no dictionary, and passes its check")
  func header() {
    for size in [0, 10, 5000] {
      let stream = Engine.contain([UInt8](repeating: 1, count: size), .zlib, chunkSize: 4096)
      #expect(stream[0] == 0x48)
      #expect((Int(stream[0]) * 256 + Int(stream[1])) % 31 == 0 && stream[1] & 0x20 == 0)
    }
    // Of matches that are farther back it says so: a reader who trusts it keeps no more.
    for (mode, first) in [
      (CompressionMode.dynamic, 0x48), (.dynamic.best, 0x48), (.dynamic.longMatches, 0x78),
      (.dynamic.longMatches.best, 0x78),
    ] {
      var encoder = StreamEncoder(format: .zlib, mode: mode)
      var stream: [UInt8] = []
      withRawSpan(Self.data) { encoder.write($0) { stream.append(span: $0) } }
      encoder.finish { stream.append(span: $0) }
      #expect(stream[0] == first && (Int(stream[0]) * 256 + Int(stream[1])) % 31 == 0, "\(mode)")
    }
    // A reader with just that window is satisfied.
    let stream = Engine.contain(Self.data, .zlib)
    let inflated = Zlib.inflate(stream, wrapper: .zlib, windowBits: 12, maximumCount: 100)
    #expect(inflated.verdict == .accepted && inflated.bytes == Self.data)
  }

  @Test("every header of two bytes gets zlib's verdict")
  func everyHeader() {
    let body = Array(Engine.contain(Self.data, .zlib)[2...])
    var accepted = 0
    for first in 0...255 {
      for second in 0...255 {
        let isInteresting = first & 15 == 8 || (first * 256 + second) % 31 == 0
        guard isInteresting || SeededGenerator.scale > 1 else { continue }
        let stream = [UInt8(first), UInt8(second)] + body
        let theirs = Zlib.inflate(stream, wrapper: .zlib, maximumCount: 100)
        let ours = StreamOutcome(stream, .zlib)
        let isEqual = Zlib.kind(theirs.verdict) == ours.error?.kind
        if !isEqual { Issue.record("\(first) \(second): \(theirs.verdict), \(ours)") }
        if ours.error == nil { accepted += 1 }
      }
    }
    // 8 windows times 4 levels, each with the one right check.
    #expect(accepted == 32)
  }

  @Test("faults stand at their bits")
  func faults() {
    let good = Engine.contain(Self.data, .zlib)
    func error(_ change: (inout [UInt8]) -> Void) -> DeflateError? {
      var bad = good
      change(&bad)
      let whole = StreamOutcome(bad, .zlib).error
      #expect(StreamOutcome(bad, .zlib) { (1, 1) }.error == whole)
      return whole
    }
    #expect(error { $0[1] ^= 1 } == DeflateError(.notInFormat, bitPosition: 0))
    let dictionary = error {
      $0[1] = 0x20
      $0[1] += UInt8(31 - (0x48 * 256 + 0x20) % 31)
    }
    #expect(dictionary == DeflateError(.presetDictionary, bitPosition: 13))
    #expect(
      error { $0[$0.count - 1] ^= 1 }
        == DeflateError(.checksumMismatch, bitPosition: 8 * (good.count - 4)))
    for count in 0..<good.count {
      let cut = StreamOutcome(Array(good[..<count]), .zlib) { (2, 2) }
      #expect(cut.error == DeflateError(.truncatedInput, bitPosition: 8 * count))
    }
  }

  @Test("bytes behind the stream are left alone")
  func following() {
    let stream = Engine.contain(Self.data, .zlib)
    for size in [1, 3, 1000] {
      let decoded = StreamOutcome(stream + [1, 2, 3], .zlib) { (size, 100) }
      #expect(decoded.state == .finished && decoded.consumed == stream.count)
      #expect(decoded.bytes == Self.data && decoded.inputCount == UInt64(stream.count))
    }
  }

  /// The DEFLATE part of a container without optional header fields, of one chunk.
  private func body(_ input: [UInt8], _ format: ContainerFormat) -> [UInt8] {
    let stream = Engine.contain(input, format, chunkSize: format == .bgzf ? 65_280 : 200_000)
    switch format {
    case .bgzf: return Array(stream[18..<(stream.count - 8 - 28)])
    case .gzip: return Array(stream[10..<(stream.count - 8)])
    case .zlib: return Array(stream[2..<(stream.count - 4)])
    case .raw: return stream
    }
  }

  @Test("gzip and zlib store a chunk exactly when that is strictly smaller; raw never does")
  func storedBlocks() {
    var generator = SeededGenerator(test: "stored")
    var (stored, equal, larger) = (0, 0, 0)
    for size in Array(0...70) + [4096, 65_535, 65_536] {
      // Long inputs only where the rule is at its clearest and at its closest.
      for short in size > 5000 ? [0, 50] : [0, 20, 50, 100] {
        // More or fewer of the long literals: around the size where both are equal.
        let input = (0..<size).map { _ in
          UInt8(
            generator.number(0...99) < short
              ? generator.number(0...143)
              : generator.number(144...255))
        }
        let plain = PlainProfile().stream(input)
        let storedCount = size + 5 * max(1, (size + 65_534) / 65_535)
        #expect(body(input, .raw) == plain)
        for format in [ContainerFormat.gzip, .bgzf, .zlib] {
          if format == .bgzf, !(1...65_280).contains(size) { continue }
          let written = body(input, format)
          if storedCount < plain.count {
            stored += 1
            #expect(written.count == storedCount && written[0] & 6 == 0)
            #expect(Array(written[5..<(5 + min(size, 65_535))]) == Array(input.prefix(65_535)))
          } else {
            if storedCount == plain.count { equal += 1 } else { larger += 1 }
            #expect(written == plain)
          }
        }
      }
    }
    #expect(stored > 0 && equal > 0 && larger > 0)
  }
}
