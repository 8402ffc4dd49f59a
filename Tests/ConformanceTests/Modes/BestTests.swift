// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The smallest streams, against every stream there is.

import FixedDeflate
import TestSupport
import Testing

@Suite("Smallest streams") struct BestTests {
  /// Bits of a match of each length from one byte back, and how many more there are from farther back.
  static let lengthBits = [0, 0, 0] + (3...258).map { bits(length: $0, distance: 1) }
  static let distanceBits =
    [0] + (1...4096).map { bits(length: 3, distance: $0) - bits(length: 3, distance: 1) }

  static func bits(length: Int, distance: Int) -> Int {
    var bits = PlainBits()
    bits.match(length: length, distance: distance)
    return bits.count
  }

  /// The fewest bits in the fixed code: every literal, and every match by every distance, of every position.
  static func fewestBits(_ input: [UInt8]) -> Int {
    let n = input.count
    var rest = [Int](repeating: 0, count: n + 1)
    for position in (0..<n).reversed() {
      var best = (input[position] < 144 ? 8 : 9) + rest[position + 1]
      for start in max(0, position - 4096)..<max(position, 0) {
        var length = 0
        while length < 258, position + length < n,
          input[start + length] == input[position + length]
        {
          length += 1
          guard length >= 3 else { continue }
          let bits = Self.lengthBits[length] + Self.distanceBits[position - start]
          best = min(best, bits + rest[position + length])
        }
      }
      rest[position] = best
    }
    return 3 + rest[0] + 7
  }

  @Test("in the fixed code no stream is smaller, on short strings of few symbols all")
  func shortStrings() {
    var encoder = Encoder(mode: .fixed.best)
    for count in 0...8 {
      Inputs.forEachString(over: [97, 98, 200], length: count) { input in
        let expected = (Self.fewestBits(input) + 7) / 8
        #expect(encoder.compress(input).count == expected, "\(input)")
      }
    }
  }

  @Test(
    "in the fixed code no stream is smaller, on inputs of all kinds",
    arguments: Inputs.Family.allCases)
  func families(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "best \(family)")
    var encoder = Encoder(mode: .fixed.best)
    for count in [1, 10, 100, 400] {
      let input = Inputs.make(family, count: count, using: &generator)
      let stream = encoder.compress(input)
      #expect(stream.count == (Self.fewestBits(input) + 7) / 8, "\(count) bytes")
      let contents = try FixedStreamReader.read(stream)
      #expect(contents.bytes == input)
    }
  }

  @Test("matches reach as far back as the mode says, and no farther")
  func history() throws {
    var generator = SeededGenerator(test: "best history")
    let word = Inputs.make(.random, count: 40, using: &generator)
    for gap in [4055, 4056, 4057, 9000, 32_727, 32_728, 32_729] {
      let filler = (0..<gap).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7 ^ $0) }
      let input = word + filler + word
      func size(_ bytes: [UInt8], _ mode: CompressionMode) -> Int {
        // What the first word takes, whether or not the second is a match.
        var encoder = Encoder(mode: mode)
        return encoder.compress(bytes).count + word.count - 10
      }
      let modes = [CompressionMode.fixed, .dynamic, .dynamic.longMatches]
      for mode in modes.map(\.best) {
        var encoder = Encoder(mode: mode)
        let stream = encoder.compress(input)
        var decoder = Decoder(limit: mode.limit)
        #expect(try decoder.decompress(stream, maximumCount: input.count).bytes == input)
        let reach = gap + word.count <= mode.limit.maximumDistance
        #expect((stream.count < size(filler + word, mode)) == reach, "\(mode) \(gap)")
      }
    }
  }

  @Test("a table without codewords for most of a large chunk is an error, at any cost")
  func noCodewords() throws {
    var generator = SeededGenerator(test: "best without codewords")
    let table = try #require(
      CompressionTable(
        literalLengthLengths: (0..<286).map { $0 < 254 ? 0 : 5 },
        distanceLengths: (0..<30).map { $0 < 2 ? 4 : 5 }))
    var encoder = Encoder(mode: .table(table).best)
    let input = Inputs.make(.random, count: 150_000, using: &generator)
    let (outcome, bytes) = collectingOutputAlways(capacity: 1 << 20) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      try withRawSpan(input) { (input: RawSpan) throws(DeflateError) in
        try encoder.compress(input, into: &output)
      }
    }
    guard case .failure(let error) = outcome else {
      Issue.record("no error")
      return
    }
    #expect(error.kind == .noCodeword && bytes.isEmpty)
  }

  @Test(
    "every mode's best stream decodes, fits its bound, and is no larger than the fast one",
    arguments: Inputs.Family.allCases)
  func noLarger(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "best against fast \(family)")
    for count in [0, 1, 2, 3, 4096, 20_000] {
      let input = Inputs.make(family, count: count, using: &generator)
      for mode in [CompressionMode.fixed, .dynamic, .dynamic.longMatches] {
        var fast = Encoder(mode: mode)
        var best = Encoder(mode: mode.best)
        let stream = best.compress(input)
        #expect(stream.count <= fast.compress(input).count, "\(mode) \(count)")
        let inflated = Zlib.inflate(stream, maximumCount: count + 1)
        #expect(inflated.verdict == .accepted && inflated.bytes == input)
      }
      for edition in CompressionTable.CannedEdition.allCases {
        var fast = Encoder(mode: .canned(edition))
        var best = Encoder(mode: .canned(edition).best)
        var decoder = TableDecoder(table: .canned(edition))
        let stream = best.compress(input)
        #expect(stream.count <= fast.compress(input).count)
        #expect(try decoder.decompress(stream, maximumCount: count).bytes == input)
      }
    }
  }

  @Test("time grows with the input, not with its square, on data that all matches")
  func growth() {
    let makers =
      [
        { [UInt8](repeating: 0, count: $0) },
        { (0..<$0).map { UInt8(truncatingIfNeeded: $0 % 7) } },
        { (0..<$0).map { UInt8(truncatingIfNeeded: $0 % 4093 % 251) } },
      ] as [(Int) -> [UInt8]]
    growth(.fixed.best, makers)
    growth(.dynamic.longMatches.best, makers.suffix(1))
  }

  private func growth(_ mode: CompressionMode, _ makers: [(Int) -> [UInt8]]) {
    var encoder = Encoder(mode: mode)
    func seconds(_ input: [UInt8]) -> Double {
      (0..<3).map { _ in
        let clock = ContinuousClock()
        let time = clock.measure { _ = encoder.compress(input) }
        return Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
      }.min() ?? 0
    }
    for make in makers {
      let (short, long) = (seconds(make(8192)), seconds(make(65_536)))
      // Eight times as much data; 64 times as long would be the square.
      #expect(long < 24 * short + 0.01)
    }
  }
}
