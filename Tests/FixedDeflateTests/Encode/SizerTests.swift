// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Who counts instead of writing: sizes and histograms are those of the streams that somebody wrote.

import TestSupport
import Testing

@testable import FixedDeflate

@Suite("Sizes and counts of streams that nobody writes") struct SizerTests {
  /// Around blocks of 2048, pages of 4096 and the 64 bytes from which on a uniform chunk has a way of its own.
  private static let counts = [
    0, 1, 2, 3, 4, 31, 64, 65, 66, 67, 97, 98, 99, 100, 2046, 2047, 2048, 2049, 2080, 4095, 4096,
    4097, 6145, 8200, 20_000,
  ]

  @Test(
    "the sizer tells what the encoders write, in all modes", arguments: Inputs.Family.allCases)
  func sizes(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "sizer \(family)")
    var other = MatchProfile()
    other.lanes = .longest
    for profile in [.iaaV1, .iaaPairFirst, .iaaRefreshed, other] {
      var sizer = StreamSizer(profile: profile)
      var fixed = Encoder(profile: profile)
      var canned = Encoder(mode: .canned(.newest), profile: profile)
      var dynamic = BlockEncoder(profile: profile, picksSmaller: false)
      for count in Self.counts where profile == .iaaV1 || count < 3000 {
        let input = Inputs.make(family, count: count, using: &generator)
        let (sizes, alone) = withRawSpan(input) { (sizer.measure($0), sizer.measureFixed($0)) }
        #expect(sizes.fixed == fixed.compress(input).count, "\(count)")
        #expect(alone == sizes.fixed, "\(count)")
        #expect(sizes.canned == canned.compress(input).count, "\(count)")
        guard count <= CodeLimits.deviceChunkSize else { continue }
        let written = collectingOutputAlways(
          capacity: Encoder.bound(count, mode: .dynamic)
        ) { (output: inout OutputRawSpan) throws(DeflateError) in
          try withRawSpan(input) { (input: RawSpan) throws(DeflateError) in
            try dynamic.compress(input, isFinal: true, into: &output)
          }
        }.1
        // A code cut to its limit might be worse than the fixed one, which then is written.
        #expect(min(sizes.dynamic, written[0] & 6 == 2 ? sizes.fixed : .max) == written.count)
      }
    }
  }

  @Test("bits of the fixed code are counted as they are written, by all builds")
  func fixedBits() throws {
    var generator = SeededGenerator(test: "sizer builds")
    let builds = CPUKind.allCases.filter { $0 <= .current }
    for (cpu, profile) in builds.flatMap({ [($0, MatchProfile.iaaV1), ($0, .iaaPairFirst)] }) {
      // One for all: what a chunk leaves behind must not count in the next.
      let encoder = FastEncoder(profile: profile, cpu: cpu)
      for family in Inputs.Family.allCases {
        for count in Self.counts {
          let input = Inputs.make(family, count: count, using: &generator)
          let bits = withRawSpan(input) { encoder.bitCount(of: $0) }
          let (outcome, written) = collectingOutputAlways(capacity: Encoder.bound(count)) {
            (output: inout OutputRawSpan) throws(DeflateError) in
            try withRawSpan(input) { (input: RawSpan) throws(DeflateError) in
              try encoder.compress(input, isFinal: true, into: &output)
            }
          }
          _ = try outcome.get()
          let all = BlockHeader.bitCount + bits + FixedCode.endOfBlockBits
          #expect(written.count == (all + 7) / 8, "\(cpu) \(family) \(count)")
        }
      }
    }
  }

  @Test(
    "a histogram is of the tokens that the rules give one by one", arguments: Inputs.Family.allCases
  )
  func histogram(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "histogram \(family)")
    for profile in [MatchProfile.iaaV1, .iaaPairFirst] {
      // Counts add up over chunks.
      var (found, expected) = (TokenHistogram(), TokenHistogram())
      for count in [0, 1, 70, 2049, 9000] {
        let input = Inputs.make(family, count: count, using: &generator)
        withRawSpan(input) { found.add($0, profile: profile) }
        Self.count(input, profile, in: &expected)
        #expect(found == expected, "\(count)")
      }
    }
  }

  private static func count(
    _ input: [UInt8], _ profile: MatchProfile, in histogram: inout TokenHistogram
  ) {
    var finder = MatchFinder(profile: profile)
    var base = 0
    while base < input.count {
      let step = withRawSpan(input) { finder.parseStep(at: base, of: $0) }
      for byte in input[base..<base + step.literals] { histogram.literalLength[Int(byte)] += 1 }
      if let match = step.match {
        histogram.literalLength[LengthAlphabet.symbol(forLength: match.length).symbol] += 1
        histogram.distance[DistanceAlphabet.symbol(forDistance: match.distance).symbol] += 1
      }
      base = step.next
    }
    histogram.literalLength[LengthAlphabet.endOfBlock] += 1
  }

  @Test("codes are Huffman's: no assignment of lengths within the limit takes fewer bits")
  func codes() {
    var generator = SeededGenerator(test: "huffman lengths")
    var builder = HuffmanLengths()
    for symbols in [1, 2, 3, 19, 30, 286] {
      for largest in [1, 2, 63, 64, 4096, 1 << 20] {
        let counts = (0..<symbols).map { _ in
          generator.number(0...3) == 0 ? UInt32(0) : UInt32(generator.number(0...largest))
        }
        var lengths = [UInt8](repeating: 99, count: symbols)
        builder.assign(counts, limit: 15, to: &lengths)
        #expect((0..<symbols).allSatisfy { (counts[$0] == 0) == (lengths[$0] == 0) })
        let used = counts.filter { $0 > 0 }.map { Int($0) }
        guard used.count > 1 else { continue }
        let bits = zip(counts, lengths).reduce(0) { $0 + Int($1.0) * Int($1.1) }
        let least = Self.leastBits(used)
        // One that is as deep as the limit may have been cut.
        #expect(bits == least || lengths.max() == 15 && bits > least, "\(symbols) \(largest)")
        let kraft = lengths.filter { $0 > 0 }.reduce(0) { $0 + 1 << (15 - Int($1)) }
        #expect(kraft == 1 << 15)
      }
    }
  }

  /// The weight of Huffman's tree, by joining the two least again and again.
  private static func leastBits(_ counts: [Int]) -> Int {
    var (nodes, bits) = (counts.sorted(by: >), 0)
    while nodes.count > 1 {
      let sum = nodes.removeLast() + nodes.removeLast()
      bits += sum
      let place = nodes.firstIndex { $0 <= sum } ?? nodes.count
      nodes.insert(sum, at: place)
    }
    return bits
  }
}
