// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From sources to figures: which pages are looked at, and in which order.

import FixedDeflate

/// What an estimate is asked for.
package struct EstimateOptions: Sendable {
  /// Bytes of a page: 4096, 16,384 or 65,536.
  package var pageSize = 4096
  /// The most pages to look at, but for the few that every stratum gets; nil: all.
  package var sample: Int? = 65536
  /// What their choice was seeded with, for the output.
  package var seed: UInt64
  /// The kernel whose rules count.
  package var kernel: KernelPolicy
  package var algorithms = Algorithm.allCases
  /// The rules of the match stage, and what to call them.
  package var profile = (name: "iaa-v1", rules: MatchProfile.iaaV1)
  /// Whether some pages are measured under the family's other members, too.
  package var spreads = true

  package init(seed: UInt64, kernel: KernelPolicy) {
    self.seed = seed
    self.kernel = kernel
  }
}

/// One source's figures.
package struct SourceEstimate: Sendable {
  package let name: String
  package let strata: [StratumAccount]
}

/// The figures of all sources.
package struct Estimate: Sendable {
  package let options: EstimateOptions
  package let sources: [SourceEstimate]
  package let measured: [Algorithm]
  package let missing: [(algorithm: Algorithm, why: LibraryFailure)]
  package let versions: [Algorithm: String]
  package let times: [Algorithm: PageMeasurer.Time]
  /// The family's other members that some pages were measured under.
  package let members: [String]
  /// Whether it was stopped before all pages of the sample were looked at.
  package let isPartial: Bool
}

package enum Estimator {
  /// Looks at the pages of some sources.
  ///
  /// - Parameters:
  ///   - sources: files and processes, already looked through.
  ///   - options: what to look at, and by which rules.
  ///   - random: what chooses the pages, seeded with the options' seed.
  ///   - clock: processor time of this thread, in nanoseconds.
  ///   - progress: told how many pages of how many were looked at; answers whether to go on.
  /// - Returns: the figures, partial ones where `progress` said no.
  /// - Complexity: O(*s* log *s*) in the sample, and the time of the algorithms.
  package static func estimate(
    _ sources: [any PageSource], _ options: EstimateOptions,
    using random: inout some RandomNumberGenerator, clock: @escaping ProcessorClock,
    progress: (_ done: Int, _ of: Int) -> Bool = { _, _ in true }
  ) -> Estimate {
    let rules = AccountingRules(pageSize: options.pageSize, kernel: options.kernel)
    var accounts = sources.map { $0.strata.map(StratumAccount.init) }
    let places = sources.indices.flatMap { source in
      sources[source].strata.indices.map { (source: source, stratum: $0) }
    }
    let pages = places.map { sources[$0.source].strata[$0.stratum].runs.count }
    let counts = options.sample.map { SamplePlan.counts(of: pages, wanted: $0) } ?? pages
    let all = counts.reduce(0, +)
    // A pipe's pages were chosen when they passed by.
    let isSample = zip(places, counts).contains { place, count in
      count < sources[place.source].strata[place.stratum].count
    }
    var measurer = PageMeasurer(options, pages: all, thins: isSample, clock: clock)
    let chosen = places.indices.map { place in
      SamplePlan.rounds(counts[place], below: pages[place], using: &random)
    }
    var page = [UInt64](repeating: 0, count: options.pageSize / 8)
    var done = 0
    var goesOn = true
    rounds: for round in 0..<SamplePlan.roundCount {
      for (place, (source, stratum)) in places.enumerated() {
        let runs = sources[source].strata[stratum].runs
        for choice in chosen[place][round] {
          if sources[source].read(position: runs[choice.number], into: &page) {
            let sizes = measurer.measure(page, rank: choice.rank, of: counts[place])
            accounts[source][stratum].add(kind: PageKind(page.span), sizes: sizes, rules: rules)
          } else {
            accounts[source][stratum].unread += 1
          }
          done += 1
          if done % 64 == 0 {
            goesOn = progress(done, all)
            if !goesOn { break rounds }
          }
        }
      }
    }
    _ = progress(done, all)
    return Estimate(
      options: options,
      sources: zip(sources, accounts).map { SourceEstimate(name: $0.name, strata: $1) },
      measured: measurer.algorithms, missing: measurer.missing, versions: measurer.versions,
      times: measurer.times, members: measurer.members, isPartial: !goesOn)
  }
}
