// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Flushing: what a receiver has by then is all that was given, by zlib's word and by our decoder's.

import FixedDeflate
import TestSupport
import Testing

@Suite("A flushed stream") struct FlushTests {
  private static let chunkSize = 4096

  /// What zlib makes of the container so far: of raw and zlib streams as far as they go, of gzip the
  /// members, whole or begun.
  private func inflated(_ stream: [UInt8], _ format: ContainerFormat, _ count: Int) -> [UInt8] {
    Zlib.inflateAllMembers(stream, format, maximumCount: count + 1).bytes
  }

  @Test(
    "gives zlib every byte so far, at every flush, however it was written",
    arguments: ContainerFormat.allCases)
  func everythingSoFar(format: ContainerFormat) {
    var generator = SeededGenerator(test: "flush \(format)")
    for round in 0..<(12 * SeededGenerator.scale) {
      let family = Inputs.Family.allCases[round % Inputs.Family.allCases.count]
      let input = Inputs.make(family, count: generator.number(0...20_000), using: &generator)
      var encoder = StreamEncoder(format: format, chunkSize: Self.chunkSize)
      var stream: [UInt8] = []
      var start = 0
      while start < input.count {
        // Around a chunk's size, and of a few bytes.
        let most = generator.number(0...1) == 0 ? 40 : 9000
        let end = min(input.count, start + generator.number(0...most))
        withRawSpan(input) { span in
          encoder.write(span.extracting(start..<end)) { stream.append(span: $0) }
        }
        start = end
        guard generator.number(0...2) == 0 else { continue }
        encoder.flush { stream.append(span: $0) }
        #expect(inflated(stream, format, start) == Array(input[..<start]), "\(family)")
        let before = stream.count
        encoder.flush { stream.append(span: $0) }
        #expect(stream.count == before, "the second flush has nothing to hand over")
      }
      let total = encoder.finish { stream.append(span: $0) }
      #expect(total == UInt64(stream.count))
      let whole = Zlib.inflateAllMembers(stream, format, maximumCount: input.count + 1)
      #expect(whole.verdict == .accepted && whole.consumed == stream.count)
      #expect(whole.bytes == input)
      let ours = StreamOutcome(stream, format)
      #expect(ours.bytes == input && ours.error == nil && ours.trailingData == .none)
      if format == .gzip { #expect(ours.memberCount == 1) }
      if format == .bgzf { #expect(!ours.isMissingEndOfFile) }
    }
  }

  @Test(
    "without flushes is the same however it was written", arguments: ContainerFormat.allCases)
  func splitsDoNotMatter(format: ContainerFormat) {
    var generator = SeededGenerator(test: "splits \(format)")
    for size in [0, 1, 4095, 4096, 4097, 8192, 8193, 20_000] {
      let input = Inputs.make(.mixture, count: size, using: &generator)
      let expected = Engine.contain(input, format, chunkSize: Self.chunkSize)
      for pieceSize in [1, 100, 4095, 4096, 4097, 8191, 10_000] {
        let stream = Engine.contain(
          input, format, chunkSize: Self.chunkSize, pieceSize: pieceSize)
        #expect(stream == expected, "\(size) bytes by \(pieceSize)")
      }
    }
  }

  @Test("hands over nothing when nothing was taken in", arguments: ContainerFormat.allCases)
  func nothingToFlush(format: ContainerFormat) {
    var encoder = StreamEncoder(format: format, chunkSize: Self.chunkSize)
    var calls = 0
    encoder.flush { _ in calls += 1 }
    #expect(calls == 0 && encoder.outputCount == 0)
    var stream: [UInt8] = []
    encoder.finish { stream.append(span: $0) }
    #expect(stream == Engine.contain([], format, chunkSize: Self.chunkSize))
  }

  @Test("is as much longer as the documentation says", arguments: ContainerFormat.allCases)
  func cost(format: ContainerFormat) {
    var generator = SeededGenerator(test: "flush cost \(format)")
    for _ in 0..<200 {
      // Bytes that all differ from those before: no matches reach across the flush.
      let count = generator.number(2...100)
      let input = (0..<count).map { UInt8($0) }
      let half = generator.number(1...(count - 1))
      let whole = Engine.contain(input, format, chunkSize: Self.chunkSize)
      var stream: [UInt8] = []
      var encoder = StreamEncoder(format: format, chunkSize: Self.chunkSize)
      withRawSpan(input) { span in
        encoder.write(span.extracting(first: half)) { stream.append(span: $0) }
        encoder.flush { stream.append(span: $0) }
        encoder.write(span.extracting(droppingFirst: half)) { stream.append(span: $0) }
      }
      encoder.finish { stream.append(span: $0) }
      let cost = stream.count - whole.count
      // A BGZF member's header with its subfield takes 18 bytes, its trailer 8.
      let range = format == .bgzf ? 26 + 1...26 + 2 : 5...7
      #expect(range.contains(cost), "\(cost) bytes for \(count) cut at \(half)")
    }
  }
}
