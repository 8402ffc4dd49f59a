// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Everything zlib writes, we read, whatever its parameters: in one call, growing, and in pieces of
// random size on both sides.

import FixedDeflate
import TestSupport
import Testing

@Suite("We read what zlib writes") struct WeReadZlibTests {
  /// Every strategy, window and flush at one level.
  private func parameters(level: Int) -> [Zlib.Parameters] {
    var all: [Zlib.Parameters] = []
    for strategy in Zlib.Strategy.allCases {
      for windowBits in 9...15 {
        for flush in Zlib.Flush.allCases {
          all.append(
            Zlib.Parameters(
              level: level, strategy: strategy, windowBits: windowBits,
              memoryLevel: 1 + all.count % 9, flush: flush, pieceSize: 1 + all.count * 37 % 900))
        }
      }
    }
    return all
  }

  @Test("every level, strategy, window and flush mode", arguments: 0...9)
  func everyParameter(_ level: Int) {
    var generator = SeededGenerator(test: "zlib level \(level)")
    let families = Inputs.Family.allCases
    var streams = 0
    for (index, parameters) in parameters(level: level).enumerated() {
      for round in 0..<2 * SeededGenerator.scale {
        let family = families[(index + 5 * round) % families.count]
        let input = Inputs.make(family, count: generator.number(0...1600), using: &generator)
        let stream = Zlib.deflate(input, parameters)
        let decoded = Engine.decode(stream, capacity: input.count)
        streams += 1
        #expect(decoded.error == nil && decoded.bytes == input, "\(parameters) on \(family)")
        #expect((decoded.bits + 7) / 8 == stream.count, "\(parameters) on \(family)")
        if index % 4 == 0 {
          #expect(Engine.decodeGrowing(stream, maximumCount: input.count) == decoded)
          let pieces = StreamOutcome(stream, .raw) {
            (generator.number(0...60), generator.number(0...200))
          }
          #expect(pieces.error == nil && pieces.bytes == input, "\(parameters) on \(family)")
          #expect(pieces.consumed == stream.count && pieces.state == .finished)
        }
      }
    }
    #expect(streams == 175 * 2 * SeededGenerator.scale)
  }

  @Test("inputs longer than the largest window", arguments: [9, 12, 15])
  func longInputs(_ windowBits: Int) {
    var generator = SeededGenerator(test: "long \(windowBits)")
    // Far copies: a period just inside the window, and noise that returns 30 KB later.
    let far = Inputs.period(32_000, count: 100_000, using: &generator)
    let near = Inputs.make(.mixture, count: 80_000, using: &generator)
    for (input, level) in [(far, 6), (near, 1), (near, 9)] {
      let stream = Zlib.deflate(input, Zlib.Parameters(level: level, windowBits: windowBits))
      let decoded = Engine.decode(stream, capacity: input.count)
      #expect(decoded.error == nil && decoded.bytes == input)
      let pieces = StreamOutcome(stream, .raw) {
        (generator.number(1...3000), generator.number(1...70_000))
      }
      #expect(pieces.error == nil && pieces.bytes == input)
    }
  }

  @Test("zlib and gzip containers in random pieces", arguments: [ContainerFormat.zlib, .gzip])
  func containers(_ format: ContainerFormat) {
    var generator = SeededGenerator(test: "zlib containers \(format)")
    for round in 0..<60 * SeededGenerator.scale {
      let input = Inputs.make(
        Inputs.Family.allCases[round % Inputs.Family.allCases.count],
        count: generator.number(0...3000), using: &generator)
      let parameters = Zlib.Parameters(
        level: round % 10, windowBits: 9 + round % 7, wrapper: format == .gzip ? .gzip : .zlib)
      let stream = Zlib.deflate(input, parameters)
      let pieces = StreamOutcome(stream, format) {
        (generator.number(0...40), generator.number(0...300))
      }
      #expect(pieces.error == nil && pieces.bytes == input, "\(parameters)")
      #expect(pieces.inputCount == UInt64(stream.count))
      #expect(pieces.outputCount == UInt64(input.count))
      #expect(
        pieces.storedChecksum == (format == .gzip ? Zlib.crc32(input) : Zlib.adler32(input)))
    }
  }

  @Test("a 4 KiB window of zlib stays within the IAA limit, and a larger one does not")
  func distanceLimit() throws {
    // The same in every run: one noise in some thousands has four bytes in common with itself from afar.
    var generator = SeededGenerator(seed: 1)
    let word = Inputs.noise(4000, symbols: 256, using: &generator)
    let near = word + word
    let far = word + Inputs.noise(2000, symbols: 256, using: &generator) + word
    let nearStream = Zlib.deflate(near, Zlib.Parameters(windowBits: 13))
    #expect(Engine.decode(nearStream, limit: .iaa, capacity: near.count).bytes == near)
    let farStream = Zlib.deflate(far, Zlib.Parameters(windowBits: 13))
    #expect(Engine.decode(farStream, limit: .rfc1951, capacity: far.count).bytes == far)
    let refused = Engine.decode(farStream, limit: .iaa, capacity: far.count)
    #expect(refused.error?.kind == .distanceTooFar)
    // Everything before the far match has been decoded.
    #expect(refused.bytes == Array(far[..<refused.bytes.count]) && refused.bytes.count >= 6000)
    let narrow = Zlib.deflate(far, Zlib.Parameters(windowBits: 12))
    #expect(Engine.decode(narrow, limit: .iaa, capacity: far.count).bytes == far)
  }
}
