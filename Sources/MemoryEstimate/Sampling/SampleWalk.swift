// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A sample's pages in the order in which they are looked at: round by round, so that what was seen when
// somebody interrupts is a sample like the whole, and in each round kind by kind.

/// Which pages are looked at.
struct SampleWalk: Sendable {
  /// One page: its source, its stratum, its choice, and how many of the stratum are chosen.
  struct Stop: Sendable {
    let source: Int
    let stratum: Int
    let position: UInt64
    let rank: Int
    let count: Int
  }

  /// A stratum's part.
  private struct Place: Sendable {
    let source: Int
    let stratum: Int
    let runs: PageRuns
    let count: Int
    let rounds: [[SamplePlan.Choice]]
  }

  /// Where the walk stands.
  struct Cursor: Sendable {
    fileprivate var round = 0
    fileprivate var place = 0
    fileprivate var index = 0
  }

  private let places: [Place]
  /// All pages.
  let count: Int
  /// Whether some pages are left out. A pipe's were chosen when they passed by.
  let isPart: Bool

  /// Chooses about `wanted` pages of some sources; all, if that is nil.
  init(
    _ sources: [any PageSource], wanted: Int?, using random: inout some RandomNumberGenerator
  ) {
    let strata = sources.enumerated().flatMap { source, pages in
      pages.strata.enumerated().map { (source: source, index: $0.offset, stratum: $0.element) }
    }
    let pages = strata.map(\.stratum.runs.count)
    let counts = wanted.map { SamplePlan.counts(of: pages, wanted: $0) } ?? pages
    count = counts.reduce(0, +)
    isPart = zip(strata, counts).contains { $1 < $0.stratum.count }
    places = zip(strata, counts).map { place, count in
      Place(
        source: place.source, stratum: place.index, runs: place.stratum.runs, count: count,
        rounds: SamplePlan.rounds(count, below: place.stratum.runs.count, using: &random))
    }
  }

  /// The page that comes next; nil at the end.
  func next(_ cursor: inout Cursor) -> Stop? {
    while cursor.round < SamplePlan.roundCount {
      while cursor.place < places.count {
        let place = places[cursor.place]
        let choices = place.rounds[cursor.round]
        if cursor.index < choices.count {
          let choice = choices[cursor.index]
          cursor.index += 1
          return Stop(
            source: place.source, stratum: place.stratum, position: place.runs[choice.number],
            rank: choice.rank, count: place.count)
        }
        cursor.index = 0
        cursor.place += 1
      }
      cursor.place = 0
      cursor.round += 1
    }
    return nil
  }
}
