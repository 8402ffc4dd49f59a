// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

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
      var found: [(start: Int, length: Int, distance: Int)] = []
      tokens.forEachMatch(in: input) { found.append(($0, $1.length, $1.distance)) }
      finder.reset()
      var expected: [(start: Int, length: Int, distance: Int)] = []
      var base = 0
      while base < count {
        let step = finder.parseStep(at: base, of: input)
        if let match = step.match {
          expected.append((base + step.literals, match.length, match.distance))
        }
        base = step.next
      }
      #expect(found.count == expected.count, "\(count) bytes")
      #expect(zip(found, expected).allSatisfy { $0 == $1 }, "\(count) bytes")
    }
  }
}
