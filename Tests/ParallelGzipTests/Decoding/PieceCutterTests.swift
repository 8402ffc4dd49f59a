// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A piece has to end where a block begins. Where blocks are stored this is known, whatever they hold.

import FixedDeflate
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("Pieces of a stream") struct PieceCutterTests {
  /// A stream of stored blocks and of fixed ones with joints, and where each block begins.
  private static func stream(
    _ random: inout SeededGenerator
  ) throws -> (bytes: [UInt8], starts: Set<Int>) {
    var bytes: [UInt8] = []
    var starts: Set<Int> = []
    for _ in 0..<random.number(1...12) {
      starts.insert(bytes.count)
      // Sizes whose headers look like a joint, or do behind a zero; data of joints and of whole streams.
      let size = random.element([0, 1, 4096, 65_280, 65_535])
      switch random.number(0...3) {
      case 0:
        let text = Inputs.make(.shortPeriod, count: size, using: &random)
        bytes += try makeBytes(capacity: Encoder.bound(size, position: .notLast)) {
          output throws(DeflateError) in
          var encoder = Encoder()
          // SAFETY: bytes have no padding.
          try encoder.compress(unsafe text.span.bytes, position: .notLast, into: &output)
        }
      case let kind:
        bytes += [0, UInt8(size & 0xFF), UInt8(size >> 8)]
        bytes += [UInt8(~size & 0xFF), UInt8(~size >> 8 & 0xFF)]
        let pattern: [UInt8] = [[0, 0, 0xFF, 0xFF], [0], [0, 0, 0xFF, 0xFF, 3, 0]][kind - 1]
        bytes += (0..<size).map { pattern[$0 % pattern.count] }
      }
    }
    return (bytes, starts)
  }

  @Test("end where blocks begin, and have all bytes in order")
  func pieces() throws {
    var random = SeededGenerator(test: "pieces")
    for _ in 0..<60 * SeededGenerator.scale {
      let (bytes, starts) = try Self.stream(&random)
      let source = ByteSource(Given(bytes, seed: random.next()).input)
      var cutter = PieceCutter(source, isAtBlockStart: true, maximumCount: 1 << 20)
      let least = random.element([1, 2048, 96 << 10])
      var joined: [UInt8] = []
      var outcome = OrderedWorkers.ReadOutcome.more
      while case .more = outcome {
        #expect(starts.contains(joined.count), "a piece begins at \(joined.count)")
        let piece = StreamPiece()
        outcome = cutter.cut(into: piece, least: least)
        if case .more = outcome { #expect(piece.input.count >= least && !piece.isTail) }
        joined += piece.input.withBytes { $0.copied }
      }
      #expect(outcome == .last && joined == bytes)
    }
  }

  @Test("a stream without a block's end in reach is left where it is")
  func nothing() {
    let bytes = [0xFD] + [UInt8](repeating: 0x55, count: 5000)
    let source = ByteSource(Given(bytes).input)
    var cutter = PieceCutter(source, isAtBlockStart: true, maximumCount: 4096)
    #expect(cutter.cut(into: StreamPiece(), least: 1) == .nothing)
    source.wait(for: bytes.count)
    #expect(source.withBytes { $0.copied } == bytes)
  }
}
