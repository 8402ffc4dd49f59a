// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How many pages of each stratum are looked at, and which.

/// The share of a sample that each stratum gets.
package enum SamplePlan {
  /// The fewest pages of a stratum that are looked at, if it has so many: below that its own line in
  /// the table would say nothing.
  package static let fewest = 256

  /// Pages of each stratum for a sample of about `wanted`: by size, and no fewer than ``fewest``.
  ///
  /// - Parameters:
  ///   - pages: how many pages each stratum has.
  ///   - wanted: how many are to be looked at, 1 or more.
  /// - Returns: for each stratum 0 to all of its pages.
  package static func counts(of pages: [Int], wanted: Int) -> [Int] {
    let all = pages.reduce(0, +)
    guard all > wanted else { return pages }
    return pages.map { count in
      let share = Int((Double(wanted) * Double(count) / Double(all)).rounded(.up))
      return min(count, max(share, fewest))
    }
  }

  /// Rounds that a sample is looked at in: what was seen when somebody interrupts is a sample like the
  /// whole, and none goes through a file more than once, but for the two pages below.
  package static let roundCount = 16

  /// A page to look at: its number, and where it stands in an order drawn by lot. Whoever is given the
  /// pages below some rank has a simple random part of the sample.
  package struct Choice: Sendable, Equatable {
    package let number: Int
    package let rank: Int
  }

  /// `count` pages of `bound`, in the rounds that they are looked at in: pages of low rank first, each
  /// round in the order of their numbers.
  ///
  /// - Complexity: O(*n* log *n*) in `count`.
  package static func rounds(
    _ count: Int, below bound: Int, using generator: inout some RandomNumberGenerator
  ) -> [[Choice]] {
    let ranks = Array(0..<count).shuffled(using: &generator)
    var rounds = [[Choice]](repeating: [], count: Self.roundCount)
    for (number, rank) in zip(numbers(count, below: bound, using: &generator), ranks) {
      rounds[rank * roundCount / count].append(Choice(number: number, rank: rank))
    }
    // Of the two that everybody is given, those of this round come first.
    let first = rounds[0].filter { $0.rank < fewestOfSlow }
    rounds[0] = first + rounds[0].filter { $0.rank >= fewestOfSlow }
    return rounds
  }

  /// The fewest pages of a stratum that a slow algorithm is given: of one alone nothing is known of how
  /// much pages differ.
  package static let fewestOfSlow = 2

  /// Whether a page of a rank is among those for who is given one of so many.
  package static func includes(rank: Int, of count: Int, oneOf: Int) -> Bool {
    rank < max(fewestOfSlow, (count + oneOf - 1) / oneOf)
  }

  /// `count` different numbers below `bound`, ascending, every set of them as likely as any other
  /// (Floyd's way).
  ///
  /// - Complexity: O(*n* log *n*) in `count`.
  package static func numbers(
    _ count: Int, below bound: Int, using generator: inout some RandomNumberGenerator
  ) -> [Int] {
    precondition((0...bound).contains(count), "more numbers than there are")
    if count == bound { return Array(0..<bound) }
    var chosen: Set<Int> = []
    for next in bound - count..<bound {
      let candidate = Int.random(in: 0...next, using: &generator)
      chosen.insert(chosen.contains(candidate) ? next : candidate)
    }
    return chosen.sorted()
  }
}
