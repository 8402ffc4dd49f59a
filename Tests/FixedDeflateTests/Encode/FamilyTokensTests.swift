// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CDeflateKernels
import TestSupport
import Testing

@testable import FixedDeflate

@Suite("The family's tokens, read out of its blocks")
struct FamilyTokensTests {
  @Test(
    "are those that the rules give one by one",
    arguments: MatchProfile.named.dropFirst().map(\.name))
  func tokens(name: String) throws {
    let profile = try #require(MatchProfile(named: name))
    let rules = try #require(dk_family_rules(profile))
    let tokens = FamilyTokens(FamilyEncoder(rules))
    Self.check(profile) { input in
      var found: [Token] = []
      tokens.forEachMatch(in: input) { found.append(Token(start: $0, match: $1)) }
      return found
    }
  }

  @Test(
    "are the fast encoder's where that knows the rules",
    arguments: CPUKind.allCases.filter { $0 <= .current })
  func fastTokens(build: CPUKind) {
    for profile in [MatchProfile.iaaV1, .iaaPairFirst] {
      let encoder = FastEncoder(profile: profile, cpu: build)
      Self.check(profile) { input in
        // SAFETY: room for a third as many matches as the chunk has bytes.
        unsafe withUnsafeTemporaryAllocation(of: ChunkMatch.self, capacity: input.byteCount / 3 + 1)
        {
          list -> [Token] in
          guard let first = list.baseAddress else { return [] }
          let count = unsafe encoder.collect(input, into: first).count
          var end = 0
          return unsafe list[..<count].map { match in
            let start = end + Int(match.literals)
            end = start + Int(match.length)
            return Token(
              start: start, match: Match(length: Int(match.length), distance: Int(match.distance)))
          }
        }
      }
    }
  }

  private struct Token: Equatable {
    let start, length, distance: Int

    init(start: Int, match: Match) {
      (self.start, length, distance) = (start, match.length, match.distance)
    }
  }

  /// Holds what is found in chunks of all sorts against the rules one by one.
  private static func check(_ profile: MatchProfile, _ find: (RawSpan) -> [Token]) {
    var finder = MatchFinder(profile: profile)
    var random = SeededGenerator(test: "family-tokens")
    for count in [0, 1, 2, 3, 4, 70, 4095, 4096, 4097, 9000] {
      // Literals of eight and nine bits, runs, and repeats from near and far.
      var bytes: [UInt8] = []
      while bytes.count < count {
        let length = Int.random(in: 1...60, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes += (0..<length).map { _ in random.byte() }
        case 1: bytes += [UInt8](repeating: random.byte(), count: length)
        default:
          let start = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
          bytes += bytes[start..<min(bytes.count, start + length)]
        }
      }
      bytes.removeLast(bytes.count - count)
      // SAFETY: bytes have no padding.
      let input = unsafe bytes.span.bytes
      let found = find(input)
      finder.reset()
      var expected: [Token] = []
      var base = 0
      while base < count {
        let step = finder.parseStep(at: base, of: input)
        if let match = step.match {
          expected.append(Token(start: base + step.literals, match: match))
        }
        base = step.next
      }
      #expect(found == expected, "\(count) bytes")
    }
  }
}
