// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What every output shows, computed in one place.

/// The figures of one algorithm over some strata.
package struct AlgorithmFigures: Sendable {
  private var totals = [EstimatedTotal](repeating: .init(), count: Measure.allCases.count)
  package private(set) var histogram = SizeHistogram()
  /// Pages that it was given.
  package private(set) var sampled = 0

  package subscript(measure: Measure) -> EstimatedTotal { totals[measure.rawValue] }
  package var stream: EstimatedTotal { self[.stream] }
  package var stored: EstimatedTotal { self[.stored] }
  package var zswap: EstimatedTotal { self[.zswap] }
  package var zram: EstimatedTotal { self[.zram] }
  package var rejected: EstimatedTotal { self[.rejected] }
  package var incompressible: EstimatedTotal { self[.incompressible] }

  mutating func add(
    _ account: AlgorithmAccount, beside other: AlgorithmAccount?, of stratum: StratumAccount
  ) {
    let pages = stratum.present
    for measure in Measure.allCases {
      totals[measure.rawValue].add(account.total(measure, of: pages, beside: other))
    }
    sampled += account.count
    // Slow algorithms saw fewer pages than the stratum's sample has.
    if account.count > 0 {
      histogram.add(account.histogram, weight: Double(pages) / Double(account.count))
    }
  }
}

/// The figures of some strata: one kind of mapping, a source, or all.
package struct Figures: Sendable {
  /// Pages that the figures are for, and those looked at.
  package private(set) var pages = 0
  package private(set) var sampled = 0
  package private(set) var swapped = 0
  package private(set) var holes = 0
  package private(set) var unread = 0
  /// Pages of kinds of mapping that were not reached before an interruption; no figure is of them.
  package private(set) var unseen = 0
  package private(set) var shared = 0
  package private(set) var zero = EstimatedTotal()
  package private(set) var sameFilled = EstimatedTotal()
  package private(set) var algorithms: [Algorithm: AlgorithmFigures] = [:]
  /// The device's modes under other members of the family.
  package private(set) var members: [FamilyMode: AlgorithmFigures] = [:]
  package let pageSize: Int

  /// The figures over some strata.
  package init(_ strata: some Sequence<StratumAccount>, pageSize: Int) {
    self.pageSize = pageSize
    for stratum in strata {
      pages += stratum.present
      sampled += stratum.sampled
      swapped += stratum.swapped
      holes += stratum.holes
      unread += stratum.unread
      unseen += stratum.sampled + stratum.unread == 0 ? stratum.pages : 0
      shared += stratum.shared
      zero.add(stratum.zero.total(of: stratum.present))
      sameFilled.add(stratum.sameFilled.total(of: stratum.present))
      for (algorithm, account) in stratum.algorithms {
        algorithms[algorithm, default: .init()]
          .add(account, beside: stratum.algorithms[.fixed], of: stratum)
      }
      for (mode, account) in stratum.members {
        members[mode, default: .init()]
          .add(account, beside: stratum.algorithms[mode.algorithm], of: stratum)
      }
    }
  }

  /// Bytes of all pages.
  package var bytes: Double { Double(pages) * Double(pageSize) }

  /// Pages by what becomes of them: uncompressed bytes for each byte kept. 1 where there are none.
  package func ratio(_ total: EstimatedTotal) -> Double {
    total.value > 0 ? bytes / total.value : 1
  }

  /// Half the width of a ratio's 95 % interval: the relative one of its denominator.
  package func ratioMargin(_ total: EstimatedTotal) -> Double {
    total.value > 0 ? ratio(total) * total.margin / total.value : 0
  }

  /// zswap's ratio: of the pages that it takes, uncompressed bytes for each byte of its pool. Infinite
  /// where it takes pages and needs no memory for them.
  package func zswapRatio(_ figures: AlgorithmFigures) -> Double {
    let taken = bytes - figures.rejected.value * Double(pageSize)
    return figures.zswap.value > 0 ? taken / figures.zswap.value : taken > 0 ? .infinity : 1
  }

  /// zram's: every page is kept.
  package func zramRatio(_ figures: AlgorithmFigures) -> Double {
    figures.zram.value > 0 ? bytes / figures.zram.value : bytes > 0 ? .infinity : 1
  }
}

extension Estimate {
  /// The figures of everything.
  package var total: Figures {
    Figures(sources.flatMap(\.strata), pageSize: options.pageSize)
  }

  /// The figures of one source.
  package func figures(of source: SourceEstimate) -> Figures {
    Figures(source.strata, pageSize: options.pageSize)
  }

  /// The figures of each source, largest first.
  package var bySource: [(kind: String, figures: Figures)] {
    sources.map { ($0.name, figures(of: $0)) }.sorted { $0.figures.pages > $1.figures.pages }
  }

  /// The figures of each kind of mapping over all sources, largest first.
  package var byKind: [(kind: String, figures: Figures)] {
    let strata = sources.flatMap(\.strata)
    return Set(strata.map(\.kind)).map { kind in
      (kind, Figures(strata.filter { $0.kind == kind }, pageSize: options.pageSize))
    }.sorted { ($1.figures.pages, $0.kind) < ($0.figures.pages, $1.kind) }
  }
}
