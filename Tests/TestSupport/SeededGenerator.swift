// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Random tests must be repeatable: one seed a process, printed once, forced by CONFORMANCE_SEED.
// Each test mixes its own name in, so that tests do not disturb one another's sequences however
// they are scheduled.

import Foundation
import SplitMix

/// SplitMix64's numbers, by a seed or by a test's name.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var numbers: SplitMix64

  /// The seed of this process: CONFORMANCE_SEED, or the clock. Printed when first used.
  public static let processSeed: UInt64 = {
    let forced = ProcessInfo.processInfo.environment["CONFORMANCE_SEED"].flatMap { UInt64($0) }
    let seed = forced ?? UInt64(Date().timeIntervalSince1970 * 1000)
    print("random tests: CONFORMANCE_SEED=\(seed)")
    return seed
  }()

  /// How many times longer than usual random tests run: CONFORMANCE_SCALE, 1 when unset.
  public static let scale: Int = {
    let forced = ProcessInfo.processInfo.environment["CONFORMANCE_SCALE"].flatMap { Int($0) }
    return max(1, forced ?? 1)
  }()

  /// The sequence of a given seed.
  public init(seed: UInt64) { numbers = SplitMix64(state: seed) }

  /// The sequence of a named test in this process.
  public init(test name: String) {
    // FNV-1a, because String.hashValue differs from run to run.
    var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    numbers = SplitMix64(state: SeededGenerator.processSeed ^ mixed)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { numbers.next() }

  /// A number of `range`.
  public mutating func number(_ range: ClosedRange<Int>) -> Int { numbers.number(range) }

  /// One of some elements, of which there is at least one.
  public mutating func element<Element>(_ elements: [Element]) -> Element {
    elements[numbers.below(elements.count)]
  }

  /// One random byte.
  public mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 32) }
}
