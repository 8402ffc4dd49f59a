// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A profile is data: each field must do what it says, or the day a real device differs the change
// will not be a field's. Only fields whose meaning the plain implementation shares are compared.

import FixedDeflate
import TestSupport
import Testing

/// A changed rule, on both sides.
struct Variant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let profile: MatchProfile
  let plain: PlainProfile

  init(
    _ name: String, _ profile: (inout MatchProfile) -> Void, _ plain: (inout PlainProfile) -> Void
  ) {
    testDescription = name
    var changed = MatchProfile.iaaV1
    profile(&changed)
    self.profile = changed
    var changedPlain = PlainProfile()
    plain(&changedPlain)
    self.plain = changedPlain
  }

  static let all = [
    Variant("history 4095", { $0.historySize = 4095 }, { $0.history = 4095 }),
    Variant("history 100", { $0.historySize = 100 }, { $0.history = 100 }),
    Variant("2 slots", { $0.bucketDepth = 2 }, { $0.slots = 2 }),
    Variant("1 slot", { $0.bucketDepth = 1 }, { $0.slots = 1 }),
    Variant("pointer 0 like any other", { $0.zeroPointer = .always }, { $0.pointerModulus = 0 }),
    Variant("pointers of 8 bits", { $0.pointerBits = 8 }, { $0.pointerModulus = 256 }),
    Variant("window 16", { $0.compareWindow = 16 }, { $0.window = 16 }),
    Variant("window 258", { $0.compareWindow = 258 }, { $0.window = 258 }),
    Variant("shortest match 4", { $0.minimumMatchLength = 4 }, { $0.shortest = 4 }),
    Variant(
      "another polynomial, x^8 + x^4 + x^3 + x + 1",
      { $0.hash = PolynomialHash(polynomial: 0x11B) }, { $0.polynomial = 0x11B }),
  ]
}

@Suite("A profile's fields") struct ProfileVariantTests {
  @Test("each changed field equals the plain implementation changed alike", arguments: Variant.all)
  func variants(_ variant: Variant) {
    var encoder = Encoder(profile: variant.profile)
    func check(_ input: [UInt8], _ name: String) -> [UInt8] {
      let stream = Engine.encode(input, with: &encoder)
      #expect(stream == variant.plain.stream(input), "\(name) of \(input.count)")
      return stream
    }
    var generator = SeededGenerator(test: "variant \(variant.testDescription)")
    for _ in 0..<5 * SeededGenerator.scale {
      for family in Inputs.Family.allCases {
        let count = generator.number(0...700)
        _ = check(Inputs.make(family, count: count, using: &generator), "\(family)")
      }
    }
    // These are the same in every run, so that what they must show does not hang on the seed.
    var fixed = SeededGenerator(seed: 1)
    var standard = Encoder()
    var differences = 0
    for input in [
      Inputs.make(.collisions, count: 9000, using: &fixed),
      Inputs.make(.binary, count: 9000, using: &fixed),
      Inputs.make(.text, count: 9000, using: &fixed),
      // The history exactly: the farthest distance there is.
      Inputs.period(4096, count: 9000, using: &fixed),
    ] {
      let stream = check(input, "fixed input")
      if stream != Engine.encode(input, with: &standard) { differences += 1 }
    }
    // A field that changes nothing on these inputs would not be tested at all.
    #expect(differences > 0)
  }
}
