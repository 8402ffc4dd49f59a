// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Matches that no device finds: every build's against the rule in words, and at the ends of memory.

import TestSupport
import Testing

@testable import FixedDeflate

/// The rule, a position at a time.
///
/// The first 14 bits of a hash of four bytes choose an entry, which holds the position inserted last and the next 16
/// bits of its hash, before the first position 0 and bits that are 0. A position whose 16 bits are the entry's has a
/// candidate, so far back as the two are apart modulo 65536: if that is 1 to 32768, and no farther than the start of
/// its eight positions is from the chunk's. All are inserted, but for those whose eight begin in the last 48 bytes.
///
/// A block of 32 KiB is divided in four, and a match ends where its quarter does. From where the last one ended the
/// next candidate is taken, unless one byte later another has more of the next 32 bytes. Fewer than four bytes are
/// none.
private struct PlainLongMatches {
  let input: [UInt8]
  private var distances: [Int]

  init(_ input: [UInt8]) {
    self.input = input
    distances = Array(repeating: 0, count: input.count)
    var entries = [(position: Int, bits: UInt32)](repeating: (0, 0), count: 1 << 14)
    for position in input.indices where position & ~7 < input.count - 48 {
      var word: UInt32 = 0
      for byte in (0..<4).reversed() { word = word << 8 | UInt32(input[position + byte]) }
      let hash = word &* 2_654_435_761
      let (index, bits) = (Int(hash >> 18), hash >> 2 & 0xFFFF)
      let entry = entries[index]
      entries[index] = (position, bits)
      let distance = (position - entry.position) & 0xFFFF
      if bits == entry.bits, distance > 0, distance <= min(32_768, position & ~7) {
        distances[position] = distance
      }
    }
  }

  private func run(_ position: Int, _ distance: Int, _ limit: Int) -> Int {
    var length = 0
    while length < limit, input[position + length] == input[position + length - distance] {
      length += 1
    }
    return length
  }

  private func candidate(_ position: Int) -> Int? {
    position < input.count && distances[position] > 0 ? distances[position] : nil
  }

  /// The matches between two places.
  private func matches(_ start: Int, _ end: Int, _ found: (Int, Match) -> Void) {
    var position = start
    while position < end {
      guard var distance = candidate(position) else {
        position += 1
        continue
      }
      if let later = candidate(position + 1),
        run(position + 1, later, 32) > run(position, distance, 32)
      {
        position += 1
        distance = later
      }
      let length = min(
        run(position, distance, min(258, input.count - position)), end - position)
      if length < 4 {
        position += 1
      } else {
        found(position, Match(length: length, distance: distance))
        position += length
      }
    }
  }

  func all(_ found: (Int, Match) -> Void) {
    for start in stride(from: 0, to: input.count, by: 32_768) {
      let end = min(start + 32_768, input.count)
      let quarter = (end - start + 3) / 4
      for part in 0..<4 {
        matches(min(start + part * quarter, end), min(start + (part + 1) * quarter, end), found)
      }
    }
  }
}

@Suite("Long matches") struct LongMatchFinderTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  private struct Token: Equatable {
    let start, length, distance: Int
  }

  private static func plain(_ input: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    PlainLongMatches(input).all {
      tokens.append(Token(start: $0, length: $1.length, distance: $1.distance))
    }
    return tokens
  }

  private static func found(_ input: RawSpan, _ finder: borrowing LongMatchFinder) -> [Token] {
    var coder = TokenCoder()
    coder.collect(input, from: finder)
    return coder.matches.map {
      Token(start: $0.start, length: $0.match.length, distance: $0.match.distance)
    }
  }

  @Test("are those of the rule, on every build", arguments: Inputs.Family.allCases)
  func rule(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "long matches \(family)")
    let inputs = (Array(0...60) + [4097, 8192, 33_001, 70_003]).map {
      Inputs.make(family, count: $0, using: &generator)
    }
    let expected = inputs.map(Self.plain)
    for build in Self.builds {
      let finder = LongMatchFinder(cpu: build)
      for (input, tokens) in zip(inputs, expected) {
        let found = withRawSpan(input) { Self.found($0, finder) }
        #expect(found == tokens, "\(build), \(input.count) bytes")
      }
    }
  }

  @Test("reach 32,768 bytes back and no farther", arguments: builds)
  func farthest(build: CPUKind) {
    let finder = LongMatchFinder(cpu: build)
    var generator = SeededGenerator(test: "farthest")
    let word = Inputs.make(.random, count: 20, using: &generator)
    for (distance, isThere) in [(32_767, true), (32_768, true), (32_769, false), (65_560, false)] {
      // Begins at a position that is the first of eight.
      let before = Inputs.nothingRepeats(8)
      // What is the same throughout replaces few entries.
      let filler = [UInt8](repeating: 0, count: distance - word.count)
      let input = before + word + filler + word + Inputs.make(.random, count: 60, using: &generator)
      let tokens = withRawSpan(input) { Self.found($0, finder) }
      let match = tokens.first { $0.start >= 8 + distance && $0.start < 8 + distance + word.count }
      #expect((match?.distance == distance) == isThere, "\(distance)")
      #expect(isThere || match == nil, "\(distance)")
      #expect(tokens == Self.plain(input), "\(distance)")
    }
  }

  @Test("touch no byte beyond the chunk", arguments: builds, Inputs.Family.allCases)
  func guarded(build: CPUKind, family: Inputs.Family) {
    let memory = GuardedMemory(capacity: 12 * 4096)
    var generator = SeededGenerator(test: "long matches guarded \(build) \(family)")
    let finder = LongMatchFinder(cpu: build)
    for count in Array(1...130) + [4096, 32_767, 32_768, 32_769, 40_000] {
      let input = Inputs.make(family, count: count, using: &generator)
      memory.lend(input) { span in
        for token in Self.found(span, finder) {
          #expect(token.distance <= token.start && token.start + token.length <= count)
        }
      }
    }
  }
}
