// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The engine against the plain implementation of the rules: whatever the input, the same bits, by
// every path. Encoders are reused throughout, so that state left over from the chunk before would
// show: rule 1.

import FixedDeflate
import TestSupport
import Testing

@Suite("The engine equals the plain implementation") struct PlainEquivalenceTests {
  /// Both paths, both positions, against the plain stream; true when all agree.
  private struct Comparison: ~Copyable {
    private var standard = Encoder()
    private var reference = Encoder(profile: .iaaV1, path: .reference)
    private let plain = PlainProfile()
    private(set) var inputs = 0

    mutating func check(
      _ input: [UInt8], _ what: @autoclosure () -> String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      inputs += 1
      let expected = plain.stream(input)
      let isEqual =
        Engine.encode(input, with: &standard) == expected
        && Engine.encode(input, with: &reference) == expected
      // #expect on every comparison would take most of the time.
      if !isEqual {
        let shown = input.count <= 200 ? input.hex : "\(input.count) bytes"
        Issue.record("streams differ on \(what()): \(shown)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test("on every string over {a, b} up to 11 bytes, 14 in long runs")
  func allTwoSymbolStrings() {
    let longest = SeededGenerator.scale > 1 ? 14 : 11
    var comparison = Comparison()
    for length in 0...longest {
      Inputs.forEachString(over: [0x61, 0x62], length: length) {
        comparison.check($0, "a two-symbol string")
      }
    }
    #expect(comparison.inputs == (1 << (longest + 1)) - 1)
  }

  @Test("on every string over {a, b, c} up to 7 bytes")
  func allThreeSymbolStrings() {
    var comparison = Comparison()
    for length in 0...7 {
      Inputs.forEachString(over: [0x61, 0x62, 0xC3], length: length) {
        comparison.check($0, "a three-symbol string")
      }
    }
    #expect(comparison.inputs == 3280)
  }

  @Test("on every size from 0 to 70 of every family", arguments: Inputs.Family.allCases)
  func smallSizes(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "small \(family)")
    var comparison = Comparison()
    for _ in 0..<4 * SeededGenerator.scale {
      for size in 0...70 {
        comparison.check(
          Inputs.make(family, count: size, using: &generator), "\(family) of \(size)")
      }
    }
  }

  @Test("on every family at the sizes where rules change", arguments: Inputs.Family.allCases)
  func edgeSizes(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "edges \(family)")
    var comparison = Comparison()
    for _ in 0..<SeededGenerator.scale {
      // Both sides of each edge over the seeds; all of them in long runs.
      for size in Inputs.edgeSizes
      where size > 70 && (SeededGenerator.scale > 1 || generator.number(0...1) == 0) {
        comparison.check(
          Inputs.make(family, count: size, using: &generator), "\(family) of \(size)")
      }
    }
  }

  @Test("on every period from 1 to 40")
  func shortPeriods() {
    var generator = SeededGenerator(test: "short periods")
    var comparison = Comparison()
    for period in 1...40 {
      for size in [3 * period + 1, 200, 1500] {
        let input = Inputs.period(period, count: size, using: &generator)
        comparison.check(input, "period \(period) of \(size)")
      }
    }
  }

  @Test("on periods around the history of 4096")
  func historyPeriods() {
    var generator = SeededGenerator(test: "history periods")
    var comparison = Comparison()
    for period in 4090...4102 {
      let input = Inputs.period(period, count: 2 * period + 77, using: &generator)
      comparison.check(input, "period \(period)")
      // The same, moved by one: the other lane of each pair.
      comparison.check([0x2A] + input, "period \(period) behind a byte")
    }
  }

  @Test("on matches at every position around multiples of 4096, where pointers are 0")
  func zeroPointers() {
    var generator = SeededGenerator(test: "zero pointers")
    var comparison = Comparison()
    for target in [0, 4096] {
      for offset in -2...2 where target + offset >= 0 {
        for repeats in 0...3 {
          var input = Inputs.noise(target + offset, symbols: 256, using: &generator)
          // The triple at the target, then again, then `repeats` of its own kind in between.
          let word = Inputs.noise(6, symbols: 256, using: &generator)
          for _ in 0...(repeats + 1) {
            input += word + Inputs.noise(generator.number(1...40), symbols: 256, using: &generator)
          }
          comparison.check(input, "target \(target) offset \(offset) repeats \(repeats)")
        }
      }
    }
  }

  @Test("around the chunk sizes", arguments: [65_279, 65_280, 65_281])
  func chunkSizes(_ size: Int) {
    var generator = SeededGenerator(test: "chunk \(size)")
    var comparison = Comparison()
    for family in [Inputs.Family.mixture, .text] {
      comparison.check(
        Inputs.make(family, count: size, using: &generator), "\(family) of \(size)")
    }
  }

  @Test(
    "at the largest chunk, 2 MiB, and one byte less",
    .enabled(if: isOptimised, "too slow without optimisation"))
  func largestChunk() {
    var generator = SeededGenerator(test: "largest chunk")
    var encoder = Encoder()
    // The expensive sizes get one path and one input unless more time is asked for.
    let sizes = SeededGenerator.scale > 1 ? [0, 1] : [0]
    for missing in sizes {
      let block = Inputs.make(.mixture, count: 8192, using: &generator)
      var input: [UInt8] = []
      for index in 0..<256 { input += block.map { $0 ^ UInt8(index) } }
      input.removeLast(missing)
      #expect(input.count == Encoder.maximumChunkSize - missing)
      #expect(Engine.encode(input, with: &encoder) == PlainProfile().stream(input))
    }
  }

  @Test("on random mixtures of random size")
  func mixtures() {
    var generator = SeededGenerator(test: "mixtures")
    var comparison = Comparison()
    for _ in 0..<400 * SeededGenerator.scale {
      let family = Inputs.Family.allCases[
        generator.number(0...(Inputs.Family.allCases.count - 1))]
      let size = generator.number(0...generator.number(1...3000))
      comparison.check(Inputs.make(family, count: size, using: &generator), "\(family) of \(size)")
    }
  }

  @Test("on chunks that are not the last")
  func notLast() {
    var generator = SeededGenerator(test: "not last")
    for size in 0...70 {
      let input = Inputs.make(.mixture, count: size, using: &generator)
      #expect(
        Engine.encode(input, position: .notLast) == PlainProfile().stream(input, last: false))
    }
  }
}
