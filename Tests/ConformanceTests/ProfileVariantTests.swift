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
      // A field that changes nothing would not be tested at all.
      #expect(differences > 0, "\(variant.testDescription)")
    }
  }

  @Test("random combinations of fields equal the plain implementation's")
  func combinations() {
    var generator = SeededGenerator(test: "combinations")
    var compared = 0
    while compared < 40 * SeededGenerator.scale {
      let chosen = Variant.switches.compactMap { settings in
        generator.number(0...4) > 0 ? nil : settings[generator.number(0...settings.count - 1)]
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
