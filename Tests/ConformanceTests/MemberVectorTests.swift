// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Which members of the family reproduce the published outputs. The lists of Documentation/iaa-fixed-profile.md are
// the expectation; `make members` prints the table.

import FixedDeflate
import TestSupport
import Testing

/// A change of version 1, and which of T1, T2 and the 228 bytes it fails.
struct Member: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let fails: [String]
  let change: @Sendable (inout MatchProfile) -> Void

  init(
    _ name: String, fails: String = "", _ change: @escaping @Sendable (inout MatchProfile) -> Void
  ) {
    testDescription = name
    self.fails = fails.split(separator: " ").map(String.init)
    self.change = change
  }

  /// Which of the published outputs are not the profile's.
  static func failures(_ profile: MatchProfile) -> [String] {
    var failures: [String] = []
    for vector in [Vector.t1, .t2]
    where Engine.encode(vector.input, profile: profile) != vector.stream {
      failures.append(vector.name)
    }
    if Engine.encode(Vector.star.input, profile: profile).count != 228 { failures.append("228") }
    return failures
  }
}

@Suite("Members of the family") struct MemberVectorTests {
  @Test("reproduce T1, T2 and the 228 bytes, or fail, as the profile's page says")
  func table() {
    var lines = ["member                                             T1  T2  228"]
    for member in Member.all {
      var profile = MatchProfile.iaaV1
      member.change(&profile)
      let failures = Member.failures(profile)
      let marks = ["T1", "T2", "228"].map { failures.contains($0) ? " –  " : " ✓  " }
      let name = member.testDescription
      let padding = String(repeating: " ", count: max(1, 50 - name.count))
      lines.append(name + padding + marks.joined())
      #expect(failures == member.fails, "\(member.testDescription)")
    }
    print(lines.joined(separator: "\n"))
  }

  @Test(
    "with a name all reproduce them, in the plain implementation too", arguments: Variant.members)
  func named(_ member: Variant) {
    #expect(Member.failures(member.profile).isEmpty)
    #expect(member.plain.tokens(Vector.t1.input) == Vector.t1.matches)
    #expect(member.plain.tokens(Vector.t2.input) == Vector.t2.matches)
    #expect(member.plain.stream(Vector.star.input).count == 228)
  }
}
