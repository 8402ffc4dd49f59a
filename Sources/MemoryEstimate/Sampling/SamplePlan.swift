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
