// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Random match rules: the family's loop and the fast encoder where they know them, rule by rule, and the plain
// implementation give the same bits.

import FixedDeflate
import TestSupport

final class FamilyTarget: FuzzTarget {
  private let source = GuardedMemory(capacity: 1 << 18)
  private let room = GuardedMemory(capacity: 1 << 18)
  /// The last profiles' encoders: what one chunk leaves behind shows in the next.
  private var kept: [(profile: MatchProfile, encoders: [(name: String, encoder: Box<Encoder>)])] =
    []

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let profile = RandomProfile.profile(&choices)
    guard (try? profile.validate()) != nil else { return }
    let chunk = ChunkShape.chunk(&choices, maximumCount: 5000)
    let expected = PlainProfile(profile).stream(chunk)
    for (name, encoder) in encoders(of: profile) {
      for capacity in [expected.count + 6000, expected.count] {
        let (_, stream) = room.collect(capacity) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          try source.lend(chunk) { (input: RawSpan) throws(DeflateError) in
            try encoder.value.compress(input, into: &output)
          }
        }
        try demand(stream == expected, "\(name) differs from the plain implementation: \(profile)")
      }
    }
    try demand(expected.count <= Encoder.bound(chunk.count), "longer than the bound")
  }

  private func encoders(of profile: MatchProfile) -> [(name: String, encoder: Box<Encoder>)] {
    if let known = kept.first(where: { $0.profile == profile }) { return known.encoders }
    var encoders = [("rule by rule", Box(Encoder(profile: profile, path: .reference)))]
    // The family's loop where it knows the rules, and the fast encoder where that does.
    let path = Encoder(profile: profile).path
    for build in DecoderTarget.builds where build != .avx512 && path != .reference {
      encoders.append(
        ("the family's loop, \(build)", Box(Encoder(profile: profile, path: .family(build)))))
      guard case .fast = path else { continue }
      encoders.append(
        ("the fast encoder, \(build)", Box(Encoder(profile: profile, path: .fast(build)))))
    }
    if kept.count == 8 { kept.removeFirst() }
    kept.append((profile, encoders))
    return encoders
  }
}
