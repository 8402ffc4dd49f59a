// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A profile is data: each field must do what it says, or the day a real device differs the change
// will not be a field's. Every switch is held against the plain implementation, alone and with others.

import FixedDeflate
import TestSupport
import Testing

@Suite("A profile's fields") struct ProfileVariantTests {
  /// Compares on inputs of all families and returns on how many the streams are not version 1's.
  private static func compare(
    _ variant: Variant, rounds: Int, longest: Int, generator: inout SeededGenerator
  ) -> Int {
    var encoder = Encoder(profile: variant.profile)
    var standard = Encoder()
    let plain = variant.plain
    var differences = 0
    for _ in 0..<rounds {
      for family in Inputs.Family.allCases {
        let input = Inputs.make(family, count: generator.number(0...longest), using: &generator)
        let stream = Engine.encode(input, with: &encoder)
        if stream != plain.stream(input) {
          let shown = input.count <= 200 ? input.hex : "\(input.count) bytes"
          Issue.record("\(variant.testDescription) differs on \(family): \(shown)")
          return differences
        }
        if stream != Engine.encode(input, with: &standard) { differences += 1 }
      }
    }
    return differences
  }

  @Test(
    "each changed field equals the plain implementation changed alike", arguments: Variant.switches)
  func variants(_ settings: Switch) {
    var generator = SeededGenerator(test: "switch \(settings[0].testDescription)")
    // More than a hundred inputs for each switch; thousands in long runs.
    let rounds = max(1, 8 / settings.count) * SeededGenerator.scale
    for variant in settings {
      var differences = Self.compare(variant, rounds: rounds, longest: 300, generator: &generator)
      // These are the same in every run, so that what they must show does not hang on the seed.
      var fixed = SeededGenerator(seed: 1)
      if differences == 0 {
        differences = Self.compare(variant, rounds: 1, longest: 3000, generator: &fixed)
      }
      if differences == 0 {
        // The history exactly: the farthest distance there is.
        let input = Inputs.period(4096, count: 4200, using: &fixed)
        let stream = Engine.encode(input, profile: variant.profile)
        #expect(stream == variant.plain.stream(input))
        if stream != Engine.encode(input) { differences += 1 }
      }
      if differences == 0 {
        // What the kernel's own test vector shows: its second sentence matches the chunk's first byte.
        let input = Vector.t1.input
        let stream = Engine.encode(input, profile: variant.profile)
        #expect(stream == variant.plain.stream(input))
        if stream != Engine.encode(input) { differences += 1 }
      }
      // A field that changes nothing would not be tested at all.
      #expect(differences > 0, "\(variant.testDescription)")
    }
  }

  @Test(
    "the family's loop equals the rule-by-rule path, alone and in combinations, built for every processor"
  )
  func family() {
    var generator = SeededGenerator(test: "family")
    var variants = Variant.members + Variant.switches.flatMap { $0 }
    for _ in 0..<60 * SeededGenerator.scale {
      variants.append(
        Variant.joined(
          Variant.switches.compactMap { settings in
            generator.number(0...6) > 0 ? nil : generator.element(settings)
          }))
    }
    var known = 0
    for variant in variants where (try? variant.profile.validate()) != nil {
      // Those that the fast encoder knows it knows as well.
      if Encoder(profile: variant.profile).path == .reference { continue }
      known += 1
      var reference = Encoder(profile: variant.profile, path: .reference)
      for cpu in CPUKind.allCases where cpu <= .current {
        var encoder = Encoder(profile: variant.profile, path: .family(cpu))
        for family in [Inputs.Family.runs, .mixture, .collisions, .binary] {
          // Some beyond a page, where positions are renumbered.
          let longest = generator.number(0...15) == 0 ? 9000 : 300
          let input = Inputs.make(family, count: generator.number(0...longest), using: &generator)
          if Engine.encode(input, with: &encoder) != Engine.encode(input, with: &reference) {
            Issue.record("\(variant.testDescription), \(cpu): \(family) of \(input.count)")
          }
        }
      }
    }
    #expect(known > 50)
  }

  @Test(
    "an output without room for a page's worst case gets the same stream, or an error and nothing",
    arguments: [MatchProfile.iaaPairFirst, .iaaHashBanks])
  func familyRoom(profile: MatchProfile) throws {
    var generator = SeededGenerator(test: "family room")
    var encoder = Encoder(profile: profile)
    for count in [0, 1, 2, 3, 70, 4096, 4097, 9000] {
      let input = Inputs.make(.mixture, count: count, using: &generator)
      let stream = Engine.encode(input, with: &encoder)
      for capacity in [stream.count, stream.count - 1] {
        var output = [UInt8](repeating: 0xA5, count: capacity + 16)
        let made = withRawSpan(input) { (span: RawSpan) -> Int? in
          unsafe output.withUnsafeMutableBytes { (buffer: UnsafeMutableRawBufferPointer) -> Int? in
            // SAFETY: the first `capacity` bytes of the array.
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<capacity])
            var target = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
            let isMade = (try? encoder.compress(span, into: &target)) != nil
            let byteCount = unsafe target.finalize(for: room)
            return isMade ? byteCount : nil
          }
        }
        #expect(made == (capacity == stream.count ? capacity : nil))
        if made != nil { #expect(Array(output[..<capacity]) == stream) }
        #expect(output[capacity...].allSatisfy { $0 == 0xA5 })
      }
    }
  }

  @Test("random combinations of fields equal the plain implementation's")
  func combinations() {
    var generator = SeededGenerator(test: "combinations")
    var compared = 0
    while compared < 40 * SeededGenerator.scale {
      let chosen = Variant.switches.compactMap { settings in
        generator.number(0...4) > 0 ? nil : generator.element(settings)
      }
      let variant = Variant.joined(chosen)
      // Some do not go together.
      guard (try? variant.profile.validate()) != nil else { continue }
      _ = Self.compare(variant, rounds: 1, longest: 250, generator: &generator)
      compared += 1
    }
  }

  @Test("each named member equals the plain implementation's", arguments: Variant.members)
  func members(_ member: Variant) {
    #expect(MatchProfile(named: member.testDescription) == member.profile)
    #expect(member.profile.name == member.testDescription)
    var generator = SeededGenerator(test: "member \(member.testDescription)")
    let differences = Self.compare(
      member, rounds: 3 * SeededGenerator.scale, longest: 800, generator: &generator)
    #expect(member.profile == .iaaV1 ? differences == 0 : differences > 0)
    #expect(Variant.members.count == MatchProfile.named.count)
  }
}
