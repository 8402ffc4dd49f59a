// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Inputs that would tell a device's rules from version 1's, and version 1's answers to them: the
// table of probes in Documentation/iaa-fixed-profile.md. Who has a device compares its tokens.

import FixedDeflate
import TestSupport
import Testing

/// One row of the page's table of probes.
struct Probe: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: [UInt8]
  let matches: [MatchToken]

  init(_ name: String, _ input: String, _ matches: [MatchToken]) {
    testDescription = name
    self.input = Array(input.utf8)
    self.matches = matches
  }

  /// The page's u: forty letters, and no three of them twice.
  private static let u = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"

  /// u twice, then six bytes of it, so that the last match says which of the bytes before it were
  /// inserted.
  private static func repeated(from start: Int, distance: Int) -> Probe {
    Probe(
      "u u u[\(start)..<\(start + 6)]", u + u + u.dropFirst(start).prefix(6),
      [MatchToken(40, 32, 40), MatchToken(72, 8, 40), MatchToken(80, 6, distance)])
  }

  static let all = [
    Probe("a hundred a", String(repeating: "a", count: 100), [2, 34, 66].map { .init($0, 32, 1) }),
    Probe(
      "ten letters, each before eight a", "ABCDEFGHIJ".map { "\($0)aaaaaaaa" }.joined(),
      [MatchToken(2, 7, 1)] + (1...9).map { MatchToken(1 + 9 * $0, 6, 7) }),
    Probe(
      "x and 41 a", "x" + String(repeating: "a", count: 41),
      [MatchToken(2, 32, 1), MatchToken(34, 8, 1)]),
    repeated(from: 1, distance: 39), repeated(from: 17, distance: 23),
    repeated(from: 6, distance: 34),
    Probe(
      "three candidates in a bucket", "__pqr?mgpqr1Popqr]ul)pqr?mg",
      [MatchToken(8, 3, 6), MatchToken(14, 3, 6), MatchToken(21, 6, 19)]),
    Probe("strings alike in the hash's upper bits", "__012>!-012~;", [MatchToken(8, 3, 6)]),
  ]
}

@Suite("Probes of the profile's page") struct ProbeTests {
  @Test("version 1 answers as the page says", arguments: Probe.all)
  func answers(_ probe: Probe) throws {
    #expect(PlainProfile().tokens(probe.input) == probe.matches)
    let contents = try FixedStreamReader.read(Engine.encode(probe.input))
    #expect(contents.matches == probe.matches)
    #expect(contents.bytes == probe.input)
  }
}
