// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From sources to figures: which pages are looked at, and in which order.

package import FixedDeflate
package import ParallelGzip

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
  package var profile = (name: MatchProfile.defaultName, rules: MatchProfile.iaaV1)
  /// Whether some pages are measured under the family's other members, too.
  package var spreads = true
  /// The processors to keep busy; the figures are the same with any number of them.
  package var processors = Processors()

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
  /// Whether it was stopped before all pages of the sample were looked at, or a source before its end.
  package let isPartial: Bool
}

package enum Estimator {
  /// Looks at the pages of some sources.
  ///
  /// - Parameters:
  ///   - sources: files and processes, already looked through.
  ///   - options: what to look at, and by which rules.
  ///   - random: what chooses the pages, seeded with the options' seed.
  ///   - clock: processor time of the calling thread, in nanoseconds.
  ///   - progress: told how many pages of how many were looked at, after each 64 and at the end, by one thread
  ///     at a time; answers whether to go on.
  /// - Returns: the figures, partial ones where `progress` said no.
  /// - Complexity: O(*s* log *s*) in the sample, and the time of the algorithms.
  package static func estimate(
    _ sources: [any PageSource], _ options: EstimateOptions,
    using random: inout some RandomNumberGenerator, clock: @escaping ProcessorClock,
    progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Bool = { _, _ in true }
  ) -> Estimate {
    let walk = SampleWalk(sources, wanted: options.sample, using: &random)
    let totals = EstimateTotals(sources, walk, options, progress: progress)
    // Kept open to the end: which libraries there are is asked once, before there are threads.
    let first = PageMeasurer(options, pages: walk.count, thins: walk.isPart, clock: clock)
    OrderedWorkers.run(
      processors: options.processors.count, batchSize: OrderedWorkers.usualBatchSize,
      memory: PageMeasurer.memory, makeBatch: { PageBatch() }
    ) {
      PageWorker(
        sources, walk, totals,
        PageMeasurer(options, pages: walk.count, thins: walk.isPart, clock: clock), options)
    }
    let (accounts, times, isStopped) = totals.end()
    return Estimate(
      options: options,
      sources: zip(sources, accounts).map { SourceEstimate(name: $0.name, strata: $1) },
      measured: first.algorithms, missing: first.missing, versions: first.versions, times: times,
      members: first.members,
      isPartial: isStopped || sources.contains(where: \.wasStopped))
  }
}
