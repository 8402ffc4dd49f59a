// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Faults of a model, pages of noise and the sums that cut chunks have to come out the same again, so they
// are drawn from a generator of our own: Swift's is another one on each run.

/// Numbers that look random and are the same everywhere (Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  /// 2^64 divided by the golden ratio, made odd.
  package static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
  var state: UInt64

  /// The sequence of a seed.
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= Self.step
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number of 0..<1.
  package mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// A number of 0..<limit, which is positive.
  package mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A number of `range`.
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }
}
