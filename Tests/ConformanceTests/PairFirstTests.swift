// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The profile that inserts only the first of two equal hashes in a pair runs on the fast encoder's loops, which prepare
// a block as if every position were inserted and mend what they look at. What can go wrong there stands in a block's
// runs, in hashes that agree by chance, at the borders of segments, blocks and pages, and in what lies far apart.

import FixedDeflate
import TestSupport
import Testing

@Suite("The fast encoder, of equal hashes in a pair inserting the first") struct PairFirstTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }
  static let plain: PlainProfile = {
    var plain = PlainProfile()
    plain.equal = "first"
    return plain
  }()
  /// A build without optimisation takes each third of many inputs alike.
  static let step = isOptimised ? 1 : 3
  /// Where segments, blocks and pages end.
  static let borders = [512, 1024, 2048, 4096, 6144, 8192]

  /// A build and the rules one by one, reused throughout.
  private struct Comparison: ~Copyable {
    private let build: CPUKind
    private var fast: Encoder
    private var reference = Encoder(profile: .iaaPairFirst, path: .reference)

    init(_ build: CPUKind) {
      self.build = build
      fast = Encoder(profile: .iaaPairFirst, path: .fast(build))
    }

    /// Holds the stream against the plain implementation's, or for long inputs against the rules one by one.
    mutating func check(
      _ input: [UInt8], _ what: @autoclosure () -> String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let expected =
        input.count < 2500
        ? PairFirstTests.plain.stream(input) : Engine.encode(input, with: &reference)
      guard Engine.encode(input, with: &fast) != expected else { return }
      let shown = input.count <= 200 ? input.hex : "\(input.count) bytes"
      Issue.record("\(build) differs on \(what()): \(shown)", sourceLocation: sourceLocation)
    }
  }

  /// Short runs of few values, triples of one bucket, copies from near and far: hardly a row without a position that
  /// may not have been inserted.
  private static func dense(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let kinds = generator.number(1...6)
    var bytes: [UInt8] = []
    while bytes.count < count {
      switch generator.number(0...kinds) {
      case 0:
        let value = UInt8(generator.number(0...3))
        bytes += [UInt8](repeating: value, count: generator.number(1...9))
      case 1 where !bytes.isEmpty:
        let farthest = generator.number(0...1) == 0 ? 60 : 4200
        let start = max(0, bytes.count - generator.number(1...farthest))
        bytes += bytes[start..<min(bytes.count, start + generator.number(3...40))]
      case 2: bytes += [UInt8](repeating: 0, count: generator.number(1...80))
      case 3: bytes += Inputs.noise(generator.number(1...20), symbols: 256, using: &generator)
      case 4: bytes += Inputs.noise(generator.number(1...20), symbols: 2, using: &generator)
      default: bytes += Inputs.collisions(generator.number(1...12), using: &generator)
      }
    }
    return Array(bytes.prefix(count))
  }

  @Test("is what an encoder of that profile takes")
  func path() {
    #expect(Encoder(profile: .iaaPairFirst).path == .fast(.current))
  }

  @Test(
    "equals the plain implementation on every string over {a, b} up to 10 bytes", arguments: builds)
  func allStrings(build: CPUKind) {
    var comparison = Comparison(build)
    for length in 0...10 {
      Inputs.forEachString(over: [0x61, 0x62], length: length) { comparison.check($0, "a string") }
    }
  }

  @Test("equals it where nearly all hangs on what was inserted", arguments: builds)
  func denseInputs(build: CPUKind) {
    var generator = SeededGenerator(test: "pair first, dense \(build)")
    var comparison = Comparison(build)
    for _ in 0..<40 / Self.step * SeededGenerator.scale {
      let counts = [
        generator.number(0...300), generator.number(2040...2060), generator.number(4080...4200),
        generator.number(6100...6200), generator.number(0...13_000),
      ]
      let count = generator.element(counts)
      comparison.check(Self.dense(count, &generator), "a dense input of \(count)")
    }
  }

  @Test("equals it on every family", arguments: builds, Inputs.Family.allCases)
  func families(build: CPUKind, family: Inputs.Family) {
    var generator = SeededGenerator(test: "pair first, \(family) \(build)")
    var comparison = Comparison(build)
    // Long ones where positions are renumbered many times, in one family that has all others in it.
    let long = family == .mixture ? [70_000] : []
    for count in Array(0...70) + [511, 512, 513, 2047, 2048, 2049, 4095, 4096, 4097, 9000] + long {
      comparison.check(
        Inputs.make(family, count: count, using: &generator), "\(family) of \(count)")
    }
  }

  @Test("equals it where runs and chance equals lie across a border", arguments: builds)
  func acrossBorders(build: CPUKind) {
    var generator = SeededGenerator(test: "pair first, borders \(build)")
    var comparison = Comparison(build)
    for border in Self.borders {
      for before in stride(from: border / 512 % Self.step, through: 9, by: Self.step) {
        // So many of a run's bytes, or of other bytes of one bucket, before the border, and some behind it; both come
        // again soon and later, behind an even and an odd number of literals.
        let run =
          before % 3 == 0
          ? Inputs.collisions(before + 7, using: &generator)
          : [UInt8](
            repeating: UInt8(before % 2), count: before + generator.number(3...40))
        var input = Inputs.nothingRepeats(border - before) + run
        for gap in [1, 2, 5, 30, 97, 200, 2001] {
          input += Inputs.noise(gap, symbols: 256, using: &generator) + run
        }
        comparison.check(input, "a run \(before) before \(border)")
        comparison.check(Array(input.prefix(border + 3)), "the same, cut short")
      }
    }
  }

  @Test("equals it where a page's first position is in a run", arguments: builds)
  func pointerZero(build: CPUKind) {
    var comparison = Comparison(build)
    for page in [0, 4096, 8192] {
      for start in max(0, page - 4)...page + 1 {
        for length in stride(from: 3 + start % Self.step, through: 9, by: Self.step) {
          let run = [UInt8](repeating: 7, count: length)
          var input = Inputs.nothingRepeats(start) + run
          // Seen again from the same block, from the next one, and from exactly a page farther on.
          for next in [input.count + 11, page + 2500, page + 4096, page + 4130] {
            let gap = Inputs.nothingRepeats(next + page)
            input += gap[(input.count + page)...].prefix(max(0, next - input.count)) + run
          }
          comparison.check(input, "a run of \(length) at \(start)")
        }
      }
    }
  }

  @Test(
    "equals it where more literals precede a match than are noted with its base", arguments: builds)
  func longLiterals(build: CPUKind) {
    var generator = SeededGenerator(test: "pair first, literals \(build)")
    var comparison = Comparison(build)
    for gap in Array(stride(from: 80, through: 110, by: Self.step)) + [
      96, 97, 180, 191, 192, 193, 200,
    ] {
      var input: [UInt8] = []
      while input.count < 4200 {
        let run = [UInt8](
          repeating: UInt8(generator.number(0...1)), count: generator.number(3...12))
        input += Inputs.noise(gap, symbols: 256, using: &generator) + run + run.prefix(2) + run
      }
      comparison.check(input, "runs behind \(gap) literals")
    }
  }

  @Test("writes a chunk of one repeated byte as the rules do", arguments: builds)
  func uniform(build: CPUKind) {
    var comparison = Comparison(build)
    for count in Array(60...140) + [4095, 4096, 4097, 70_000] {
      comparison.check([UInt8](repeating: 0x2A, count: count), "\(count) equal bytes")
    }
  }
}
